import { describe, expect, test } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import type { BatchHeader } from '../protocol/records/batch.ts';
import { readBatchHeader } from '../protocol/records/batch.ts';
import { buildBatch } from '../protocol/records/record.ts';
import { LeaderEpochs } from './leader-epochs.ts';
import { LogCleaner } from './log-cleaner.ts';
import { RecoveredEpochs } from './recovered-epochs.ts';
import { batchOf, openLog } from './testing/log-bench.ts';

/** A batch of so many records. */
function batch(leaderEpoch: number, baseOffset: number, records = 1): BatchHeader {
  const values = Array.from({ length: records }, () => 'x');
  return readBatchHeader(batchOf(values, { baseOffset, leaderEpoch }));
}

/** `5@100` for each epoch with its start. */
function recovered(
  checkpoint: readonly [number, number][],
  batches: BatchHeader[],
  endOffset?: number,
): string[] {
  const entries = checkpoint.map(([epoch, startOffset]) => ({ epoch, startOffset }));
  const epochs = new LeaderEpochs(entries, () => {});
  const recovering = new RecoveredEpochs(epochs, 100);
  for (const header of batches) if (!recovering.take(header)) break;
  recovering.end(endOffset ?? batches.at(-1)?.nextOffset ?? 100);
  return epochs.entries.map(({ epoch, startOffset }) => `${epoch}@${startOffset}`);
}

describe('epochs after a recovery', () => {
  test('of which every record was compacted away stay, and so do their starts', () => {
    const checkpoint: [number, number][] = [
      [3, 50],
      [5, 100],
      [6, 104],
      [7, 108],
    ];
    expect(recovered(checkpoint, [batch(5, 102), batch(7, 110)])).toEqual([
      '3@50',
      '5@100',
      '6@104',
      '7@108',
    ]);
  });

  test('that the checkpoint does not know yet are those of the batches', () => {
    expect(recovered([[3, 50]], [batch(3, 100), batch(5, 101), batch(7, 102)])).toEqual([
      '3@50',
      '5@101',
      '7@102',
    ]);
  });

  test.each([
    [
      'began where records of an older one are',
      [
        [3, 50],
        [7, 101],
      ],
      [batch(3, 100), batch(3, 101)],
      ['3@50'],
    ],
    [
      'began after records of a younger one',
      [
        [3, 50],
        [5, 103],
      ],
      [batch(3, 100), batch(7, 101), batch(7, 102, 3)],
      ['3@50', '7@101'],
    ],
    [
      'began within a batch',
      [
        [3, 50],
        [7, 101],
      ],
      [batch(3, 100, 3)],
      ['3@50'],
    ],
    [
      'began at the end of the log',
      [
        [3, 50],
        [7, 101],
      ],
      [batch(3, 100)],
      ['3@50'],
    ],
    [
      'lost its records',
      [
        [3, 50],
        [7, 105],
      ],
      [batch(3, 100)],
      ['3@50'],
    ],
  ] as [string, [number, number][], BatchHeader[], string[]][])(
    'that %s go',
    (_, checkpoint, batches, expected) => {
      expect(recovered(checkpoint, batches)).toEqual(expected);
    },
  );

  test('are not those of a batch that is left over from before a truncation', () => {
    expect(recovered([[3, 50]], [batch(7, 100), batch(5, 101)])).toEqual(['3@50', '7@100']);
  });
});

test('a compacted leader answers with the same epochs after kill -9', async () => {
  const simulation = new Simulation(1);
  await simulation.run(async () => {
    const host = simulation.host('a');
    const log = openLog(host.world, { settings: { cleanupPolicy: ['compact'], minCleanableDirtyRatio: 0 } });
    for (const leaderEpoch of [1, 2, 3, 5]) {
      const records = [
        { timestamp: 1, key: Buffer.from('the same'), value: Buffer.from(`of ${leaderEpoch}`) },
      ];
      log.append(buildBatch({ records }), { origin: 'client', leaderEpoch });
      log.roll();
    }
    log.updateHighWatermark(log.endOffset);
    const limits = () => ({});
    const cleaner = new LogCleaner(host.world, { logs: () => [log], checkpoint: async () => {}, limits });
    while (await cleaner.cleanFilthiest());
    const answers = [0, 1, 2, 3, 4, 5].map((epoch) => log.endOffsetForEpoch(epoch));
    host.kill();
    const again = openLog(host.start());
    expect([0, 1, 2, 3, 4, 5].map((epoch) => again.endOffsetForEpoch(epoch))).toEqual(answers);
    expect(again.epochs.entries.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 5]);
  });
});
