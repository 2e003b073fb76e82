import { expect, test } from 'vitest';
import { ManualClock } from '../../../test/coordinator/manual-clock.ts';
import { SignInDeadlines } from './sign-in-deadlines.ts';

test('who has not signed in within 30 s is late, and nobody who left before', async () => {
  const clock = new ManualClock();
  const deadlines = new SignInDeadlines<string>(clock);
  const late: string[] = [];
  for (const name of ['slow', 'gone']) deadlines.begin(name, () => late.push(name));
  await clock.advance(29_999);
  deadlines.end('gone');
  expect(late).toEqual([]);
  await clock.advance(1);
  expect(late).toEqual(['slow']);
  expect(clock.timers).toBe(0);
});
