import { expect, test } from 'vitest';
import type { Clock, Timer } from '../../base/clock.ts';
import { type Disk, DiskError } from '../../base/disk.ts';
import type { World } from '../../base/world.ts';
import { Volume } from './volume.ts';

const MIB = 1024 * 1024;

/** A broker's folder on a disk, with a clock that the test moves. */
class Folder {
  /** What the file of the volume holds; null when there is none. */
  text: string | null = String(100 * MIB);
  usedBytes = 0;
  freeBytes = 1_000_000 * MIB;
  roomMade = 0;
  readonly said: string[] = [];
  readonly volume: Volume;
  #now = 0;
  #due: (() => void) | null = null;

  constructor() {
    const log = (level: string) => (message: string) => void this.said.push(`${level}: ${message}`);
    const clock: Clock = {
      now: () => this.#now,
      monotonic: () => this.#now,
      after: (_ms, run): Timer => {
        this.#due = run;
        return { cancel: () => (this.#due = null) };
      },
      soon: (run) => run(),
    };
    const file = () => Buffer.from(this.text ?? '');
    const disk: Partial<Disk> = {
      exists: () => this.text !== null,
      open: (path) => {
        if (this.text === null) throw new DiskError('ENOENT', path, 'open');
        const content = file();
        return {
          path,
          size: () => content.length,
          readNow: (at: number, into: Uint8Array) => content.copy(into, 0, at),
          close: () => {},
        } as never;
      },
      space: () => ({ freeBytes: this.freeBytes, totalBytes: 2_000_000 * MIB }),
    };
    const world = {
      clock,
      disk,
      log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    } as unknown as World;
    this.volume = new Volume(world, {
      brokerId: 1,
      folder: '/broker-1',
      usedBytes: () => this.usedBytes,
      makeRoom: async () => {
        this.roomMade++;
      },
    });
  }

  later(seconds = 1): void {
    for (let i = 0; i < seconds; i++) {
      this.#now += 1000;
      const run = this.#due;
      this.#due = null;
      run?.();
    }
  }

  use(mebibytes: number): void {
    this.usedBytes = mebibytes * MIB;
    this.later();
  }
}

test('a broker without a volume takes whatever the disk takes, and tells its size', () => {
  const folder = new Folder();
  folder.text = null;
  folder.volume.start();
  expect(folder.volume.take(Number.MAX_SAFE_INTEGER)).toBeNull();
  expect(folder.volume.space).toEqual({ totalBytes: 2_000_000 * MIB, usableBytes: folder.freeBytes });
});

test('what clients append between two looks counts, so a burst does not pass the size', () => {
  const folder = new Folder();
  folder.volume.start();
  expect(folder.volume.take(60 * MIB)).toBeNull();
  expect(folder.volume.take(60 * MIB)).toContain('broker 1');
  expect(folder.volume.take(40 * MIB)).toBeNull();
});

test('full is said with the way out, and ends when records are deleted or the volume grows', () => {
  const folder = new Folder();
  folder.volume.start();
  folder.use(100);
  expect(folder.volume.take(1)).toBe(
    'The volume of broker 1 is full: 100.0 of 100.0 MiB are used. Reads go on; delete records or topics, shorten retention, or make the volume or the disk larger.',
  );
  expect(folder.volume.space).toEqual({ totalBytes: 100 * MIB, usableBytes: 0 });
  folder.use(30);
  expect(folder.volume.take(1)).toBeNull();
  folder.use(100);
  expect(folder.volume.take(1)).not.toBeNull();
  folder.text = String(110 * MIB);
  folder.later();
  expect(folder.volume.take(10 * MIB)).toBeNull();
});

test('a disk with less room than the volume is what counts, less what the broker needs to go on', () => {
  const folder = new Folder();
  folder.freeBytes = 256 * MIB + 5 * MIB;
  folder.volume.start();
  expect(folder.volume.space).toEqual({ totalBytes: 5 * MIB, usableBytes: 5 * MIB });
  folder.freeBytes = 256 * MIB;
  folder.later();
  expect(folder.volume.take(1)).toContain('The disk of broker 1 is full: 256.0 MiB are left');
});

test('75 and 90 percent and full are said once each, and leaving them not at the very border', () => {
  const folder = new Folder();
  folder.volume.start();
  for (const used of [10, 76, 80, 74, 76, 91, 100, 100, 89, 60, 60]) folder.use(used);
  expect(folder.said.map((line) => line.split(':')[0])).toEqual(['warn', 'warn', 'error', 'warn', 'info']);
  expect(folder.said[0]).toContain('more than 75 % full');
  expect(folder.said[1]).toContain('more than 90 % full');
  expect(folder.said[2]).toContain('refused');
});

test('while it is full retention is asked for room, not more often than every ten seconds', () => {
  const folder = new Folder();
  folder.volume.start();
  folder.use(100);
  expect(folder.roomMade).toBe(1);
  folder.later(9);
  expect(folder.roomMade).toBe(1);
  folder.later(1);
  expect(folder.roomMade).toBe(2);
});

test('a size that cannot be read leaves what was seen last in force', () => {
  const folder = new Folder();
  folder.volume.start();
  folder.use(100);
  folder.text = 'no number';
  folder.later();
  expect(folder.volume.take(1)).not.toBeNull();
  expect(folder.said.at(-1)).toContain('cannot be measured');
});

test('a disk that others filled to its end is left for the next write to find, since other brokers may have room', () => {
  const folder = new Folder();
  folder.volume.start();
  folder.freeBytes = 100 * MIB;
  folder.later();
  expect(folder.volume.take(1)).toMatch(/^The disk of broker 1 is full/);
  folder.freeBytes = 0;
  folder.later();
  expect(folder.volume.take(1)).toBeNull();
  // The volume's own size holds all the same.
  folder.use(100);
  expect(folder.volume.take(1)).toMatch(/^The volume of broker 1 is full/);
});
