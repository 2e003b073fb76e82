import { Backoff } from '../../base/backoff.ts';
import { sleep } from '../../base/clock.ts';
import { ConnectionError } from '../../client/connection-error.ts';
import type { Peers } from '../../client/peers/peers.ts';
import { type ErrorName, errorName } from '../../protocol/errors.ts';
import { brokerHeartbeat } from '../../protocol/messages/63-broker-heartbeat.ts';

/** A controller that does not answer so soon is asked again. */
const PATIENCE_MS = 2_000;
/** Waits before it is: a controller that died with the broker is back soon, one that lives is busy. */
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;
/** Answers of a controller that has not judged. */
const UNDECIDED: readonly string[] = ['NOT_CONTROLLER', 'REQUEST_TIMED_OUT', 'UNKNOWN_SERVER_ERROR'];

/** One life of a broker, as the controller knows it: a later one has another epoch. */
export interface BrokerToFence {
  readonly brokerId: number;
  readonly epoch: number;
}

interface ControllerAddress {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

/**
 * Says for a broker whose process is gone what it cannot say any more: that it wants to be fenced. The
 * controller would wait for its session to end otherwise. It is Kafka's own heartbeat, and names the life
 * that was judged: one that began since is left alone, since for the controller the request is stale then. It
 * is said until the controller answers. Resolves then, or when `signal` is aborted.
 */
export async function fenceBroker(
  peers: Peers,
  controller: ControllerAddress,
  life: BrokerToFence,
  signal: AbortSignal,
): Promise<void> {
  const log = peers.world.log.child({ broker: life.brokerId, epoch: life.epoch });
  const backoff = new Backoff({ firstMs: FIRST_RETRY_MS, lastMs: LAST_RETRY_MS });
  while (!signal.aborted) {
    const answer = await sayWantFence(peers, controller, life);
    if (!(answer instanceof ConnectionError) && !UNDECIDED.includes(answer)) {
      log.info('A dead broker was reported', { answer });
      return;
    }
    if (!backoff.hasFailed)
      log.warn('A dead broker could not be reported yet', {
        [answer instanceof ConnectionError ? 'error' : 'answer']: answer,
      });
    await sleep(peers.world.clock, backoff.failed());
  }
}

async function sayWantFence(
  peers: Peers,
  { id, host, port }: ControllerAddress,
  { brokerId, epoch }: BrokerToFence,
): Promise<ErrorName | ConnectionError> {
  try {
    const { errorCode } = await peers.once(
      { node: id, host, port, clientId: 'millrace-supervisor', timeoutMs: PATIENCE_MS },
      (connection) =>
        connection.send(
          brokerHeartbeat,
          { brokerId, brokerEpoch: epoch, currentMetadataOffset: -1, wantFence: true, wantShutDown: false },
          { timeoutMs: PATIENCE_MS },
        ),
    );
    return errorName(errorCode);
  } catch (error) {
    if (error instanceof ConnectionError) return error;
    throw error;
  }
}
