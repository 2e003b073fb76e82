import { beforeEach, describe, expect, test } from 'vitest';
import { Sfc32 } from '../../base/random.ts';
import type { IamDirectory } from './directory.ts';
import { directoryText, parseDirectory } from './directory-file.ts';
import { IAM_MECHANISMS, type IamMechanism, IamSignIn } from './iam-sign-in.ts';
import type { IamRefusal } from './request-proof.ts';
import * as known from './testing/known-identities.ts';
import { bearerMessage, bearerMessageOf, mskIamMessage, type ToSign } from './testing/signed-messages.ts';

/** Every message is signed by AWS's own signer. */

const NOW = Date.parse('2026-11-30T23:59:58Z');
const MINUTE_MS = 60_000;
const BROKER = 'b-1.orders.localhost';
let directory: IamDirectory | null;
let refusals: IamRefusal[];
let denial: string | null;

beforeEach(() => {
  directory = parseDirectory(known.identitiesText());
  refusals = [];
  denial = null;
});

const signIn = new IamSignIn({
  directory: () => directory,
  hosts: new Set([BROKER]),
  now: () => NOW,
  random: new Sfc32(1),
  denial: () => denial,
  refused: (refusal) => refusals.push(refusal),
});

function hostFor(mechanism: IamMechanism): string {
  return mechanism === 'AWS_MSK_IAM' ? BROKER : `kafka.${known.REGION}.amazonaws.com`;
}

function message(mechanism: IamMechanism, differing: Partial<ToSign> = {}): Promise<Buffer> {
  const usual = { ...known.KEY, host: hostFor(mechanism), region: known.REGION, at: NOW };
  return (mechanism === 'AWS_MSK_IAM' ? mskIamMessage : bearerMessage)({ ...usual, ...differing });
}

function who(mechanism: IamMechanism, bytes: Buffer): string {
  const step = signIn.step(mechanism, bytes, '127.0.0.1');
  return 'message' in step ? step.message.replace(/^\[[0-9a-f-]{36}\]/, '[id]') : step.identity.principalArn;
}

describe.each(IAM_MECHANISMS)('by %s', (mechanism) => {
  test('a user signs in with an access key, as long as it exists, is active and the same', async () => {
    const step = signIn.step(mechanism, await message(mechanism), '127.0.0.1');
    expect(step).toMatchObject({
      identity: { principalArn: known.ALICE, identityArn: known.ALICE, sessionPolicy: null },
      credentialsEndAt: null,
    });
    if ('message' in step) throw new Error(step.message);
    const standsWith = (change: (user: UserEntry) => Partial<UserEntry>): boolean => {
      const file = known.identities();
      directory = parseDirectory(
        directoryText({ ...file, users: file.users.map((user) => ({ ...user, ...change(user) })) }),
      );
      return signIn.stands(step);
    };
    const inactive = ({ accessKeys }: UserEntry) => ({
      accessKeys: accessKeys.map((key) => ({ ...key, active: false })),
    });
    const another = ({ accessKeys }: UserEntry) => ({
      accessKeys: accessKeys.map((key) => ({ ...key, secret: 'another secret'.replace(' ', '-') + key.id })),
    });
    expect([
      standsWith(() => ({})),
      standsWith(() => ({ policies: [] })),
      standsWith(inactive),
      standsWith(another),
      standsWith(() => ({ accessKeys: [] })),
      standsWith(() => ({ id: 'AIDACKCEVSQ6C2EXAMPLF' })),
    ]).toEqual([true, true, false, false, false, false]);
    directory = null;
    expect(signIn.stands(step)).toBe(false);
  });

  test('a session of a role signs in until its end, as long as it is the same role', async () => {
    const endsAt = NOW + 20 * MINUTE_MS;
    const step = signIn.step(mechanism, await message(mechanism, known.temporaryKey(endsAt)), '127.0.0.1');
    expect(step).toMatchObject({
      identity: { principalArn: known.NIGHTLY, identityArn: known.READER },
      credentialsEndAt: endsAt,
    });
    if ('message' in step) throw new Error(step.message);
    const file = known.identities();
    const again = file.roles.map((role) => ({ ...role, id: 'AROACKCEVSQ6C2EXAMPLF' }));
    for (const roles of [again, []]) {
      directory = parseDirectory(directoryText({ ...file, roles }));
      expect(signIn.stands(step)).toBe(false);
    }
  });

  const session = known.temporaryKey(NOW + 20 * MINUTE_MS);
  test.each<[string, Partial<ToSign>, string, string?]>([
    ['the secret', { secretAccessKey: `${known.SECRET}x` }, 'wrong-signature'],
    ['the action', { action: 'kafka-cluster:ReadData' }, 'malformed'],
    ['the service', { service: 'kafka' }, 'malformed'],
    ['the region', { region: 'eu-west-1' }, 'wrong-region'],
    ['the host', { host: 'b-2.orders.localhost' }, 'wrong-host'],
    ['a host of the service in another region', { host: 'kafka.eu-west-1.amazonaws.com' }, 'wrong-host'],
    ['a host of another service', { host: `sts.${known.REGION}.amazonaws.com` }, 'wrong-host'],
    ['a key that there is not', { accessKeyId: 'AKIAIOSFODNN7EXAMPLF' }, 'unknown-key'],
    ['an inactive key', known.INACTIVE_KEY, 'inactive-key'],
    ['a token beside a long-lived key', { sessionToken: session.sessionToken }, 'bad-session-token'],
    ['a temporary key without its token', { ...known.KEY, accessKeyId: session.accessKeyId }, 'unknown-key'],
    [
      'the token of another session',
      { ...known.temporaryKey(NOW + 1e7), accessKeyId: 'ASIAIOSFODNN7EXAMPLF' },
      'bad-session-token',
    ],
    ['the secret of a session', { ...session, secretAccessKey: known.SECRET }, 'wrong-signature'],
    [
      'a role that is not there',
      known.temporaryKey(NOW + 1e7, { identityArn: `${known.READER}s` }),
      'unknown-identity',
    ],
    [
      'a role that was made again',
      known.temporaryKey(NOW + 1e7, { identityId: 'AROACKCEVSQ6C2EXAMPLF' }),
      'unknown-identity',
    ],
    ['a session that is over', known.temporaryKey(NOW), 'expired'],
    [
      'a session that is nearly over',
      known.temporaryKey(NOW + 9_999),
      'session-too-short',
      'Session too short',
    ],
    ['a request of long ago', { at: NOW - 15 * MINUTE_MS }, 'expired'],
    ['a short request of just now', { at: NOW - 10_000, expiresIn: 10 }, 'expired'],
    ['a request of tomorrow', { at: NOW + 15 * MINUTE_MS + 1000 }, 'not-yet-valid'],
    ['a request for too long', { expiresIn: 901 }, 'malformed'],
  ])('nobody signs in with something else: %s', async (_, differing, reason, told = 'Access denied') => {
    const bytes = await message(mechanism, differing);
    expect(who(mechanism, bytes)).toBe(`[id]: ${told}`);
    expect(refusals.map((refusal) => refusal.reason)).toEqual([reason]);
    expect(refusals[0]?.detail).not.toContain(known.SECRET);
  });

  test.each<[string, Partial<ToSign>]>([
    ['behind', { at: NOW - 15 * MINUTE_MS + 1000 }],
    ['ahead', { at: NOW + 15 * MINUTE_MS }],
  ])('a clock may be a quarter of an hour %s', async (_, differing) => {
    expect(who(mechanism, await message(mechanism, differing))).toBe(known.ALICE);
  });

  test('who may not connect by its policies is denied, and the log is told by which', async () => {
    denial = 'no statement allows kafka-cluster:Connect';
    expect(who(mechanism, await message(mechanism))).toBe('[id]: Access denied');
    expect(refusals).toMatchObject([{ reason: 'denied-by-policy', detail: denial }]);
  });

  test('nobody signs in without a directory', async () => {
    directory = null;
    expect(who(mechanism, await message(mechanism))).toBe('[id]: Access denied');
    expect(refusals).toMatchObject([{ reason: 'no-directory' }]);
  });

  test('one changed bit of the message never makes it somebody else', async () => {
    const bytes = await message(mechanism, session);
    const others = new Set<string>();
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      others.add(who(mechanism, changed));
    }
    // Some bits mean nothing: those of the user agent, and upper case of the host.
    expect([...others].sort()).toEqual(['[id]: Access denied', known.NIGHTLY]);
  });
});

type UserEntry = ReturnType<typeof known.identities>['users'][number];

test('AWS_MSK_IAM is answered with the version and an id alone', async () => {
  const step = signIn.step('AWS_MSK_IAM', await message('AWS_MSK_IAM'), '127.0.0.1');
  const reply: unknown = JSON.parse('reply' in step ? String(step.reply) : '{}');
  expect(reply).toEqual({
    version: '2020_10_22',
    'request-id': expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  });
});

test('the expiry of AWS_MSK_IAM may be a number of JSON, and the host in upper case', async () => {
  const text = String(await message('AWS_MSK_IAM'));
  const asNumber = text.replace('"900"', '900').replace(`"${BROKER}"`, `"${BROKER.toUpperCase()}"`);
  expect(asNumber).not.toBe(text);
  expect(who('AWS_MSK_IAM', Buffer.from(asNumber))).toBe(known.ALICE);
});

test.each<[string, (text: string) => string]>([
  ['a member twice', (text) => text.replace('{', `{"host":"${BROKER}",`)],
  ['a member twice in another spelling', (text) => text.replace('{', `{"h\\u006fst":"${BROKER}",`)],
  ['an unknown member', (text) => text.replace('{', '{"x-amz-other":"1",')],
  ['another version', (text) => text.replace('2020_10_22', '2020_10_23')],
  ['an object in it', (text) => text.replace('"test"', '{}')],
  ['a second object', (text) => `${text}${text}`],
  ['a list', (text) => `[${text}]`],
  ['a comma too many', (text) => text.replace('}', ',}')],
  ['nothing', () => ''],
  ['half of it', (text) => text.slice(0, text.length / 2)],
  ['a lone surrogate for a token', (text) => text.replace('{', '{"x-amz-security-token":"\\ud800",')],
  ['more than a message has', (text) => text.replace('"test"', `"${'t'.repeat(33_000)}"`)],
])('AWS_MSK_IAM takes no message with %s', async (_, change) => {
  const changed = change(String(await message('AWS_MSK_IAM')));
  expect(who('AWS_MSK_IAM', Buffer.from(changed))).toBe('[id]: Access denied');
  expect(refusals).toMatchObject([{ reason: 'malformed' }]);
});

const TOKEN = /Bearer ([\w-]+)/;
const withUrl = (text: string, change: (url: string) => string): string =>
  String(bearerMessageOf(change(Buffer.from(TOKEN.exec(text)?.[1] ?? '', 'base64url').toString())));

test.each<[string, (text: string) => string]>([
  ['an authorization id', (text) => text.replace('n,,', 'n,a=alice,')],
  ['channel binding', (text) => text.replace('n,,', 'p=tls-unique,,')],
  ['two tokens', (text) => text.replace('\u0001\u0001', `\u0001${text.slice(4)}`)],
  ['another scheme', (text) => text.replace('Bearer', 'Basic')],
  ['a token of JWT', (text) => text.replace(TOKEN, 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.')],
  ['bytes after it', (text) => `${text}x`],
  ['a URL without encryption', (text) => withUrl(text, (url) => url.replace('https', 'http'))],
  ['a URL with a path', (text) => withUrl(text, (url) => url.replace('/?', '/x?'))],
  ['a URL with a port', (text) => withUrl(text, (url) => url.replace('.com/', '.com:443/'))],
  ['a URL with a user', (text) => withUrl(text, (url) => url.replace('//', '//alice@'))],
  ['a parameter twice', (text) => withUrl(text, (url) => `${url}&X-Amz-Expires=900`)],
  ['an unknown parameter', (text) => withUrl(text, (url) => `${url}&Other=1`)],
  ['a wrong escape', (text) => withUrl(text, (url) => url.replace('%3A', '%3'))],
  ['more than a message has', (text) => withUrl(text, (url) => `${url}${'x'.repeat(33_000)}`)],
])('OAUTHBEARER takes no message with %s', async (_, change) => {
  const changed = change(String(await message('OAUTHBEARER')));
  expect(who('OAUTHBEARER', Buffer.from(changed))).toBe('[id]: Access denied');
  expect(refusals).toMatchObject([{ reason: 'malformed' }]);
});

test('extensions beside a bearer token mean nothing', async () => {
  const text = String(await message('OAUTHBEARER')).replace('\u0001\u0001', '\u0001traceId=1\u0001\u0001');
  expect(who('OAUTHBEARER', Buffer.from(text))).toBe(known.ALICE);
});
