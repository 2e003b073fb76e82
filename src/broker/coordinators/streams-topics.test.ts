import { expect, test } from 'vitest';
import { GroupBench } from '../../../test/coordinator/group-bench.ts';
import { settle } from '../../../test/coordinator/manual-clock.ts';
import { internalTopic } from '../../../test/coordinator/streams-bench.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { type CreateFor, StreamsTopics } from './streams-topics.ts';

const FAILURE_MS = 10_000;
const TOPICS = [internalTopic('words', 3), internalTopic('counts', 3)];

type Asked = Parameters<CreateFor<string>>[0];

function topicsOf(answers: Record<string, ErrorName>, message: string | null = null) {
  const { world, clock } = new GroupBench();
  const asked: Asked[] = [];
  const topics = new StreamsTopics<string>(world, async (request) => {
    asked.push(request);
    return request.topics.map(({ name }) => ({
      name,
      topicId: '',
      errorCode: errorCode(answers[name] ?? 'NONE'),
      errorMessage: answers[name] ? message : null,
      topicConfigErrorCode: 0,
      numPartitions: 3,
      replicationFactor: 1,
      configs: [],
    }));
  });
  return { topics, asked, clock };
}

test('topics are made with the cluster’s replication where the application says none', async () => {
  const { topics, asked } = topicsOf({});
  const topicConfigs = [{ key: 'cleanup.policy', value: 'compact' }];
  topics.make(
    [internalTopic('words', 3), { ...internalTopic('counts', 5), replicationFactor: 2, topicConfigs }],
    'me',
    1,
  );
  await settle();
  expect(asked.map((request) => request.topics)).toEqual([
    [
      { name: 'words', numPartitions: 3, replicationFactor: -1, assignments: [], configs: [] },
      {
        name: 'counts',
        numPartitions: 5,
        replicationFactor: 2,
        assignments: [],
        configs: [{ name: 'cleanup.policy', value: 'compact' }],
      },
    ],
  ]);
});

test('what is being made is not made twice', async () => {
  const { topics, asked } = topicsOf({});
  topics.make(TOPICS, 'me', FAILURE_MS);
  topics.make(TOPICS, 'me', FAILURE_MS);
  await settle();
  expect(asked).toHaveLength(1);
  topics.make(TOPICS, 'me', FAILURE_MS);
  await settle();
  expect(asked).toHaveLength(2);
});

test('what could not be made is left alone for a while, in which it is known why', async () => {
  const { topics, asked, clock } = topicsOf({ words: 'INVALID_REPLICATION_FACTOR' }, 'too few brokers');
  topics.make(TOPICS, 'me', FAILURE_MS);
  await settle();
  expect(topics.failures(TOPICS)).toEqual([['words', 'too few brokers']]);
  topics.make(TOPICS, 'me', FAILURE_MS);
  await settle();
  expect(asked[1]?.topics.map(({ name }) => name)).toEqual(['counts']);
  await clock.advance(FAILURE_MS);
  expect(topics.failures(TOPICS)).toEqual([]);
  topics.make(TOPICS, 'me', FAILURE_MS);
  await settle();
  expect(asked[2]?.topics.map(({ name }) => name)).toEqual(['words', 'counts']);
});

test('a topic that somebody else made meanwhile is none that could not be made', async () => {
  const { topics } = topicsOf({ words: 'TOPIC_ALREADY_EXISTS' });
  topics.make(TOPICS, 'me', FAILURE_MS);
  await settle();
  expect(topics.failures(TOPICS)).toEqual([]);
});
