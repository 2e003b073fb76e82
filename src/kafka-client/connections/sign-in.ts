import { assert } from '../../base/assert.ts';
import type { World } from '../../base/world.ts';
import type { KafkaConnection } from '../../client/connection.ts';
import { errorMessage, errorName } from '../../protocol/errors.ts';
import { saslHandshake } from '../../protocol/messages/17-sasl-handshake.ts';
import { saslAuthenticate } from '../../protocol/messages/36-sasl-authenticate.ts';
import { ScramClient, ScramError } from '../../security/scram/client.ts';
import { saltPassword } from '../../security/scram/credential.ts';
import { scramMechanisms } from '../../security/scram/mechanism.ts';
import { KafkaClientError } from '../kafka-client-error.ts';
import type { Login } from './client-options.ts';

/** Of what a server asks for: more would let it keep this process busy for as long as it likes. */
const ITERATIONS_MAX = 1_000_000;

/**
 * Signs in with a user's password by SCRAM, which proves that the server knows it, too. Rejects with a
 * KafkaClientError.
 */
export async function signIn(
  { random }: Pick<World, 'random'>,
  connection: KafkaConnection,
  login: Login,
): Promise<void> {
  const mechanism = scramMechanisms.find(({ name }) => name === login.mechanism);
  assert(mechanism, 'the type of a login names only mechanisms that there are');
  const handshake = await connection.send(saslHandshake, { mechanism: mechanism.name });
  if (handshake.errorCode !== 0) {
    const offered = handshake.mechanisms.join(', ') || 'none';
    throw refused(
      handshake.errorCode,
      `${connection.remote} has no ${mechanism.name}; it offers: ${offered}`,
    );
  }
  const say = async (authBytes: Buffer): Promise<Buffer> => {
    const answer = await connection.send(saslAuthenticate, { authBytes });
    if (answer.errorCode === 0) return answer.authBytes;
    const why = answer.errorMessage ?? errorMessage(errorName(answer.errorCode));
    throw refused(answer.errorCode, `${connection.remote} refuses user ${login.user}: ${why}`);
  };
  const client = new ScramClient(
    mechanism,
    {
      user: login.user.replaceAll('=', '=3D').replaceAll(',', '=2C'),
      saltedPassword(salt, iterations) {
        if (iterations > ITERATIONS_MAX) throw new ScramError(`${iterations} iterations are too many`);
        return saltPassword(mechanism, login.password, { salt, iterations });
      },
    },
    random,
  );
  try {
    client.verify(await say(client.proof(await say(client.first()))));
  } catch (cause) {
    if (!(cause instanceof ScramError)) throw cause;
    throw new KafkaClientError(
      'SASL_AUTHENTICATION_FAILED',
      `${connection.remote} does not prove that it knows the password of ${login.user}: ${cause.message}`,
      { cause },
    );
  }
}

function refused(code: number, message: string): KafkaClientError {
  return new KafkaClientError(errorName(code), message);
}
