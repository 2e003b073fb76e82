import { describe, expect, test } from 'vitest';
import { converterSpec } from '../converters/converters.ts';
import type { SourceOffset, SourceRecord } from '../kernel/connect-record.ts';
import { HandClock } from '../testing/hand-kernel.ts';
import { TestSourceContext } from '../testing/source-task-context.ts';
import { datagen } from './datagen.ts';
import { QUICKSTART_NAMES } from './quickstart-names.ts';

async function polled(
  texts: Record<string, string>,
  stored: SourceOffset | null = null,
): Promise<readonly SourceRecord[]> {
  const task = await datagen.task({ 'kafka.topic': 't', 'max.interval': '0', ...texts });
  await task.start(new TestSourceContext(new HandClock(), stored));
  const records = await task.poll();
  await task.stop();
  return records;
}

describe('made-up records', () => {
  test.each(QUICKSTART_NAMES)('of %s can be written with their schemas', async (quickstart) => {
    const records = await polled({ quickstart, iterations: '20' });
    expect(records).toHaveLength(20);
    const converter = converterSpec('JsonConverter')?.make({});
    for (const { keySchema, key, valueSchema, value } of records) {
      expect(converter?.toConnect(converter.fromConnect(valueSchema, value))).toEqual({
        schema: valueSchema,
        value,
      });
      expect(converter?.toConnect(converter.fromConnect(keySchema, key))).toEqual({
        schema: keySchema,
        value: key,
      });
    }
  });

  test('are the same behind a stored offset, whoever makes them, and end with their number', async () => {
    const all = await polled({ quickstart: 'orders', iterations: '10' });
    const rest = await polled({ quickstart: 'orders', iterations: '10' }, { 'current.iteration': 6 });
    expect(rest).toEqual(all.slice(7));
    expect(await polled({ quickstart: 'orders', iterations: '10' }, { 'current.iteration': 9 })).toEqual([]);
    expect(await polled({ quickstart: 'orders', iterations: '10', 'random.seed': '1' })).not.toEqual(all);
  });

  test('come one by one where they are to wait', async () => {
    expect(await polled({ quickstart: 'USERS', 'max.interval': '1000' })).toHaveLength(1);
  });

  test('have as many tasks as are allowed', () => {
    const texts = { 'kafka.topic': 't', quickstart: 'USERS' };
    expect(datagen.taskTexts(texts, 3)).toEqual([texts, texts, texts]);
  });
});
