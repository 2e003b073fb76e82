import { expect, test } from 'vitest';
import { Simulation } from '../../../sim/simulation.ts';
import { readWhole, writeWhole } from '../../base/disk.ts';
import { makePeerSecret, readPeerSecret } from './peer-secret-file.ts';

const PATH = '/data/peer-secret';

test('a secret that was made is there after a power loss', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const simulation = new Simulation(seed);
    const host = simulation.host('node');
    await simulation.run(async () => {
      host.world.disk.makeDirectory('/data');
      await host.world.disk.syncDirectory('/');
      await makePeerSecret(host.world, PATH);
      const made = readWhole(host.world.disk, PATH)?.toString();
      host.crash();
      const { disk } = host.start();
      readPeerSecret(disk, PATH);
      expect(readWhole(disk, PATH)?.toString()).toBe(made);
    });
  }
});

test('one that is there stays, and an empty file of a power loss before is no secret', async () => {
  const simulation = new Simulation(1);
  const { world } = simulation.host('node');
  await simulation.run(async () => {
    world.disk.makeDirectory('/data');
    await writeWhole(world.disk, PATH, Buffer.alloc(0));
    await makePeerSecret(world, PATH);
    readPeerSecret(world.disk, PATH);
    const made = readWhole(world.disk, PATH)?.toString();
    await makePeerSecret(world, PATH);
    expect(readWhole(world.disk, PATH)?.toString()).toBe(made);
  });
});
