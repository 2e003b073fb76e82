import { expect, test } from 'vitest';
import { ManualClock } from '../../../test/coordinator/manual-clock.ts';
import { type LogFields, type Logger, silent } from '../../base/log.ts';
import { Repeats } from './repeats.ts';

function repeats() {
  const clock = new ManualClock();
  const lines: LogFields[] = [];
  const log: Logger = { ...silent, info: (_, fields = {}) => void lines.push(fields) };
  return { clock, lines, said: new Repeats(clock, log) };
}

test('what happens a thousand times is told at once, and as a number after ten seconds', async () => {
  const { clock, lines, said } = repeats();
  for (let client = 0; client < 1000; client++)
    said.say('info', 'a connection failed', { from: '127.0.0.2' }, { client });
  expect(lines).toEqual([{ from: '127.0.0.2', client: 0 }]);
  await clock.advance(10_000);
  expect(lines.slice(1)).toEqual([{ from: '127.0.0.2', times: 1000 }]);
  said.say('info', 'a connection failed', { from: '127.0.0.2' }, { client: 1000 });
  await clock.advance(10_000);
  expect(lines.slice(2)).toEqual([{ from: '127.0.0.2', client: 1000 }]);
});

test('of lines from a thousand addresses twenty are told in ten seconds', () => {
  const { lines, said } = repeats();
  for (let address = 0; address < 1000; address++)
    said.say('info', 'a connection failed', { from: `127.0.${address >> 8}.${address & 255}` });
  expect(lines).toHaveLength(20);
});
