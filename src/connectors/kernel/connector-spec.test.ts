import { expect, test } from 'vitest';
import { builtIn } from '../catalogue.ts';

const NAME = 'org.apache.kafka.connect.file.FileStreamSourceConnector';

test('a connector is found by its whole name and by the shorter ones of Kafka Connect', () => {
  for (const name of [NAME, 'FileStreamSourceConnector', 'FileStreamSource'])
    expect(builtIn(name)?.className).toBe(NAME);
  expect(builtIn('FileStream')).toBeNull();
});

test('every problem of a configuration is told, in words of Kafka Connect', () => {
  const problems = builtIn(NAME)?.problems({ file: '/tmp/in', 'batch.size': '0' });
  expect(problems).toEqual([
    { property: 'topic', message: 'Missing required configuration "topic" which has no default value.' },
    {
      property: 'batch.size',
      message: 'Invalid value 0 for configuration batch.size: must be at least 1.',
    },
  ]);
});
