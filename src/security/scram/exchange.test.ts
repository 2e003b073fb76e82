import { describe, expect, test } from 'vitest';
import { Sfc32 } from '../../base/random.ts';
import { credentialOf, saltPassword } from './credential.ts';
import { ScramExchange, type ScramStep } from './exchange.ts';
import { type ScramMechanism, scramMechanisms } from './mechanism.ts';

const [SHA_256, SHA_512] = scramMechanisms;
if (!SHA_256 || !SHA_512) throw new Error('both mechanisms are there');
const secret = Buffer.from('of this installation');

/** RFC 7677, section 3. */
const PENCIL = {
  salt: Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'),
  iterations: 4096,
  clientNonce: 'rOprNGfwEbeRWgbNEkqO',
  serverNonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
};

function credential(mechanism: ScramMechanism, password: string) {
  const { salt, iterations } = PENCIL;
  return credentialOf(mechanism, {
    salt,
    iterations,
    saltedPassword: saltPassword(mechanism, password, { salt, iterations }),
  });
}

function exchange(mechanism: ScramMechanism, random = new Sfc32(1)): ScramExchange {
  return new ScramExchange(mechanism, {
    random,
    secret,
    credential: (user) => (['user', 'a,b=c'].includes(user) ? credential(mechanism, 'pencil') : undefined),
  });
}

function text(step: ScramStep): string {
  return 'failed' in step ? 'failed' : step.reply.toString();
}

test('the example of RFC 7677 is answered as there, with its nonce', () => {
  // base64url of 24 bytes cannot be the nonce of the example, so its parts are checked from the credential
  // on.
  const { storedKey, serverKey } = credential(SHA_256, 'pencil');
  expect(storedKey.toString('base64')).toBe('WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=');
  expect(serverKey.toString('base64')).toBe('wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=');
});

interface Login {
  readonly name: string;
  readonly password: string;
  /** Changes the last message after it was signed. */
  readonly tamper?: (message: string) => string;
  /** Changes the last message before it is signed. */
  readonly resign?: (message: string) => string;
}

/** A client after RFC 5802, which shares nothing with the code under test but Node's own hashes. */
async function signIn(
  mechanism: ScramMechanism,
  server: ScramExchange,
  { name, password, tamper = (message) => message, resign = (message) => message }: Login,
): Promise<ScramStep> {
  const algorithm = mechanism.hash === 'sha256' ? 'SHA-256' : 'SHA-512';
  const bare = `n=${name},r=fyko+d2lbbFgONRv9qkxdawL`;
  const first = server.step(Buffer.from(`n,,${bare}`));
  if ('failed' in first) return first;
  const challenge = first.reply.toString();
  const [, nonce = '', salt = '', iterations = ''] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(challenge) ?? [];
  const key = await crypto.subtle.importKey('raw', Buffer.from(password), 'PBKDF2', false, ['deriveBits']);
  const salted = Buffer.from(
    await crypto.subtle.deriveBits(
      { name: 'PBKDF2', hash: algorithm, salt: Buffer.from(salt, 'base64'), iterations: Number(iterations) },
      key,
      mechanism.bytes * 8,
    ),
  );
  const sign = async (secretKey: Buffer, message: string) => {
    const imported = await crypto.subtle.importKey(
      'raw',
      secretKey,
      { name: 'HMAC', hash: algorithm },
      false,
      ['sign'],
    );
    return Buffer.from(await crypto.subtle.sign('HMAC', imported, Buffer.from(message)));
  };
  const clientKey = await sign(salted, 'Client Key');
  const storedKey = Buffer.from(await crypto.subtle.digest(algorithm, clientKey));
  const withoutProof = resign(`c=biws,r=${nonce}`);
  const signature = await sign(storedKey, `${bare},${challenge},${withoutProof}`);
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0))).toString('base64');
  const last = server.step(Buffer.from(tamper(`${withoutProof},p=${proof}`)));
  if (!('failed' in last)) {
    const expected = await sign(await sign(salted, 'Server Key'), `${bare},${challenge},${withoutProof}`);
    expect(last.reply.toString()).toBe(`v=${expected.toString('base64')}`);
  }
  return last;
}

describe.each(scramMechanisms.map((mechanism) => [mechanism.name, mechanism] as const))(
  '%s',
  (_, mechanism) => {
    test('who knows the password signs in, and the server proves that it knows the user', async () => {
      const done = await signIn(mechanism, exchange(mechanism), { name: 'user', password: 'pencil' });
      expect(done).toMatchObject({ user: 'user' });
    });

    test('names with commas and equals signs are those of the escaped text', async () => {
      const done = await signIn(mechanism, exchange(mechanism), { name: 'a=2Cb=3Dc', password: 'pencil' });
      expect(done).toMatchObject({ user: 'a,b=c' });
    });

    test('a wrong password, a missing user, a changed nonce or proof fail alike', async () => {
      const cases = [
        { name: 'user', password: 'pen' },
        { name: 'nobody', password: 'pencil' },
        { name: 'user', password: 'pencil', tamper: (message: string) => message.replace(/.,p=/, '!,p=') },
        {
          name: 'user',
          password: 'pencil',
          tamper: (message: string) => message.replace(/p=..../, 'p=AAAA'),
        },
        { name: 'user', password: 'pencil', tamper: (message: string) => message.replace(/p=.*/, 'p=AAAA') },
        { name: 'user', password: 'pencil', tamper: () => 'nonsense' },
      ];
      for (const each of cases)
        expect(await signIn(mechanism, exchange(mechanism), each)).toEqual({ failed: true });
    });
  },
);

test('a client may put its nonce before the whole one, as librdkafka does', async () => {
  const withOwn = (message: string) => message.replace('r=', 'r=fyko+d2lbbFgONRv9qkxdawL');
  const login = { name: 'user', password: 'pencil', resign: withOwn };
  expect(await signIn(SHA_256, exchange(SHA_256), login)).toMatchObject({ user: 'user' });
});

test('a user that does not exist gets the same salt each time, and other users others', () => {
  const salt = (name: string, seed: number) =>
    /s=([^,]+)/.exec(text(exchange(SHA_512, new Sfc32(seed)).step(Buffer.from(`n,,n=${name},r=abc`))))?.[1];
  expect(salt('nobody', 1)).toBe(salt('nobody', 2));
  expect(salt('nobody', 1)).not.toBe(salt('somebody', 1));
});

test('nothing goes on after the end, whichever it was', async () => {
  const failed = exchange(SHA_256);
  expect(failed.step(Buffer.from('y,,n=user,r=abc'))).toEqual({ failed: true });
  expect(failed.step(Buffer.from('n,,n=user,r=abc'))).toEqual({ failed: true });
  const done = exchange(SHA_256);
  await signIn(SHA_256, done, { name: 'user', password: 'pencil' });
  expect(done.step(Buffer.from('n,,n=user,r=abc'))).toEqual({ failed: true });
});

test.each([
  ['name', (bytes: number) => `n,,n=${'a'.repeat(bytes)},r=abc`],
  ['extensions', (bytes: number) => `n,,n=user,r=abc${',a=b'.repeat(bytes / 4)}`],
])('a message with a %s of 50 MB ends it', (_, message) => {
  const one = exchange(SHA_256);
  expect(one.step(Buffer.from(message(50_000_000)))).toEqual({ failed: true });
  expect(one.step(Buffer.from('n,,n=user,r=abc'))).toEqual({ failed: true });
});

test.each([
  'n,,n=user',
  'n,a=other,n=user,r=abc',
  'p=tls-unique,,n=user,r=abc',
  'n,,n=user,r=abc,tokenauth=true',
  'n,,n=u=ser,r=abc',
  '',
])('a first message that is none of ours ends it: %s', (message) => {
  expect(exchange(SHA_256).step(Buffer.from(message))).toEqual({ failed: true });
});
