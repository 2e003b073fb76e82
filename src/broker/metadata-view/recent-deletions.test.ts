import { expect, test } from 'vitest';
import { Simulation } from '../../../sim/simulation.ts';
import { sleep } from '../../base/clock.ts';
import { ImageDelta } from '../../metadata/delta.ts';
import { emptyImage } from '../../metadata/image.ts';
import { RecentDeletions } from './recent-deletions.ts';

test('a topic was deleted recently for ten seconds, also when one of its name was deleted before', async () => {
  const simulation = new Simulation(1);
  const deletions = new RecentDeletions(simulation.clock);
  const remove = (name: string) => {
    const made = new ImageDelta(emptyImage);
    made.replay({ type: 'TopicRecord', name, topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' });
    deletions.onImage(ImageDelta.between(made.apply({ offset: 1, epoch: 1, timestamp: 0 }), emptyImage));
  };
  await simulation.run(async () => {
    expect(deletions.has('t')).toBe(false);
    remove('t');
    await sleep(simulation.clock, 9_000);
    expect(deletions.has('t')).toBe(true);
    expect(deletions.has('other')).toBe(false);
    remove('t');
    await sleep(simulation.clock, 9_000);
    expect(deletions.has('t')).toBe(true);
    await sleep(simulation.clock, 1_001);
    expect(deletions.has('t')).toBe(false);
  });
});
