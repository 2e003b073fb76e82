import { describe, expect, test } from 'vitest';
import { seeds } from '../seeds.ts';
import { type LogCanary, logCrash } from './log-crash.ts';

/** Each of these seeds failed once; the comment says why. */
const FOUND_ONCE = [
  // A power loss undid a truncation of the log, but not that of an index.
  1_625_511_613,
  // A power loss undid the removal of a segment, but not the truncation of the segment before it.
  348_235_884,
  // A recovery rebuilt the indexes of a segment, and the next recovery trusted them.
  90_132_188,
  // A log that was truncated to nothing was closed like one that never had a record, with old indexes.
  2_133_304_975,
  // A log whose close failed told a flush that was under way that it had succeeded, without partition.metadata.
  2_300_015_785,
  // Two flushes were under way at once, and a cut of the log counted for one of them.
  2_300_144_290, 2_300_147_906, 2_300_154_541,
  // A log was opened again in the same process, and took appends though a cut of it had not reached the device.
  2_300_069_724,
  2_300_302_898,
  // A killed process had cut the log, and the next one appended before the device knew of that.
  2_300_110_739,
  // Retention removed a segment during its sync, which wrote its time index into the next topic's.
  2_300_201_191,
  // Faults of the simulation: a power loss undid two moves away and back, one from before a kill, or a cut below
  // the start of the log; an epoch began with offsets that are left out; a bit flipped in a log that came back.
  2_300_100_962,
  1_498_068_662, 1_488_037_803, 1_434_902_832, 2_300_012_616, 2_300_016_585,
];

test('a log that loses power, writes and syncs keeps what was acknowledged and invents nothing', async () => {
  for (const seed of seeds({ fixed: 400, fresh: 50 })) await logCrash(seed);
});

test('what was found once is not found again', async () => {
  if (process.env.SEED !== undefined) return;
  for (const seed of FOUND_ONCE) await logCrash(seed);
});

/** A checker must notice a broken invariant within this many seeds. */
const CANARY_SEEDS = 300;

describe('is noticed within a few hundred seeds, when on purpose', () => {
  const canaries: Record<LogCanary, RegExp> = {
    'the device lies about syncs': /was acknowledged|never held/,
    'folders are not synced': /was acknowledged|never held|was saved/,
    'recovery is skipped': /SEED=/,
  };
  for (const [canary, complaint] of Object.entries(canaries)) {
    test(canary, async () => {
      expect(await firstComplaint(canary as LogCanary)).toMatch(complaint);
    });
  }
});

async function firstComplaint(canary: LogCanary): Promise<string> {
  for (let seed = 1; seed <= CANARY_SEEDS; seed++) {
    try {
      await logCrash(seed, canary);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
  return `nothing was noticed in ${CANARY_SEEDS} seeds`;
}
