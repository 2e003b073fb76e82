import type { World } from '../../base/world.ts';
import { KafkaConnection } from '../../client/connection.ts';
import { ConnectionError } from '../../client/connection-error.ts';
import { errorName } from '../../protocol/errors.ts';
import { brokerHeartbeat } from '../../protocol/messages/63-broker-heartbeat.ts';

/** A controller that does not answer so soon judges by itself: the broker's connection ended, and its session will. */
const PATIENCE_MS = 2_000;

/** One life of a broker, as the controller knows it: a later one has another epoch. */
export interface BrokerLife {
  readonly brokerId: number;
  readonly epoch: number;
}

/**
 * Says for a broker whose process is gone what it cannot say any more: that it wants to be fenced. The controller would
 * give it time to connect again otherwise. It is Kafka's own heartbeat of that life, so a life that began since is left alone: for the
 * controller the request is stale then.
 */
export async function fenceBroker(
  world: World,
  controller: { readonly host: string; readonly port: number },
  { brokerId, epoch }: BrokerLife,
): Promise<void> {
  const log = world.log.child({ broker: brokerId, epoch });
  try {
    const connection = await KafkaConnection.connect(world, {
      host: controller.host,
      port: controller.port,
      clientId: 'millrace-supervisor',
      timeoutMs: PATIENCE_MS,
    });
    try {
      const { errorCode } = await connection.send(
        brokerHeartbeat,
        { brokerId, brokerEpoch: epoch, currentMetadataOffset: -1, wantFence: true, wantShutDown: false },
        { timeoutMs: PATIENCE_MS },
      );
      log.info('A dead broker was reported', { answer: errorName(errorCode) });
    } finally {
      connection.close();
    }
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    log.warn('A dead broker could not be reported; the controller finds out by itself', { error });
  }
}
