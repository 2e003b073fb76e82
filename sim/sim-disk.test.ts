import { describe, expect, test } from 'vitest';
import { readWhole, writeWhole } from '../src/base/disk.ts';
import { Simulation } from './simulation.ts';

const PATH = '/data/log';

/** The contents of one file, over many seeds, after one life and a crash. */
async function afterCrash(
  seeds: number,
  live: (simulation: Simulation) => Promise<void>,
): Promise<(string | null)[]> {
  const contents: (string | null)[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const simulation = new Simulation(seed);
    await simulation.run(() => live(simulation));
    const host = simulation.host('a');
    host.crash();
    contents.push(readWhole(host.start().disk, PATH)?.toString('latin1') ?? null);
  }
  return contents;
}

async function openDurably(simulation: Simulation) {
  const { disk } = simulation.host('a').world;
  disk.makeDirectory('/data');
  const file = disk.open(PATH, 'create');
  await disk.syncDirectory('/');
  await disk.syncDirectory('/data');
  return file;
}

describe('a crash', () => {
  test('keeps what was synced and, by the seed, none, all or a torn part of the rest', async () => {
    const contents = await afterCrash(200, async (simulation) => {
      const file = await openDurably(simulation);
      file.appendNow([Buffer.from('synced,')]);
      await file.sync();
      file.appendNow([Buffer.from('one,')]);
      file.appendNow([Buffer.from('two')]);
    });
    for (const content of contents) expect(content).toMatch(/^synced,/);
    expect(contents).toContain('synced,');
    expect(contents).toContain('synced,one,two');
    expect(contents).toContain('synced,on');
    expect(contents).toContain('synced,one,t');
    // Pages reach the device one by one; a page that does not leaves zeros.
    expect(contents).toContain('synced,\0\0\0\0two');
  });

  test('takes back what was appended while the sync ran, but not before it', async () => {
    const contents = await afterCrash(50, async (simulation) => {
      const file = await openDurably(simulation);
      file.appendNow([Buffer.from('before')]);
      const syncing = file.sync();
      file.appendNow([Buffer.from(' during')]);
      await syncing;
    });
    for (const content of contents) expect(content).toMatch(/^before/);
    expect(contents).toContain('before');
  });

  test('loses a file whose folder was not synced, however often the file was', async () => {
    const contents = await afterCrash(50, async (simulation) => {
      const { disk } = simulation.host('a').world;
      disk.makeDirectory('/data');
      const file = disk.open(PATH, 'create');
      file.appendNow([Buffer.from('x')]);
      await file.sync();
    });
    expect(contents).toContain(null);
    expect(contents).toContain('x');
  });

  test('leaves a file that was replaced with its old content or its new', async () => {
    const contents = await afterCrash(100, async (simulation) => {
      await openDurably(simulation);
      const { disk } = simulation.host('a').world;
      await writeWhole(disk, PATH, Buffer.from('old'));
      void writeWhole(disk, PATH, Buffer.from('the new'));
      await simulation.until(() => simulation.chance(0.2) || readWhole(disk, PATH)?.length === 7, 1000);
    });
    expect(new Set(contents)).toEqual(new Set(['old', 'the new']));
  });

  test('in the middle of a call leaves the rest of the call without effect', async () => {
    const simulation = new Simulation(1);
    await simulation.run(async () => {
      const host = simulation.host('a');
      const { disk } = host.world;
      disk.makeDirectory('/data');
      await disk.syncDirectory('/');
      host.crashAfter(2);
      const file = disk.open(PATH, 'create');
      for (const piece of 'abcdef') file.appendNow([Buffer.from(piece)]);
      expect(host.alive).toBe(false);
      // The dead process still sees what it wrote; no later process ever will.
      expect(file.size()).toBe(6);
      const told: string[] = [];
      void file.sync().then(() => told.push('synced'));
      await simulation.until(() => simulation.time > 50, 100).catch(() => {});
      expect(told).toEqual([]);
      expect(readWhole(host.start().disk, PATH)?.length ?? 0).toBeLessThanOrEqual(1);
    });
  });

  test('of the process alone keeps every byte', async () => {
    const simulation = new Simulation(1);
    await simulation.run(async () => {
      const host = simulation.host('a');
      host.world.disk.makeDirectory('/data');
      host.world.disk.open(PATH, 'create').appendNow([Buffer.from('never synced')]);
      host.kill();
      expect(readWhole(host.start().disk, PATH)?.toString()).toBe('never synced');
    });
  });

  test('is told at once: what its code believes to have written afterwards was never written', async () => {
    const simulation = new Simulation(1);
    await simulation.run(async () => {
      const host = simulation.host('a');
      host.world.disk.makeDirectory('/data');
      const file = host.world.disk.open(PATH, 'create');
      file.appendNow([Buffer.from('before')]);
      const sizes: number[] = [];
      host.onEnd = () => sizes.push(file.size());
      host.kill();
      file.appendNow([Buffer.from(' after')]);
      expect(file.size()).toBe(12);
      host.start();
      host.kill();
      expect(sizes).toEqual([6]);
    });
  });
});

describe('a fault', () => {
  test('of space: a write takes what fits and says so only in its result, the next one is ENOSPC', async () => {
    const host = new Simulation(1).host('a');
    host.world.disk.makeDirectory('/data');
    host.faults.capacityBytes = 10;
    const file = host.world.disk.open(PATH, 'create');
    expect(file.appendNow([Buffer.from('1234567')])).toBe(7);
    expect(file.appendNow([Buffer.from('89'), Buffer.from('abc')])).toBe(3);
    expect(() => file.appendNow([Buffer.from('d')])).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
    file.writeNow(0, Buffer.from('same'));
    file.truncate(4);
    expect(host.world.disk.space(PATH)).toEqual({ freeBytes: 6, totalBytes: 10 });
    expect(file.appendNow([Buffer.from('56')])).toBe(2);
  });

  test('of a sync is told once, and a later sync does not bring the bytes back', async () => {
    const contents = await afterCrash(100, async (simulation) => {
      const file = await openDurably(simulation);
      file.appendNow([Buffer.from('given up ')]);
      simulation.host('a').faults.syncEio = 1;
      await expect(file.sync()).rejects.toMatchObject({ code: 'EIO' });
      simulation.host('a').faults.syncEio = 0;
      file.appendNow([Buffer.from('later')]);
      await file.sync();
    });
    expect(new Set(contents)).toEqual(new Set(['given up later', '\0\0\0\0\0\0\0\0\0later']));
  });

  test('of one bit is what reads see', () => {
    const host = new Simulation(1).host('a');
    host.world.disk.makeDirectory('/data');
    host.world.disk.open(PATH, 'create').appendNow([Buffer.from('abc')]);
    host.files.file(PATH)?.flipBit(1, 0);
    expect(readWhole(host.world.disk, PATH)?.toString()).toBe('acc');
  });
});

test('folders follow the rules of the real disk', async () => {
  const { disk } = new Simulation(1).host('a').world;
  const enoent = expect.objectContaining({ code: 'ENOENT' });
  expect(() => disk.open('/none/x', 'create')).toThrow(enoent);
  expect(() => disk.open('/x', 'write')).toThrow(enoent);
  expect(() => disk.list('/none')).toThrow(enoent);
  expect(() => disk.remove('/none')).toThrow(enoent);
  expect(() => disk.rename('/none', '/x')).toThrow(enoent);
  await expect(disk.syncDirectory('/none')).rejects.toThrow(enoent);
  disk.removeDirectory('/none');
  disk.makeDirectory('/a/b/c');
  for (const name of ['z', 'm']) disk.open(`/a/b/${name}`, 'create').close();
  disk.rename('/a/b', '/a/d');
  expect(disk.list('/a/d')).toEqual(['c', 'm', 'z']);
  disk.removeDirectory('/a');
  expect(disk.exists('/a')).toBe(false);
});
