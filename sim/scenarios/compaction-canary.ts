import type { Clock } from '../../src/base/clock.ts';
import type { World } from '../../src/base/world.ts';
import { Compaction } from '../../src/storage/compaction.ts';
import { cleanableRange } from '../../src/storage/compaction-rules.ts';
import { KeyOffsets } from '../../src/storage/key-offsets.ts';
import type { LogConfig } from '../../src/storage/log-config.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';

/** A rule broken on purpose: the model must notice. */
export type CompactionCanary =
  | 'a record goes for the sake of itself'
  | 'what is not decided is compacted'
  | 'tombstones go at once'
  | 'swaps are not settled';

/**
 * Compacts the log once with the rule of the canary broken. `clock`: the scenario's own. False if it
 * compacted nothing.
 */
export async function compactWrongly(
  world: World,
  log: PartitionLog,
  options: { readonly canary: CompactionCanary; readonly config: LogConfig; readonly clock: Clock },
): Promise<boolean> {
  const { canary, config, clock } = options;
  const all = canary === 'what is not decided is compacted';
  await log.flush();
  if (log.isClosed || log.fault) return false;
  const range = cleanableRange(log.segments, {
    config,
    now: clock.now(),
    logStartOffset: log.logStartOffset,
    lastStableOffset: all ? log.endOffset : log.lastStableOffset,
    endOffset: log.endOffset,
    cleanedUpTo: log.cleaning.cleanedUpTo,
  });
  if (range.cleanableBytes === 0) return false;
  const limits = { keys: 1000, maxBytes: 1_000_000 };
  const keys =
    canary === 'a record goes for the sake of itself'
      ? new HastyKeys(new Uint8Array(16), limits)
      : new KeyOffsets(new Uint8Array(16), limits);
  const compaction = new Compaction(world, { log, range, keys, isStopped: () => false });
  const compacted = await compaction.run();
  if (compacted) log.cleaning.cleanedUpTo = compacted.cleanedUpTo;
  return compacted !== null;
}

/** Says of every record that a later one with its key exists. */
class HastyKeys extends KeyOffsets {
  override get(key: Uint8Array): number {
    const offset = super.get(key);
    return offset < 0 ? offset : offset + 1;
  }
}
