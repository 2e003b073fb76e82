/** How many each broker may have so that all count as even: whole numbers, both ends included. */
export interface Band {
  readonly lo: number;
  readonly hi: number;
}

/**
 * Half of the 10 % by which the fullest and the emptiest broker may differ: each side of the mean has its
 * half.
 */
const HALF_TOLERANCE = 0.05;

/**
 * Within 10 % of the mean, or within one where 10 % is less than one. Nothing is moved inside the band: an
 * exactly even cluster is not worth the copying.
 */
export function evenBand(total: number, brokers: number): Band {
  const mean = total / brokers;
  return {
    lo: Math.min(Math.floor(mean), Math.ceil(mean * (1 - HALF_TOLERANCE))),
    hi: Math.max(Math.ceil(mean), Math.floor(mean * (1 + HALF_TOLERANCE))),
  };
}
