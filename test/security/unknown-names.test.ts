import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KnownPlace } from '../../src/protocol/testing/sample-requests.ts';
import {
  answerTo,
  apart,
  type BesideKafka,
  servedByBoth,
  startBesideKafka,
  withoutKafka,
} from './beside-kafka.ts';

/** From a client that may do everything. */
const from = '127.0.0.1';
const NOBODY = { group: 'nobody', memberId: 'nobody', transactionalId: 'nobody' };
const NOWHERE = { topic: 'nowhere', topicId: 'bm93aGVyZW5vd2hlcmUtLQ', memberId: '' };
/** From which version on: a request for metadata makes the topic before. */
const ABOUT_TOPICS: ReadonlyMap<string, number> = new Map(
  [
    ...['Produce', 'Fetch', 'ListOffsets', 'OffsetCommit', 'OffsetFetch', 'DeleteTopics', 'DeleteRecords'],
    ...['OffsetForLeaderEpoch', 'TxnOffsetCommit', 'DescribeConfigs', 'AlterConfigs', 'AlterReplicaLogDirs'],
    ...['CreatePartitions', 'ElectLeaders', 'IncrementalAlterConfigs', 'AlterPartitionReassignments'],
    ...['ListPartitionReassignments', 'OffsetDelete', 'DescribeProducers', 'DescribeTopicPartitions'],
    ...['AlterShareGroupOffsets', 'DeleteShareGroupOffsets'],
  ].map((name) => [name, 0]),
).set('Metadata', 4);
/** Other requests make the group. */
const ABOUT_GROUPS: ReadonlyMap<string, number> = new Map(
  [
    ...['OffsetCommit', 'OffsetFetch', 'Heartbeat', 'LeaveGroup', 'SyncGroup', 'DescribeGroups'],
    ...['DeleteGroups', 'OffsetDelete', 'TxnOffsetCommit', 'AddOffsetsToTxn', 'AddPartitionsToTxn', 'EndTxn'],
    ...['DescribeTransactions', 'FindCoordinator', 'ConsumerGroupDescribe', 'ShareGroupDescribe'],
    ...['StreamsGroupDescribe'],
  ].map((name) => [name, 0]),
);
let both: BesideKafka;

beforeAll(async () => {
  if (!withoutKafka) both = await startBesideKafka();
});

afterAll(() => both?.stop());

describe.skipIf(withoutKafka)('what does not exist is told as by Apache Kafka, in every version', () => {
  test('a topic', async () => {
    const { asked, differing } = await compare(ABOUT_TOPICS, NOWHERE);
    expect(differing).toEqual({});
    expect(asked).toBeGreaterThan(90);
  });

  test('a group or a transactional id', async () => {
    const { asked, differing } = await compare(ABOUT_GROUPS, NOBODY);
    expect(differing).toEqual({});
    expect(asked).toBeGreaterThan(60);
  });
});

async function compare(
  since: ReadonlyMap<string, number>,
  unknown: Partial<KnownPlace>,
): Promise<{ readonly asked: number; readonly differing: Readonly<Record<string, unknown>> }> {
  const differing: Record<string, unknown> = {};
  const served = await servedByBoth(both);
  const wanted = served.filter(
    ({ api, version }) => version >= (since.get(api.name) ?? Number.POSITIVE_INFINITY),
  );
  for (const one of wanted) {
    const [here, there] = [
      worded(await answerTo(both.ours, one, { from, place: { ...both.ours.place, ...unknown } })),
      worded(await answerTo(both.theirs, one, { from, place: { ...both.theirs.place, ...unknown } })),
    ];
    if (here !== there) differing[`${one.api.name} v${one.version}`] = apart(here, there);
  }
  return { asked: wanted.length, differing };
}

/** Whether there is a message, and not what it says. */
function worded(answer: string): string {
  return answer.replace(/"errorMessage":"(?:[^"\\]|\\.)+"/g, '"errorMessage":"…"');
}
