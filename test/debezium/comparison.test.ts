import { expect, test } from 'vitest';
import { Sfc32 } from '../../src/base/random.ts';
import { compare } from './comparison.ts';
import { type Events, History } from './history.ts';

/** A history of some hundred changes, and a capture of it without faults. */
function captured(): { history: History; events: Events } {
  const history = new History(new Sfc32(7));
  history.snapshot(10);
  while (history.changes < 500) history.transaction();
  return { history, events: new Map([...history.events].map(([key, of]) => [key, [...of]])) };
}

const some = (events: Events, ending: RegExp): string[] => {
  const found = [...events.values()].find((of) => ending.test(of.join(' ')));
  if (!found) throw new Error('the history has no such key');
  return found;
};

test('a capture of every change in its order is right', () => {
  const { history, events } = captured();
  expect(compare(history, events)).toEqual({ differences: [], brokenApart: [] });
});

test.each<[string, (events: Events) => void]>([
  ['is missing', (events) => some(events, /u \d+ \d+$/).pop()],
  ['is there twice', (events) => some(events, /u \d+ \d+$/).push('u 1 2')],
  ['comes before an earlier one', (events) => some(events, /u \d+ \d+ u \d+ \d+$/).reverse()],
  ['is missing with all its records', (events) => some(events, /d \d+ -$/).splice(-2)],
  ['was rolled back', (events) => events.set(97, ['u 1 -1'])],
])('a change that %s is found', (_, damage) => {
  const { history, events } = captured();
  damage(events);
  const { differences, brokenApart } = compare(history, events);
  expect(differences).toHaveLength(1);
  expect(brokenApart).toEqual([]);
});

test('a change of which the last record is missing is told apart', () => {
  const { history, events } = captured();
  some(events, /d \d+ -$/).pop();
  const { differences, brokenApart } = compare(history, events);
  expect(differences).toEqual([]);
  expect(brokenApart).toHaveLength(1);
});
