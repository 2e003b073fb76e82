/** So many requests at least: a machine that stands still for the time of a run would send none. */
export const LEAST_REQUESTS = 101;

/** Whether a run that begins now, and has sent so many requests, is over. */
export function endsAfter(durationMs: number): (requests: number) => boolean {
  const endsAt = performance.now() + durationMs;
  return (requests) => performance.now() >= endsAt && requests >= LEAST_REQUESTS;
}
