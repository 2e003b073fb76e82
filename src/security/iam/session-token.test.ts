import { expect, test } from 'vitest';
import { Sfc32 } from '../../base/random.ts';
import { openSessionToken, sealSessionToken, type TemporaryCredentials } from './session-token.ts';

const KEY = Buffer.alloc(32, 7);
const random = new Sfc32(1);
const SESSION: TemporaryCredentials = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  principalArn: 'arn:aws:sts::123456789012:assumed-role/reader/nightly',
  identityArn: 'arn:aws:iam::123456789012:role/reader',
  identityId: 'AROACKCEVSQ6C2EXAMPLE',
  expiresAt: 1_800_000_000_000,
  sessionPolicy: '{"Version":"2012-10-17","Statement":[{"Sid":"é"}]}',
};

test.each([SESSION.sessionPolicy, null])('a session is opened as it was sealed', (sessionPolicy) => {
  const session = { ...SESSION, sessionPolicy };
  expect(openSessionToken(sealSessionToken(session, KEY, random), KEY)).toEqual(session);
});

test('the token tells nothing of what is in it', () => {
  const token = sealSessionToken(SESSION, KEY, random);
  const bytes = Buffer.from(token, 'base64url').toString('latin1');
  expect([SESSION.secret, 'reader', 'ASIA'].filter((word) => bytes.includes(word))).toEqual([]);
  expect(sealSessionToken(SESSION, KEY, random)).not.toBe(token);
});

test('a token with one changed bit, of another key, cut or longer, is none', () => {
  const token = sealSessionToken(SESSION, KEY, random);
  const bytes = Buffer.from(token, 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(openSessionToken(changed.toString('base64url'), KEY)).toBeNull();
  }
  for (let length = 0; length < token.length; length++)
    expect(openSessionToken(token.slice(0, length), KEY)).toBeNull();
  const others = [`${token}A`, `${token}=`, `${token}\n`, ` ${token}`, token.repeat(100)];
  expect(others.map((other) => openSessionToken(other, KEY))).toEqual(others.map(() => null));
  expect(openSessionToken(token, Buffer.alloc(32, 8))).toBeNull();
});
