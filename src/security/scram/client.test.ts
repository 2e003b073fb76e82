import { expect, test } from 'vitest';
import { Sfc32 } from '../../base/random.ts';
import { ScramClient, ScramError } from './client.ts';
import { credentialOf, saltPassword } from './credential.ts';
import { ScramExchange } from './exchange.ts';
import { type ScramMechanism, scramMechanisms } from './mechanism.ts';

const salt = Buffer.from('a salt of this test');

function credential(mechanism: ScramMechanism, password: string) {
  const saltedPassword = saltPassword(mechanism, password, { salt, iterations: 4096 });
  return credentialOf(mechanism, { salt, iterations: 4096, saltedPassword });
}

/** What becomes of one sign-in; the server's messages may be changed on their way. */
function signIn(
  mechanism: ScramMechanism,
  options: { password?: string; first?: (text: string) => string; final?: (text: string) => string } = {},
): string {
  const { password = 'pencil', first = (text) => text, final = (text) => text } = options;
  const server = new ScramExchange(mechanism, {
    random: new Sfc32(1),
    secret: Buffer.from('x'),
    credential: (user) => (user === 'node' ? credential(mechanism, 'pencil') : undefined),
  });
  const saltedPassword = (theirs: Buffer, iterations: number) =>
    saltPassword(mechanism, password, { salt: theirs, iterations });
  const client = new ScramClient(mechanism, { user: 'node', saltedPassword }, new Sfc32(2));
  const challenge = server.step(client.first());
  if ('failed' in challenge) return 'the server refused the first message';
  try {
    const answer = server.step(client.proof(Buffer.from(first(challenge.reply.toString()))));
    if ('failed' in answer) return 'the server refused the proof';
    client.verify(Buffer.from(final(answer.reply.toString())));
    return `in as ${answer.user}`;
  } catch (error) {
    expect(error).toBeInstanceOf(ScramError);
    return error instanceof Error ? error.message : '';
  }
}

const NO_PROOF = 'the server does not prove that it knows the secret';
const NO_SCRAM = 'the first message of the server is none of SCRAM';

test.each(scramMechanisms)('$name: both sides prove that they know the password', (mechanism) => {
  expect(signIn(mechanism)).toBe('in as node');
  expect(signIn(mechanism, { password: 'wrong' })).toBe('the server refused the proof');
});

test.each(scramMechanisms)('$name: a server that does not know it is found out', (mechanism) => {
  for (const final of [
    () => 'v=',
    () => '',
    () => 'e=other-error',
    (text: string) => text.replace(/v=../, 'v=AA'),
  ])
    expect(signIn(mechanism, { final })).toBe(NO_PROOF);
});

test.each(scramMechanisms)('$name: a challenge that is not for this client is refused', (mechanism) => {
  expect(signIn(mechanism, { first: (text) => text.replace(/^r=./, 'r=!') })).toBe(NO_SCRAM);
  // A server that adds nothing of its own could repeat an older sign-in.
  expect(signIn(mechanism, { first: (text) => text.replace(/^r=(.{32})[^,]+/, 'r=$1') })).toBe(NO_SCRAM);
  expect(signIn(mechanism, { first: () => 'nonsense' })).toBe(NO_SCRAM);
});
