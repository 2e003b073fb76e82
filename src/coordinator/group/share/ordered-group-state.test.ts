import { expect, test } from 'vitest';
import type { Refusal } from '../../../protocol/refusal.ts';
import { OrderedGroupState } from './ordered-group-state.ts';

const GROUP = 'queue';
const PARTITION = { topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partition: 0 };
const NEW = { stateEpoch: 2, startOffset: -1 };
/** How long what was resolved needs to come to whoever waits for it. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

interface Asked {
  readonly what: string;
  readonly isWanted: () => boolean;
  answer(refusal: Refusal | null): void;
}

function bench() {
  const asked: Asked[] = [];
  const leadership = { epoch: 7 as number | undefined };
  const ask = (what: string, isWanted: () => boolean) =>
    new Promise<Refusal | null>((answer) => asked.push({ what, isWanted, answer }));
  const state = new OrderedGroupState(
    {
      initialize: (_group, _partition, { stateEpoch }, isWanted) => ask(`initialize ${stateEpoch}`, isWanted),
      delete: (_group, _partition, isWanted) => ask('delete', isWanted),
      summary: async () => ({ error: 'UNKNOWN_SERVER_ERROR', message: null }),
    },
    () => leadership.epoch,
  );
  const told = () => asked.map(({ what }) => what);
  return { state, asked, leadership, told };
}

test('a partition is deleted after what was to initialize it, and initialized after what was to delete it', async () => {
  const { state, asked, told } = bench();
  const outcomes = [
    state.initialize(GROUP, PARTITION, NEW),
    state.delete(GROUP, PARTITION),
    state.initialize(GROUP, PARTITION, { ...NEW, stateEpoch: 3 }),
  ];
  await turn();
  expect(told()).toEqual(['initialize 2']);
  asked[0]?.answer(null);
  await turn();
  expect(told()).toEqual(['initialize 2', 'delete']);
  asked[1]?.answer({ error: 'COORDINATOR_NOT_AVAILABLE', message: null });
  await turn();
  expect(told()).toEqual(['initialize 2', 'delete', 'initialize 3']);
  asked[2]?.answer(null);
  expect(await Promise.all(outcomes)).toEqual([
    null,
    { error: 'COORDINATOR_NOT_AVAILABLE', message: null },
    null,
  ]);
});

test('other partitions and groups do not wait', async () => {
  const { state, told } = bench();
  void state.initialize(GROUP, PARTITION, NEW);
  void state.delete(GROUP, { ...PARTITION, partition: 1 });
  void state.delete('other', PARTITION);
  await turn();
  expect(told()).toEqual(['initialize 2', 'delete', 'delete']);
});

test('what a coordinator wished before it was replaced is not wanted any more, nor once it is elected again', async () => {
  const { state, asked, leadership } = bench();
  void state.initialize(GROUP, PARTITION, NEW);
  // It waits, and is asked for only after the coordinator was replaced and elected again.
  void state.delete(GROUP, PARTITION);
  expect(asked[0]?.isWanted()).toBe(true);
  leadership.epoch = undefined;
  expect(asked[0]?.isWanted()).toBe(false);
  leadership.epoch = 9;
  asked[0]?.answer(null);
  await turn();
  expect(asked.map(({ isWanted }) => isWanted())).toEqual([false, false]);
});
