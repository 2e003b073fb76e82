import type { PartitionLog } from '../../src/storage/partition-log.ts';
import type { Violations } from './violations.ts';

/**
 * A member of the ISR may lead at any moment, so it has all that was ever committed; with `flush.messages` it
 * has that on its device. A broken rule means that a later death may lose acknowledged records.
 */
export class InSyncReplicasHaveWhatIsCommitted {
  readonly #violations: Violations;
  /** The highest high watermark of any replica, by partition. */
  readonly #committed = new Map<string, number>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  committed(partition: string, highWatermark: number): void {
    if (highWatermark > (this.#committed.get(partition) ?? 0)) this.#committed.set(partition, highWatermark);
  }

  /**
   * The leader asks the controller to add the replica to the ISR, and knows that the replica ends at this
   * offset.
   */
  proposed(partition: string, replica: string, endOffset: number): void {
    const committed = this.#committed.get(partition) ?? 0;
    if (endOffset < committed)
      this.#complain(`${replica} is to join at ${endOffset}, and ${committed} is committed`);
  }

  /** `onDevice`: how many bytes of a file a power loss leaves. */
  saw(
    partition: string,
    { replica, log, onDevice }: { replica: string; log: PartitionLog; onDevice: (path: string) => number },
  ): void {
    const committed = this.#committed.get(partition) ?? 0;
    if (log.isClosed || log.fault) return;
    if (log.endOffset < committed)
      this.#complain(`${replica} is in sync and ends at ${log.endOffset}, and ${committed} is committed`);
    else if (log.config.flushMessages === 1 && !isOnDevice(log, committed, onDevice))
      this.#complain(
        `${replica} is in sync, ${committed} is committed, and its device does not have all of it`,
      );
  }

  #complain(message: string): void {
    this.#violations.add('InSyncReplicasHaveWhatIsCommitted', message);
  }
}

/** The log itself may know less: recovery does not know what the life before it has synced. */
function isOnDevice(log: PartitionLog, committed: number, onDevice: (path: string) => number): boolean {
  if (log.syncedEndOffset >= committed) return true;
  return log.segments.every((segment) => {
    if (segment.baseOffset >= committed) return true;
    const end = segment.locate(committed)?.position ?? segment.sizeInBytes;
    return onDevice(segment.log.path) >= end;
  });
}
