import { expect, test } from 'vitest';
import { FIRST_PORT_BASE, overlap } from '../../src/control/state/ports.ts';
import { firstPorts, freePort, freePorts } from './free-port.ts';

test('who asks at the same time is given other ports', async () => {
  const singles = await Promise.all(Array.from({ length: 200 }, () => freePort()));
  expect(new Set(singles).size).toBe(singles.length);
  const blocks = await Promise.all(Array.from({ length: 20 }, () => freePorts()));
  expect(new Set(blocks).size).toBe(blocks.length);
});

test('no block has ports that a Millrace keeps for clusters without a first port', () => {
  const brokers = Array.from({ length: 60 }, (_, index) => FIRST_PORT_BASE + 10 * index);
  for (const first of firstPorts)
    for (let base = first; base < first + 100; base += 10)
      expect(
        brokers.filter((broker) => overlap(broker, base)),
        `${base}`,
      ).toEqual([]);
});
