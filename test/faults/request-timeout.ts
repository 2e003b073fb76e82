/**
 * request.timeout.ms of the producers: how long they wait for a silent broker, and how long a broker waits
 * for its followers.
 */
export const REQUEST_TIMEOUT_MS = 2000;
