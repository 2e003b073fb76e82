import { describe, expect, test } from 'vitest';
import { GroupBench } from '../../../../../test/coordinator/group-bench.ts';
import {
  internalTopic,
  type RequestedSubtopology,
  subtopology,
} from '../../../../../test/coordinator/streams-bench.ts';
import { configureTopology } from './configured-topology.ts';
import { Topology } from './topology.ts';
import { checkTopology } from './topology-check.ts';

function configured(topics: Record<string, number>, subtopologies: RequestedSubtopology[]) {
  const bench = new GroupBench();
  for (const [name, partitions] of Object.entries(topics)) bench.createTopic(name, partitions);
  const found = configureTopology(new Topology({ epoch: 0, subtopologies }), bench.image);
  if ('error' in found) return `${found.error}: ${found.message}`;
  const missing = Object.fromEntries(found.missing.map(({ name, partitions }) => [name, partitions]));
  const problem = found.problem && `${found.problem.status}: ${found.problem.detail}`;
  return { problem, missing, tasks: [...found.subtopologies.values()].map(({ taskCount }) => taskCount) };
}

const reads = (...sourceTopics: string[]) => ({ sourceTopics });
const rereads = (...topics: [string, number?][]) => ({
  repartitionSourceTopics: topics.map(([name, partitions]) => internalTopic(name, partitions)),
});

// What Apache Kafka 4.3.1's InternalTopicManager decides.
describe('how many partitions topics are to have', () => {
  test('a repartition topic has as many as the most of what is written into it comes from', () => {
    expect(
      configured({ a: 3, b: 5 }, [
        subtopology('0', { ...reads('a', 'b'), repartitionSinkTopics: ['r'] }),
        subtopology('1', rereads(['r'])),
      ]),
    ).toEqual({
      problem: 'MISSING_INTERNAL_TOPICS: Internal topics are missing: r',
      missing: { r: 5 },
      tasks: [5, 5],
    });
  });

  test('through a chain, in whatever order the subtopologies are', () => {
    expect(
      configured({ a: 4 }, [
        subtopology('0', { ...rereads(['r1']), repartitionSinkTopics: ['r2'] }),
        subtopology('1', { ...reads('a'), repartitionSinkTopics: ['r1'] }),
        subtopology('2', { ...rereads(['r2']), stateChangelogTopics: [internalTopic('c')] }),
      ]),
    ).toMatchObject({ missing: { r1: 4, r2: 4, c: 4 }, tasks: [4, 4, 4] });
  });

  test('one whose number the application says has that', () => {
    expect(
      configured({ a: 4 }, [
        subtopology('0', { ...reads('a'), repartitionSinkTopics: ['r'] }),
        subtopology('1', rereads(['r', 7])),
      ]),
    ).toMatchObject({ missing: { r: 7 }, tasks: [4, 7] });
  });

  test('one that is joined with a topic of others has as many as that', () => {
    expect(
      configured({ a: 6, b: 2 }, [
        subtopology('0', { ...reads('a'), repartitionSinkTopics: ['r'] }),
        subtopology('1', {
          ...reads('b'),
          ...rereads(['r']),
          copartitionGroups: [{ sourceTopics: [0], sourceTopicRegex: [], repartitionSourceTopics: [0] }],
        }),
      ]),
    ).toMatchObject({ missing: { r: 2 }, tasks: [6, 2] });
  });

  test('those that are joined with each other have the most of them', () => {
    expect(
      configured({ a: 6, b: 2 }, [
        subtopology('0', { ...reads('a'), repartitionSinkTopics: ['r'] }),
        subtopology('1', { ...reads('b'), repartitionSinkTopics: ['s'] }),
        subtopology('2', {
          ...rereads(['r'], ['s']),
          copartitionGroups: [{ sourceTopics: [], sourceTopicRegex: [], repartitionSourceTopics: [0, 1] }],
        }),
      ]),
    ).toMatchObject({ missing: { r: 6, s: 6 }, tasks: [6, 2, 6] });
  });
});

describe('topics that do not go together', () => {
  test('topics of others that are joined', () => {
    expect(
      configured({ a: 6, b: 2 }, [
        subtopology('0', {
          ...reads('a', 'b'),
          copartitionGroups: [{ sourceTopics: [0, 1], sourceTopicRegex: [], repartitionSourceTopics: [] }],
        }),
      ]),
    ).toMatchObject({
      problem:
        'INCORRECTLY_PARTITIONED_TOPICS: Following topics do not have the same number of partitions: [{a=6, b=2}]',
      tasks: [],
    });
  });

  test('a number that the application says, and a topic of others', () => {
    expect(
      configured({ a: 6, b: 2 }, [
        subtopology('0', { ...reads('a'), repartitionSinkTopics: ['r'] }),
        subtopology('1', {
          ...reads('b'),
          ...rereads(['r', 3]),
          copartitionGroups: [{ sourceTopics: [0], sourceTopicRegex: [], repartitionSourceTopics: [0] }],
        }),
      ]),
    ).toMatchObject({
      problem:
        "INCORRECTLY_PARTITIONED_TOPICS: Number of partitions [3] of repartition topic [r] doesn't match number of partitions [2] of the source topic.",
    });
  });
});

describe('topologies that no topics satisfy', () => {
  test.each<[string, RequestedSubtopology[]]>([
    [
      'Failed to compute number of partitions for all repartition topics. There may be loops in the topology that cannot be resolved.',
      [subtopology('0', { ...rereads(['r']), repartitionSinkTopics: ['r'] })],
    ],
    [
      'Failed to compute number of partitions for all repartition topics, because a repartition source topic is never used as a sink topic.',
      [subtopology('0', { ...reads('a'), ...rereads(['r']) })],
    ],
    ['No source topics found for subtopology 0', [subtopology('0')]],
  ])('%s', (message, subtopologies) => {
    expect(configured({ a: 1 }, subtopologies)).toBe(`STREAMS_INVALID_TOPOLOGY: ${message}`);
  });

  test.each<[string, number, RequestedSubtopology[]]>([
    ['Topology epoch must be non-negative.', -1, []],
    ['Two subtopologies have the same id.', 0, [subtopology('0'), subtopology('0')]],
    [
      'Changelog topic c must have an undefined partition count, but it is set to 3.',
      0,
      [subtopology('0', { stateChangelogTopics: [internalTopic('c', 3)] })],
    ],
    ['Repartition topic r cannot have -1 partitions.', 0, [subtopology('0', rereads(['r', -1]))]],
    [
      'A copartition group of subtopology 0 names a topic that is not there.',
      0,
      [
        subtopology('0', {
          ...reads('a'),
          copartitionGroups: [{ sourceTopics: [1], sourceTopicRegex: [], repartitionSourceTopics: [] }],
        }),
      ],
    ],
    [
      'A topology has 1000 subtopologies at most.',
      0,
      Array.from({ length: 1001 }, (_, i) => subtopology(String(i))),
    ],
    [
      'A topology has 10000 topics at most.',
      0,
      [subtopology('0', { sourceTopics: Array.from({ length: 10_001 }, (_, i) => `t${i}`) })],
    ],
  ])('%s', (message, epoch, subtopologies) => {
    expect(checkTopology({ epoch, subtopologies })?.message).toBe(message);
  });
});
