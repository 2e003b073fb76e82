import { expect, test } from 'vitest';
import { errorName } from '../../protocol/errors.ts';
import { createDelegationToken } from '../../protocol/messages/38-create-delegation-token.ts';
import { renewDelegationToken } from '../../protocol/messages/39-renew-delegation-token.ts';
import { expireDelegationToken } from '../../protocol/messages/40-expire-delegation-token.ts';
import { describeDelegationToken } from '../../protocol/messages/41-describe-delegation-token.ts';
import { ask } from '../testing/three-brokers.ts';
import { createDelegationTokenHandler } from './38-create-delegation-token.ts';
import { renewDelegationTokenHandler } from './39-renew-delegation-token.ts';
import { expireDelegationTokenHandler } from './40-expire-delegation-token.ts';
import { describeDelegationTokenHandler } from './41-describe-delegation-token.ts';

const hmac = Buffer.from('hmac');
const refusalOf = ({ errorCode }: { readonly errorCode: number }) => errorName(errorCode);

function create(
  principal: string,
  asked: { owner?: string; renewerType?: string },
  authorize: () => boolean = () => true,
) {
  return ask(createDelegationToken, createDelegationTokenHandler, null, {
    version: 3,
    request: {
      ownerPrincipalType: asked.owner === undefined ? null : 'User',
      ownerPrincipalName: asked.owner ?? null,
      renewers: [{ principalType: asked.renewerType ?? 'User', principalName: 'carol' }],
      maxLifetimeMs: -1n,
    },
    principal,
    authorize,
  });
}

// KafkaApis.allowTokenRequests and DelegationTokenControlManager of Apache Kafka 4.3.1.
test('delegation tokens are off, and whoever did not sign in may not even ask', async () => {
  for (const [principal, error] of [
    ['User:ANONYMOUS', 'DELEGATION_TOKEN_REQUEST_NOT_ALLOWED'],
    ['User:alice', 'DELEGATION_TOKEN_AUTH_DISABLED'],
  ] as const) {
    const version = 2;
    const renew = { version, request: { hmac, renewPeriodMs: 1n }, principal };
    const expire = { version, request: { hmac, expiryTimePeriodMs: 1n }, principal };
    const describe = { version, request: { owners: null }, principal };
    expect(
      [
        await create(principal, {}),
        await ask(renewDelegationToken, renewDelegationTokenHandler, null, renew),
        await ask(expireDelegationToken, expireDelegationTokenHandler, null, expire),
        await ask(describeDelegationToken, describeDelegationTokenHandler, null, describe),
      ].map(refusalOf),
    ).toEqual([error, error, error, error]);
  }
});

test('a token for somebody else needs a right, and a renewer that is no user is refused first', async () => {
  const [self, other] = [await create('User:alice', {}), await create('User:alice', { owner: 'bob' })];
  expect([self.principalName, other.principalName]).toEqual(['alice', 'bob']);
  expect([self, other].map((one) => one.tokenRequesterPrincipalName)).toEqual(['alice', 'alice']);
  expect(refusalOf(await create('User:alice', { owner: 'bob' }, () => false))).toBe(
    'DELEGATION_TOKEN_AUTHORIZATION_FAILED',
  );
  expect(refusalOf(await create('User:alice', { renewerType: 'Group' }))).toBe('INVALID_PRINCIPAL_TYPE');
});
