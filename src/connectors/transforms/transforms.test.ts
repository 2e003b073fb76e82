import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { NodeClock } from '../../platform/node-clock.ts';
import { builtIn } from '../catalogue.ts';
import { connectorProblems } from '../connector-problems.ts';
import {
  differenceOf,
  type TransformCase,
  type TransformOutcome,
  transformOutcome,
} from './testing/transform-outcome.ts';

/**
 * `npm run transforms -- --record FILE` writes them, by the transforms of Kafka Connect 4.3.1 and of Debezium
 * 3.6.1. The last are the longer ones that once differed.
 */
const RECORDED = new URL('./testing/recorded-outcomes.jsonl', import.meta.url);

test('records become what they become in Kafka Connect, and fail where they fail there', () => {
  const lines = readFileSync(RECORDED, 'utf8').trim().split('\n');
  expect(lines.length).toBeGreaterThan(200);
  const clock = new NodeClock();
  const differences = lines.flatMap((line) => {
    const one: TransformCase & { outcome: TransformOutcome } = JSON.parse(line);
    return differenceOf(one.outcome, transformOutcome(one, clock)) ?? [];
  });
  expect(differences).toEqual([]);
});

describe('the configuration of transforms', () => {
  const sink = builtIn('FileStreamSink');
  const problemsOf = (texts: Record<string, string>) =>
    sink === null
      ? null
      : connectorProblems(sink, {
          name: 'x',
          'connector.class': 'FileStreamSink',
          topics: 't',
          file: '/f',
          ...texts,
        }).map(({ message }) => message);

  test('has classes by their whole names and without their package, and conditions', () => {
    expect(
      problemsOf({
        ...{ transforms: 'a, b', 'transforms.a.type': 'HoistField$Value', 'transforms.a.field': 'line' },
        ...{
          'transforms.b.type': 'org.apache.kafka.connect.transforms.Filter',
          'transforms.b.predicate': 'p',
        },
        ...{ 'transforms.b.negate': 'true', predicates: 'p', 'predicates.p.type': 'RecordIsTombstone' },
      }),
    ).toEqual([]);
  });

  test('is told with the names of its properties where it is wrong', () => {
    expect(
      problemsOf({
        ...{ transforms: 'a,b,a', 'transforms.a.type': 'HoistField$Value', 'transforms.a.fields': 'line' },
        ...{ 'transforms.b.type': 'Filter', 'transforms.b.negate': 'true', 'transforms.c.type': 'Filter' },
      }),
    ).toEqual([
      'Invalid value [a, b, a] for configuration transforms: Duplicate alias provided.',
      'Missing required configuration "transforms.a.field" which has no default value.',
      "Config 'transforms.b.negate' was provided but there is no config 'transforms.b.predicate' defining a predicate to be negated.",
      'Unknown configuration "transforms.a.fields": no part of this connector has it.',
      'Unknown configuration "transforms.c.type": no part of this connector has it.',
    ]);
  });
});
