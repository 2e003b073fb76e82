import { describe, expect, test } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import type { Disk } from '../base/disk.ts';
import { buildBatch } from '../protocol/records/record.ts';
import { decideSwap, finishSwap, settleSwaps } from './segment-swap.ts';

const FOLDER = '/data/orders-0';
const OLD = [0, 10, 20];

/** Three segments, and a new one that ends at offset 25 and replaces the first two or all. */
function withCleaned(simulation = new Simulation(1)): Disk {
  const { disk } = simulation.host('a').world;
  disk.makeDirectory(FOLDER);
  for (const offset of OLD)
    for (const ending of ['.log', '.index', '.timeindex']) put(disk, name(offset) + ending, 'old');
  put(disk, `${name(0)}.txnindex`, 'old');
  const records = [{ timestamp: 1, key: Buffer.from('k'), value: null, offsetDelta: 4 }];
  put(disk, `${name(0)}.log.cleaned`, buildBatch({ baseOffset: 20, records }));
  put(disk, `${name(0)}.index.cleaned`, 'new');
  put(disk, `${name(0)}.timeindex.cleaned`, 'new');
  return disk;
}

function name(offset: number): string {
  return String(offset).padStart(20, '0');
}

function put(disk: Disk, file: string, content: string | Uint8Array): void {
  const opened = disk.open(`${FOLDER}/${file}`, 'create');
  opened.appendNow([Buffer.from(content)]);
  opened.close();
}

const before = OLD.flatMap((offset) =>
  ['.index', '.log', '.timeindex'].map((ending) => name(offset) + ending),
)
  .concat(`${name(0)}.txnindex`)
  .sort();
const after = ['.index', '.log', '.timeindex'].map((ending) => name(0) + ending);

describe('a start after a crash', () => {
  test('drops what was not decided, at every step before', async () => {
    for (let operations = 0; operations < 3; operations++) {
      const disk = withCleaned();
      const steps = ['.log', '.index', '.timeindex'].slice(0, operations);
      for (const step of steps)
        disk.rename(`${FOLDER}/${name(0)}${step}.cleaned`, `${FOLDER}/${name(0)}${step}.swap`);
      expect(settleSwaps(disk, FOLDER)).toEqual(before);
    }
  });

  test('finishes what was decided, at every step after', async () => {
    let finished = 0;
    for (let crashAt = 1; finished === 0; crashAt++) {
      const simulation = new Simulation(crashAt);
      const disk = withCleaned(simulation);
      decideSwap(disk, FOLDER, 0);
      // A disk that stops after so many renames.
      let left = crashAt;
      const stopping: Disk = {
        ...methods(disk),
        rename: (from, to) => {
          if (left-- === 0) throw new Error('crash');
          disk.rename(from, to);
        },
      };
      try {
        finishSwap(stopping, FOLDER, { oldOffsets: OLD, newOffset: 0 });
        finished++;
      } catch {
        // As far as it got.
      }
      const names = settleSwaps(disk, FOLDER).filter((one) => !one.endsWith('.deleted'));
      // Indexes without a log are swept when the log is opened.
      const logs = names.filter((one) => one.endsWith('.log') || one.startsWith(name(0)));
      expect(logs).toEqual(after);
    }
  });

  test('is not misled by what an earlier attempt left behind', () => {
    const disk = withCleaned();
    put(disk, `${name(10)}.log.cleaned`, 'left');
    decideSwap(disk, FOLDER, 0);
    finishSwap(disk, FOLDER, { oldOffsets: OLD, newOffset: 0 });
    expect(settleSwaps(disk, FOLDER).filter((one) => !one.endsWith('.deleted'))).toEqual(after);
  });

  test('leaves a folder alone in which nothing was under way', () => {
    const disk = withCleaned();
    for (const ending of ['.log', '.index', '.timeindex'])
      disk.remove(`${FOLDER}/${name(0)}${ending}.cleaned`);
    expect(settleSwaps(disk, FOLDER)).toEqual(before);
  });
});

function methods(disk: Disk): Disk {
  return {
    open: (path, mode) => disk.open(path, mode),
    exists: (path) => disk.exists(path),
    list: (path) => disk.list(path),
    makeDirectory: (path) => disk.makeDirectory(path),
    rename: (from, to) => disk.rename(from, to),
    remove: (path) => disk.remove(path),
    removeDirectory: (path) => disk.removeDirectory(path),
    syncDirectory: (path) => disk.syncDirectory(path),
    space: (path) => disk.space(path),
  };
}
