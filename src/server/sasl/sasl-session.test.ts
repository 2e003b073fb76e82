import { beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../../test/coordinator/manual-clock.ts';
import { Sfc32 } from '../../base/random.ts';
import { apiByKey } from '../../protocol/apis.ts';
import { saslHandshake } from '../../protocol/messages/17-sasl-handshake.ts';
import { apiVersions } from '../../protocol/messages/18-api-versions.ts';
import { saslAuthenticate } from '../../protocol/messages/36-sasl-authenticate.ts';
import { ScramClient } from '../../security/scram/client.ts';
import { credentialOf, saltPassword } from '../../security/scram/credential.ts';
import { type ScramMechanism, scramMechanisms } from '../../security/scram/mechanism.ts';
import { type SaslAnswer, SaslSession } from './sasl-session.ts';

/** KIP-152 and KIP-368, in the words of Kafka's SaslServerAuthenticator and KafkaChannel. */

const SESSION_MS = 10_000;
const DELAY_MS = 100;
const random = new Sfc32(1);
const [WEAK, STRONG] = scramMechanisms;
const ITERATIONS = 4096;
let clock: ManualClock;

beforeEach(() => {
  clock = new ManualClock();
});

const salted = (mechanism: ScramMechanism, user: string, salt: Buffer, iterations: number) =>
  saltPassword(mechanism, `of ${user}`, { salt, iterations });

function session(maxReauthMs = SESSION_MS): SaslSession {
  return new SaslSession(
    { clock, random },
    {
      mechanisms: scramMechanisms.map(({ name }) => name),
      credential: (mechanism, user) => {
        if (!['alice', 'bob'].includes(user)) return undefined;
        const salt = Buffer.from(`salt of ${user}`);
        const saltedPassword = salted(mechanism, user, salt, ITERATIONS);
        return credentialOf(mechanism, { salt, iterations: ITERATIONS, saltedPassword });
      },
      secret: () => Buffer.from('secret'),
      requestBytesMax: 1000,
      maxReauthMs,
      failureDelayMs: DELAY_MS,
    },
    '127.0.0.1',
  );
}

/** The answer to the last message that was needed, the failed ones after their delay. */
async function signIn(one: SaslSession, user = 'alice', mechanism = STRONG): Promise<SaslAnswer> {
  if (!mechanism) throw new Error('no mechanism');
  expect(one.handshake(mechanism.name, false)).toBe(null);
  const saltedPassword = (salt: Buffer, iterations: number) => salted(mechanism, user, salt, iterations);
  const client = new ScramClient(mechanism, { user, saltedPassword }, random);
  const first = await one.authenticate(client.first());
  if ('error' in first) return first;
  const last = one.authenticate(client.proof(first.authBytes));
  await clock.advance(DELAY_MS);
  return last;
}

const errorOf = (answer: SaslAnswer) => ('error' in answer ? `${answer.error}: ${answer.message}` : 'none');
const METADATA = 3;
const SIGN_IN = [saslHandshake.key, saslAuthenticate.key];

test('before the sign-in nothing is looked at but the versions and the sign-in itself', async () => {
  const one = session();
  const admitted = () =>
    Array.from({ length: 100 }, (_, key) => key).filter((key) => apiByKey(key) && one.admits(key));
  expect(admitted()).toEqual([saslHandshake.key, apiVersions.key]);
  one.handshake('SCRAM-SHA-512', false);
  expect(admitted()).toEqual([saslAuthenticate.key]);
});

test.each(['PLAIN', 'OAUTHBEARER', 'GSSAPI', 'scram-sha-512', ''])(
  'the mechanism "%s" is refused by name',
  (name) => {
    const one = session();
    expect(one.handshake(name, false)).toBe('UNSUPPORTED_SASL_MECHANISM');
    expect(one.isOver).toBe(true);
  },
);

test('a delegation token is no password', async () => {
  const one = session();
  one.handshake('SCRAM-SHA-512', false);
  const answer = one.authenticate(Buffer.from('n,,n=alice,r=abcdefgh,tokenauth=true'));
  await clock.advance(DELAY_MS);
  expect(errorOf(await answer)).toMatch(/^SASL_AUTHENTICATION_FAILED/);
  expect(one.principal).toBe(null);
});

describe('a session that ends', () => {
  test('is told how long it lasts, and serves nothing after it but another sign-in', async () => {
    const one = session();
    expect(await signIn(one)).toMatchObject({ sessionLifetimeMs: SESSION_MS });
    expect(one.principal).toBe('User:alice');
    await clock.advance(SESSION_MS - DELAY_MS - 1);
    expect(one.admits(METADATA)).toBe(true);
    await clock.advance(DELAY_MS + 1);
    expect([METADATA, apiVersions.key, ...SIGN_IN].map((key) => one.admits(key))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(await signIn(one)).toMatchObject({ sessionLifetimeMs: SESSION_MS });
    expect(one.admits(METADATA)).toBe(true);
  });

  test('is renewed before its end, while nothing else is served', async () => {
    const one = session();
    await signIn(one);
    await clock.advance(5000);
    one.handshake('SCRAM-SHA-512', false);
    expect([METADATA, saslAuthenticate.key].map((key) => one.admits(key))).toEqual([false, true]);
  });

  test('stays that of its principal', async () => {
    const one = session();
    await signIn(one);
    await clock.advance(5000);
    expect(errorOf(await signIn(one, 'bob'))).toBe(
      'SASL_AUTHENTICATION_FAILED: Cannot change principals during re-authentication from User.alice: User.bob',
    );
    expect([one.isOver, one.principal, one.admits(METADATA)]).toEqual([true, 'User:alice', false]);
  });

  test('stays that of its mechanism', async () => {
    const one = session();
    await signIn(one);
    await clock.advance(5000);
    expect(errorOf(await signIn(one, 'alice', WEAK))).toBe(
      "SASL_AUTHENTICATION_FAILED: SASL mechanism 'SCRAM-SHA-256' requested by client is not supported for re-authentication of mechanism 'SCRAM-SHA-512'",
    );
    expect(one.isOver).toBe(true);
  });

  test('is over when the password is not the one of the user any more', async () => {
    const one = session();
    await signIn(one);
    await clock.advance(5000);
    expect(errorOf(await signIn(one, 'mallory'))).toMatch(
      /during re-authentication due to invalid credentials/,
    );
    expect(one.admits(METADATA)).toBe(false);
  });

  test('is not renewed twice within a second, and goes on', async () => {
    const one = session();
    await signIn(one);
    await clock.advance(5000);
    await signIn(one);
    expect(one.handshake('SCRAM-SHA-512', false)).toBe('ILLEGAL_SASL_STATE');
    expect([one.isOver, one.admits(METADATA)]).toEqual([false, true]);
    await clock.advance(1000);
    expect(one.handshake('SCRAM-SHA-512', false)).toBe(null);
  });
});

describe('a session by IAM', () => {
  const [ARN, OTHER] = [
    'arn:aws:sts::123456789012:assumed-role/a/one',
    'arn:aws:sts::123456789012:assumed-role/a/two',
  ];
  const RENEWED_MS = 60_000;
  let stands = true;

  /** Whoever says its ARN and for how many milliseconds its credentials are good is let in. */
  function iamSession(maxReauthMs: number): SaslSession {
    const iam = {
      step: (_: string, message: Buffer) => {
        const [principalArn = '', left = ''] = String(message).split(' ');
        if (principalArn === '') return { message: '[id]: Access denied' };
        return {
          identity: { principalArn, identityArn: principalArn, sessionPolicy: null },
          credentialsEndAt: left === '' ? null : clock.now() + Number(left),
          stands: () => stands,
          reply: Buffer.from('hello'),
        };
      },
      stands: () => stands,
    };
    return new SaslSession(
      { clock, random },
      {
        mechanisms: ['AWS_MSK_IAM', 'OAUTHBEARER'],
        credential: () => undefined,
        secret: () => Buffer.from('secret'),
        iam,
        requestBytesMax: 1000,
        maxReauthMs,
        failureDelayMs: DELAY_MS,
      },
      '127.0.0.1',
    );
  }

  async function say(one: SaslSession, text: string, mechanism = 'AWS_MSK_IAM'): Promise<SaslAnswer> {
    expect(one.handshake(mechanism, false)).toBe(null);
    const answer = one.authenticate(Buffer.from(text));
    await clock.advance(DELAY_MS);
    return answer;
  }

  test.each([
    ['ends with the credentials', `${ARN} 900000`, 0, 900_000],
    ['ends with connections.max.reauth.ms where that is sooner', `${ARN} 900000`, 5000, 5000],
    ['of a long-lived key has no end but that of connections.max.reauth.ms', ARN, 5000, 5000],
    ['of a long-lived key has no end', ARN, 0, 0],
  ])('%s', async (_, text, maxReauthMs, sessionLifetimeMs) => {
    const one = iamSession(maxReauthMs);
    expect(await say(one, text)).toMatchObject({ sessionLifetimeMs });
    await clock.advance(sessionLifetimeMs - DELAY_MS - 1);
    expect(one.admits(METADATA)).toBe(true);
    await clock.advance(2);
    expect(one.admits(METADATA)).toBe(sessionLifetimeMs === 0);
  });

  test('is of the principal of IAM, and stays so when it is renewed with newer credentials', async () => {
    const one = iamSession(0);
    await say(one, `${ARN} 100000`);
    await clock.advance(RENEWED_MS);
    expect(await say(one, `${ARN} 200000`)).toMatchObject({ sessionLifetimeMs: 200_000 });
    expect([one.principal, one.iam?.principalArn]).toEqual([`IAM:${ARN}`, ARN]);
    await clock.advance(RENEWED_MS);
    expect(one.admits(METADATA)).toBe(true);
    expect(errorOf(await say(one, `${OTHER} 200000`))).toBe(
      `SASL_AUTHENTICATION_FAILED: Cannot change principals during re-authentication from IAM.${ARN}: IAM.${OTHER}`,
    );
    expect(one.isOver).toBe(true);
  });

  test('is over with what it is told when it cannot be renewed, and cannot be by the other mechanism', async () => {
    const refused = iamSession(0);
    await say(refused, `${ARN} 100000`);
    await clock.advance(RENEWED_MS);
    expect(errorOf(await say(refused, ''))).toBe('SASL_AUTHENTICATION_FAILED: [id]: Access denied');
    expect(refused.isOver).toBe(true);
    const changed = iamSession(0);
    await say(changed, `${ARN} 100000`);
    await clock.advance(RENEWED_MS);
    expect(errorOf(await say(changed, `${ARN} 100000`, 'OAUTHBEARER'))).toMatch(
      /'OAUTHBEARER' requested by client is not supported for re-authentication of mechanism 'AWS_MSK_IAM'/,
    );
  });

  test('has lapsed when its key, user or role is not there any more', async () => {
    stands = true;
    const one = iamSession(0);
    expect(one.hasLapsed).toBe(false);
    await say(one, ARN);
    expect(one.hasLapsed).toBe(false);
    stands = false;
    expect(one.hasLapsed).toBe(true);
  });

  test('is not begun on a listener without IAM, nor SCRAM on one for it', () => {
    expect(session().handshake('AWS_MSK_IAM', false)).toBe('UNSUPPORTED_SASL_MECHANISM');
    expect(iamSession(0).handshake('SCRAM-SHA-512', false)).toBe('UNSUPPORTED_SASL_MECHANISM');
  });
});

test('a session without an end is not renewed, and whoever tries it goes on', async () => {
  const one = session(0);
  expect(await signIn(one)).toMatchObject({ sessionLifetimeMs: 0 });
  expect(one.handshake('SCRAM-SHA-512', false)).toBe('ILLEGAL_SASL_STATE');
  expect(errorOf(await one.authenticate(Buffer.from('x')))).toBe(
    'ILLEGAL_SASL_STATE: SaslAuthenticate request received after successful authentication',
  );
  expect([one.isOver, one.admits(METADATA)]).toEqual([false, true]);
});
