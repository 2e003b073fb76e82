import { describe, expect, test } from 'vitest';
import { seeds } from '../seeds.ts';
import { type LogCanary, logCrash } from './log-crash.ts';

test('a log that loses power, writes and syncs keeps what was acknowledged and invents nothing', async () => {
  for (const seed of seeds({ fixed: 400, fresh: 50 })) await logCrash(seed);
});

/** Within this many seeds a broken invariant must have been noticed. */
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
