import type { World } from '../../base/world.ts';
import { errorCode, errorName } from '../../protocol/errors.ts';
import { saslHandshake } from '../../protocol/messages/17-sasl-handshake.ts';
import { saslAuthenticate } from '../../protocol/messages/36-sasl-authenticate.ts';
import { PEER_MECHANISM, type PeerAccess, type PeerSecret } from '../../security/peers/peer-secret.ts';
import { ScramClient, ScramError } from '../../security/scram/client.ts';
import type { KafkaConnection } from '../connection.ts';
import { ConnectionError } from '../connection-error.ts';

/** What a listener without sign-in answers. */
const NOBODY_SIGNS_IN = errorCode('ILLEGAL_SASL_STATE');

/**
 * Signs in as a node of the cluster (KIP-152); with the access `everybody` only where the other side asks for
 * it. Rejects with a ConnectionError when either side does not know the secret.
 */
export async function signIn(
  { random }: Pick<World, 'random'>,
  connection: KafkaConnection,
  secret: PeerSecret,
  access: PeerAccess,
): Promise<void> {
  if (access === 'everybody' && connection.versionOf(saslHandshake) === null) return;
  const handshake = await connection.send(saslHandshake, { mechanism: PEER_MECHANISM.name });
  if (access === 'everybody' && handshake.errorCode === NOBODY_SIGNS_IN) return;
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
