import { expect, test } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { type IsrAnswer, IsrChanges } from './isr-changes.ts';

test('a controller that leaves a partition out of its answer has not changed it, and is asked again', async () => {
  const simulation = new Simulation(1);
  const answered = await simulation.run(async () => {
    const { world } = simulation.host('broker');
    const changes = new IsrChanges(world, {
      send: async () => ({ throttleTimeMs: 0, errorCode: 0, topics: [] }),
      broker: () => ({ id: 1, epoch: 5 }),
    });
    const change = {
      topicId: 'AAAAAAAAAAAAAAAAAAAAAQ',
      partition: 0,
      leaderEpoch: 1,
      isr: [{ brokerId: 1, brokerEpoch: 5 }],
      leaderRecoveryState: 0,
      partitionEpoch: 3,
    };
    return new Promise<IsrAnswer>((resolve) => changes.submit(change, resolve));
  });
  expect(answered).toEqual({ error: 'UNKNOWN_SERVER_ERROR' });
});
