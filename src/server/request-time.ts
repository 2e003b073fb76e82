import type { AnyApi } from '../protocol/api.ts';

/** A quota of the time that requests of clients take (KIP-124). */
export interface RequestTimeQuota {
  /** Whether there is any quota. While there is none, no time is measured. */
  readonly exists: boolean;
  /** Monotonic, in milliseconds and parts of them. */
  now(): number;
  /**
   * Counts so many milliseconds of a client's. Returns for how many it then has to be silent to be within its
   * quota.
   */
  count(client: { readonly principal: string; readonly clientId: string | null }, ms: number): number;
}

/** For a server without quotas. */
export const NO_REQUEST_TIME: RequestTimeQuota = { exists: false, now: () => 0, count: () => 0 };

/**
 * The answer with its throttle time, which stays when it is longer already; as it is where the api has no
 * place for it.
 */
export function throttled(api: AnyApi, answer: unknown, forMs: number): unknown {
  if (forMs === 0 || typeof answer !== 'object' || answer === null) return answer;
  if (!('throttleTimeMs' in api.definition.response.fields)) return answer;
  const told =
    'throttleTimeMs' in answer && typeof answer.throttleTimeMs === 'number' ? answer.throttleTimeMs : 0;
  return { ...answer, throttleTimeMs: Math.max(told, forMs) };
}
