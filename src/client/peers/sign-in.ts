import type { World } from '../../base/world.ts';
import { errorName } from '../../protocol/errors.ts';
import { saslHandshake } from '../../protocol/messages/17-sasl-handshake.ts';
import { saslAuthenticate } from '../../protocol/messages/36-sasl-authenticate.ts';
import { PEER_MECHANISM, type PeerSecret } from '../../security/peers/peer-secret.ts';
import { ScramClient, ScramError } from '../../security/scram/client.ts';
import type { KafkaConnection } from '../connection.ts';
import { ConnectionError } from '../connection-error.ts';

/** Signs in as a node of the cluster (KIP-152). Rejects with a ConnectionError when either side does not know the secret. */
export async function signIn(
  { random }: Pick<World, 'random'>,
  connection: KafkaConnection,
  secret: PeerSecret,
): Promise<void> {
  const handshake = await connection.send(saslHandshake, { mechanism: PEER_MECHANISM.name });
  if (handshake.errorCode !== 0) throw refused(connection, errorName(handshake.errorCode));
  const say = async (authBytes: Buffer): Promise<Buffer> => {
    const answer = await connection.send(saslAuthenticate, { authBytes });
    if (answer.errorCode !== 0) throw refused(connection, errorName(answer.errorCode));
    return answer.authBytes;
  };
  const client = new ScramClient(PEER_MECHANISM, secret.login, random);
  try {
    client.verify(await say(client.proof(await say(client.first()))));
  } catch (cause) {
    if (!(cause instanceof ScramError)) throw cause;
    throw new ConnectionError('PROTOCOL', `${connection.remote} is no node of this cluster`, { cause });
  }
}

function refused({ remote }: KafkaConnection, why: string): ConnectionError {
  return new ConnectionError(
    'CONNECT_FAILED',
    `${remote} does not take this for a node of its cluster: ${why}`,
  );
}
