import { readRecords } from '../../src/protocol/records/record.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { batchesOfLog } from './batches-of-log.ts';
import type { Violations } from './violations.ts';

/**
 * A record that any replica ever held below its high watermark is on every replica, in every life: byte for
 * byte, or, where logs are compacted, the same record or none. Deleted records are not compared: a replica
 * that comes back and ends where its leader begins cannot know what the leader had before (as in Apache
 * Kafka), and a power loss may bring back deleted segments.
 */
export class ReplicasAgreeBelowHighWatermark {
  readonly #violations: Violations;
  /** By partition: each batch by its first offset, or each record by its own offset in a compacted log. */
  readonly #known = new Map<string, Map<number, Buffer>>();
  /** By partition: the highest log start of a replica; records before it were deleted. */
  readonly #deletedUpTo = new Map<string, number>();
  /** The offset up to which a log was compared already, and its number of truncations by then. */
  readonly #compared = new WeakMap<PartitionLog, { upTo: number; truncations: number }>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  saw(
    partition: string,
    { replica, log, isCompacted }: { replica: string; log: PartitionLog; isCompacted: boolean },
  ): void {
    if (log.isClosed) return;
    const deletedUpTo = Math.max(this.#deletedUpTo.get(partition) ?? 0, log.logStartOffset);
    this.#deletedUpTo.set(partition, deletedUpTo);
    const compared = this.#compared.get(log);
    const from =
      compared && compared.truncations === log.truncations
        ? Math.max(compared.upTo, deletedUpTo)
        : deletedUpTo;
    const upTo = log.highWatermark;
    if (from >= upTo) return;
    const found = batchesOfLog(log, from, upTo, { isCompacted });
    if ('error' in found) {
      this.#complain(`${replica} cannot read [${from}, ${upTo}): ${found.error}`);
      return;
    }
    const known = this.#known.get(partition) ?? new Map<number, Buffer>();
    this.#known.set(partition, known);
    for (const batch of found) {
      const pieces = isCompacted ? recordsOf(batch.bytes) : [[batch.header.baseOffset, batch.bytes] as const];
      for (const [offset, bytes] of pieces) {
        const before = known.get(offset);
        if (before === undefined) known.set(offset, bytes);
        else if (!before.equals(bytes))
          this.#complain(`${replica} holds another ${isCompacted ? 'record' : 'batch'} at ${offset}`);
      }
    }
    this.#compared.set(log, { upTo, truncations: log.truncations });
  }

  #complain(message: string): void {
    this.#violations.add('ReplicasAgreeBelowHighWatermark', message);
  }
}

/** Key and value of each record, by offset. */
function recordsOf(batch: Buffer): (readonly [number, Buffer])[] {
  return readRecords(batch).map(({ offset, key, value }) => [
    offset,
    Buffer.from(JSON.stringify([key?.toString('latin1') ?? null, value?.toString('latin1') ?? null])),
  ]);
}
