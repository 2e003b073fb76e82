import type { ServerLimits } from './limits.ts';
import type { Origin } from './origin.ts';
import type { SaslSession } from './sasl/sasl-session.ts';

/**
 * A client that has not signed in may not send large frames, and neither may one that is signing in again:
 * what it sends next is a message of the mechanism.
 */
export function requestBytesMax(limits: ServerLimits, origin: Origin): number {
  const { sasl } = origin;
  if (sasl === null || (hasSignedIn(sasl) && !sasl.isUnderWay)) return limits.requestBytesMax;
  return Math.min(limits.requestBytesMax, sasl.requestBytesMax);
}

/** A client that must sign in before it asks for anything else. */
export function isStranger({ listener, sasl }: Origin): boolean {
  return listener === 'client' && sasl !== null && !hasSignedIn(sasl);
}

/** Or need not. */
function hasSignedIn({ isOptional, principal }: SaslSession): boolean {
  return isOptional || principal !== null;
}
