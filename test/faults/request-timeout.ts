/**
 * request.timeout.ms of the producers: so long one waits for a broker that is silent, and a broker for its
 * followers.
 */
export const REQUEST_TIMEOUT_MS = 2000;
