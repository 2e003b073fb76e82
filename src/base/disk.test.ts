import { expect, test } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { readWhole, writeWhole } from './disk.ts';

const PATH = '/data/small';

test('of two replacements at once, one that finds no room leaves the other whole', async () => {
  const simulation = new Simulation(1);
  const host = simulation.host('broker');
  const { disk } = host.world;
  disk.makeDirectory('/data');
  await simulation.run(async () => {
    const first = writeWhole(disk, PATH, Buffer.from('first'));
    host.faults.capacityBytes = host.files.usedBytes();
    const second = writeWhole(disk, PATH, Buffer.alloc(1000, 'x'));
    await expect(second).rejects.toThrow('ENOSPC');
    await first;
    expect(String(readWhole(disk, PATH))).toBe('first');
  });
});

test('of two replacements at once, the later one stays', async () => {
  const simulation = new Simulation(1);
  const { disk } = simulation.host('broker').world;
  disk.makeDirectory('/data');
  await simulation.run(async () => {
    await Promise.all(['first', 'second'].map((text) => writeWhole(disk, PATH, Buffer.from(text))));
    expect(String(readWhole(disk, PATH))).toBe('second');
  });
});
