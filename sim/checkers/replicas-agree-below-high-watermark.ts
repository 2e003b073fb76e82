import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { batchesOfLog } from './batches-of-log.ts';
import type { Violations } from './violations.ts';

/** What any replica ever held below its high watermark, every replica holds there, byte for byte, in every life. */
export class ReplicasAgreeBelowHighWatermark {
  readonly #violations: Violations;
  /** By partition: each batch by its first offset. */
  readonly #batches = new Map<string, Map<number, Buffer>>();
  /** Up to where a log was compared already, and how often it had been cut by then. */
  readonly #compared = new WeakMap<PartitionLog, { upTo: number; truncations: number }>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  saw(partition: string, replica: string, log: PartitionLog): void {
    if (log.isClosed) return;
    const known = this.#compared.get(log);
    const from = known && known.truncations === log.truncations ? known.upTo : log.logStartOffset;
    const upTo = log.highWatermark;
    if (from >= upTo) return;
    const found = batchesOfLog(log, from, upTo);
    if ('error' in found) {
      this.#complain(`${replica} cannot read [${from}, ${upTo}): ${found.error}`);
      return;
    }
    const seen = this.#batches.get(partition) ?? new Map<number, Buffer>();
    this.#batches.set(partition, seen);
    let end = from;
    for (const batch of found) {
      const { baseOffset, nextOffset } = batch.header;
      const before = seen.get(baseOffset);
      if (before === undefined) seen.set(baseOffset, batch.bytes);
      else if (!before.equals(batch.bytes)) this.#complain(`${replica} holds another batch at ${baseOffset}`);
      end = nextOffset;
    }
    this.#compared.set(log, { upTo: end, truncations: log.truncations });
  }

  #complain(message: string): void {
    this.#violations.add('ReplicasAgreeBelowHighWatermark', message);
  }
}
