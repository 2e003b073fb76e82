import { expect, test } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import type { Disk } from '../base/disk.ts';
import { rewriteInTurns } from './rewrite-from.ts';

const MEBIBYTE = 1024 * 1024;
const FOLDER = '/orders-0';

/** A log of two segments, and a disk that notes how many bytes it is given in each turn of the loop. */
async function rewritten(run: (bench: Awaited<ReturnType<typeof made>>) => Promise<void>): Promise<void> {
  const simulation = new Simulation(1);
  await simulation.run(async () => run(await made(simulation)));
}

async function made(simulation: Simulation) {
  const { world } = simulation.host('a');
  world.disk.makeDirectory(FOLDER);
  for (const [base, mebibytes] of [
    [0, 2],
    [500, 3],
  ] as const) {
    const file = world.disk.open(`${FOLDER}/${String(base).padStart(20, '0')}.log`, 'create');
    file.appendNow([Buffer.alloc(mebibytes * MEBIBYTE, base)]);
    file.close();
  }
  const turns: number[] = [];
  const disk = noting(world.disk, (bytes) => {
    turns.push((turns.pop() ?? 0) + bytes);
  });
  let isOver = false;
  const turn = (): void => {
    if (isOver) return;
    turns.push(0);
    world.clock.soon(turn);
  };
  world.clock.soon(turn);
  return {
    turns,
    rewrite: async (offset: number, goesOn: () => boolean) => {
      const isWhole = await rewriteInTurns({ ...world, disk }, FOLDER, { offset, goesOn });
      isOver = true;
      return isWhole;
    },
  };
}

function noting(disk: Disk, wrote: (bytes: number) => void): Disk {
  const open: Disk['open'] = (path, mode) => {
    const file = disk.open(path, mode);
    return new Proxy(file, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]): unknown => {
          if (name === 'writeNow') wrote((given[1] as Buffer).length);
          return Reflect.apply(value, target, given);
        };
      },
    });
  };
  return new Proxy(disk, {
    get: (target, name) => {
      if (name === 'open') return open;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

test('a log is written anew one mebibyte in a turn of the loop, from the segment that has the offset on', () =>
  rewritten(async ({ rewrite, turns }) => {
    expect(await rewrite(500, () => true)).toBe(true);
    expect(turns.reduce((sum, bytes) => sum + bytes, 0)).toBe(3 * MEBIBYTE);
    expect(Math.max(...turns)).toBe(MEBIBYTE);
  }));

test('nothing more is written once it is not to go on', () =>
  rewritten(async ({ rewrite, turns }) => {
    let pieces = 0;
    expect(await rewrite(0, () => ++pieces < 2)).toBe(false);
    expect(turns.reduce((sum, bytes) => sum + bytes, 0)).toBe(2 * MEBIBYTE);
  }));
