import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from './limits.ts';
import type { Origin } from './origin.ts';
import type { SaslSession } from './sasl/sasl-session.ts';
import { requestBytesMax } from './strangers.ts';

const OF_SIGN_IN = 1000;

function mostBytes(session: Pick<SaslSession, 'isOptional' | 'principal' | 'isUnderWay'> | null): number {
  const sasl = session && { ...session, requestBytesMax: OF_SIGN_IN };
  return requestBytesMax(DEFAULT_LIMITS, { sasl } as Origin);
}

test.each([
  ['before its sign-in', { principal: null, isUnderWay: false }, OF_SIGN_IN],
  ['during its sign-in', { principal: null, isUnderWay: true }, OF_SIGN_IN],
  ['after its sign-in', { principal: 'User:alice', isUnderWay: false }, DEFAULT_LIMITS.requestBytesMax],
  // KIP-368: Kafka's limit is one of the authenticator, the first time and each time after it.
  ['while it signs in again', { principal: 'User:alice', isUnderWay: true }, OF_SIGN_IN],
])('what a client may send %s', (_, session, expected) => {
  expect(mostBytes({ ...session, isOptional: false })).toBe(expected);
});

test('nobody signs in, and nothing of it is limited', () => {
  expect(mostBytes(null)).toBe(DEFAULT_LIMITS.requestBytesMax);
});
