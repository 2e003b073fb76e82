import { expect } from 'vitest';
import { ZERO_UUID } from '../../src/base/brand.ts';
import type { KafkaConnection } from '../../src/client/connection.ts';
import { decodeGroupRecord, type GroupRecord } from '../../src/coordinator/group/records.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { fetch } from '../../src/protocol/messages/01-fetch.ts';
import { offsetCommit } from '../../src/protocol/messages/08-offset-commit.ts';
import { offsetFetch } from '../../src/protocol/messages/09-offset-fetch.ts';
import { describeGroups } from '../../src/protocol/messages/15-describe-groups.ts';
import { listGroups } from '../../src/protocol/messages/16-list-groups.ts';
import { createTopics } from '../../src/protocol/messages/19-create-topics.ts';
import { deleteGroups } from '../../src/protocol/messages/42-delete-groups.ts';
import { consumerGroupHeartbeat } from '../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import { streamsGroupHeartbeat } from '../../src/protocol/messages/88-streams-group-heartbeat.ts';
import { streamsGroupDescribe } from '../../src/protocol/messages/89-streams-group-describe.ts';
import { batches } from '../../src/protocol/records/batch.ts';
import { readRecords } from '../../src/protocol/records/record.ts';
import { idsOf, subtopology, WORD_COUNT } from '../coordinator/streams-bench.ts';
import { Refused, type WireClient } from '../workloads/wire-client.ts';

const V0 = { version: 0 };
const GROUP = 'streams-app';
const PROBE = 'streams-probe';
const NOTHING = { activeTasks: [], standbyTasks: [], warmupTasks: [] };

type Heartbeat = Parameters<ReturnType<typeof streamsGroupHeartbeat.request>['encode']>[1];

/**
 * The answers of a broker to right and wrong requests of members of streams groups, and the records that it
 * stores of them. There are no delays: `group.streams.initial.rebalance.delay.ms` and
 * `group.streams.assignment.interval.ms` are 0.
 */
export async function streamsAnswers(client: WireClient): Promise<string[]> {
  const connection = await client.retried(() => client.coordinator('group', GROUP));
  const told: string[] = [];
  const tell = (what: string, answer: unknown): void => {
    told.push(`${what}: ${JSON.stringify(answer, plain)}`);
  };
  const beat = async (what: string, request: Partial<Heartbeat>) => {
    const answer = await connection.send(
      streamsGroupHeartbeat,
      { groupId: GROUP, memberId: 'a', memberEpoch: 0, endpointInformationEpoch: 0, ...request },
      V0,
    );
    tell(what, answer);
    return answer;
  };
  const describe = async (what: string, groupId = GROUP): Promise<void> =>
    tell(
      what,
      await connection.send(
        streamsGroupDescribe,
        { groupIds: [groupId], includeAuthorizedOperations: true },
        V0,
      ),
    );
  const commit = async (what: string, memberId: string, epoch: number, partition: number): Promise<void> =>
    tell(
      what,
      await connection.send(
        offsetCommit,
        {
          groupId: GROUP,
          generationIdOrMemberEpoch: epoch,
          memberId,
          topics: [
            {
              name: 'streams-lines',
              topicId: ZERO_UUID,
              partitions: [{ partitionIndex: partition, committedOffset: 0, committedMetadata: '' }],
            },
          ],
        },
        { version: 9 },
      ),
    );
  const topology = {
    epoch: 1,
    subtopologies: WORD_COUNT.subtopologies.map((one) => ({
      ...one,
      sourceTopics: one.sourceTopics.map(() => 'streams-lines'),
    })),
  };
  const joining = { rebalanceTimeoutMs: 60_000, topology, processId: 'one', ...NOTHING };

  const before = { groupIds: [GROUP], includeAuthorizedOperations: true };
  await client.retried(async () => {
    const { groups } = await connection.send(streamsGroupDescribe, before, V0);
    const error = errorName(groups[0]?.errorCode ?? 0);
    if (error !== 'GROUP_ID_NOT_FOUND') throw new Refused(error);
  });
  await describe('describe before');
  await beat('unknown group', { memberEpoch: 1 });
  await beat('leave of an unknown group', { memberEpoch: -1 });
  await beat('no topology', { ...joining, topology: null });
  await beat('no timeout', { ...joining, rebalanceTimeoutMs: -1 });
  await beat('static', { ...joining, instanceId: 'i' });
  await beat('epoch -3', { memberEpoch: -3 });
  await beat('changelog with partitions', {
    ...joining,
    topology: {
      epoch: 0,
      subtopologies: [
        subtopology('0', {
          sourceTopics: ['streams-lines'],
          stateChangelogTopics: [{ name: 'c', partitions: 3, replicationFactor: 0, topicConfigs: [] }],
        }),
      ],
    },
  });
  await beat('internal topic', {
    ...joining,
    topology: { epoch: 0, subtopologies: [subtopology('0', { sourceTopics: ['__consumer_offsets'] })] },
  });
  await beat('no source topics', { ...joining, groupId: `${GROUP}-2` });
  const missing = { numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] };
  const topics = ['streams-lines', 'app-words-repartition', 'app-counts-changelog'];
  for (const name of topics)
    await connection.send(
      createTopics,
      { topics: [{ name, ...missing }], timeoutMs: 60_000 },
      { version: 7 },
    );
  // Apache Kafka's broker learns of topics after the controller has answered, and a moment later its
  // coordinator: it knows them when a member of another group, which then is gone, misses none.
  for (const name of topics) await client.retried(() => client.leader(name, 0));
  const probe = { groupId: PROBE, memberId: 'probe', endpointInformationEpoch: 0 };
  await client.retried(async () => {
    const answer = await connection.send(streamsGroupHeartbeat, { ...joining, ...probe, memberEpoch: 0 }, V0);
    if (answer.errorCode !== 0) throw new Refused(errorName(answer.errorCode));
    if ((answer.status ?? []).length > 0) throw new Refused('UNKNOWN_TOPIC_OR_PARTITION');
  });
  await connection.send(streamsGroupHeartbeat, { ...probe, memberEpoch: -1 }, V0);
  const deleted = await connection.send(deleteGroups, { groupsNames: [PROBE] }, { version: 2 });
  expect(deleted.results.map(({ errorCode }) => errorName(errorCode))).toEqual(['NONE']);

  const endpoint = { host: 'here', port: 80 };
  const a = await beat('a joins', { ...joining, userEndpoint: endpoint });
  await beat('a again', { memberEpoch: a.memberEpoch, endpointInformationEpoch: a.endpointInformationEpoch });
  await beat('a with another epoch', { memberEpoch: a.memberEpoch + 1 });
  await beat('a with tasks that are not', {
    memberEpoch: a.memberEpoch,
    ...NOTHING,
    activeTasks: [{ subtopologyId: '0', partitions: [9] }],
  });
  await beat('another topology', { ...joining, memberId: 'x', topology: { ...topology, subtopologies: [] } });
  await beat('an older topology', {
    ...joining,
    memberId: 'old',
    processId: 'two',
    topology: { ...topology, epoch: 0 },
  });
  await beat('the old one leaves', { memberId: 'old', memberEpoch: -1 });
  await describe('with one member');
  await commit('commit of a', 'a', a.memberEpoch, 0);
  await commit('commit of a with a later epoch', 'a', a.memberEpoch + 9, 0);
  await commit('commit of nobody', 'nobody', 1, 0);
  await commit('commit without a member', '', -1, 0);
  const owned = { ...NOTHING, activeTasks: idsOf(['0_0', '0_1', '1_0', '1_1']) };
  const again = await beat('a is alone again', { memberEpoch: a.memberEpoch, ...owned });
  const b = await beat('b joins', { ...joining, memberId: 'b', processId: 'two' });
  await describe('while tasks move');
  await beat('a is asked to give back', { memberEpoch: again.memberEpoch, ...owned });
  await beat('b waits', { memberId: 'b', memberEpoch: b.memberEpoch });
  const given = await beat('a gave back', {
    memberEpoch: again.memberEpoch,
    ...NOTHING,
    activeTasks: idsOf(['0_0', '1_0']),
  });
  const gave = await beat('b gets', { memberId: 'b', memberEpoch: b.memberEpoch, ...NOTHING });
  await describe('with two members');
  await commit('commit for a task of b', 'a', a.memberEpoch, 1);
  await commit('commit with an earlier epoch', 'a', a.memberEpoch, 0);
  const read = { groupId: GROUP, memberId: 'a', topics: null };
  for (const memberEpoch of [given.memberEpoch, 1])
    tell(
      `fetch of offsets in epoch ${memberEpoch}`,
      await connection.send(offsetFetch, { groups: [{ ...read, memberEpoch }] }, { version: 9 }),
    );
  tell('groups', await listed(connection));
  tell(
    'described as a classic group',
    await connection.send(
      describeGroups,
      { groups: [GROUP], includeAuthorizedOperations: false },
      { version: 6 },
    ),
  );
  tell(
    'a consumer joins',
    await connection.send(
      consumerGroupHeartbeat,
      {
        groupId: GROUP,
        memberId: 'c',
        memberEpoch: 0,
        rebalanceTimeoutMs: 1000,
        subscribedTopicNames: ['streams-lines'],
        topicPartitions: [],
      },
      { version: 1 },
    ),
  );
  tell('deleted too early', await connection.send(deleteGroups, { groupsNames: [GROUP] }, { version: 2 }));
  await beat('a asks for the end', { memberEpoch: given.memberEpoch, shutdownApplication: true });
  await beat('b hears of it', { memberId: 'b', memberEpoch: gave.memberEpoch });
  await beat('a leaves', { memberEpoch: -1 });
  await beat('a has left', { memberEpoch: given.memberEpoch });
  await beat('b leaves', { memberId: 'b', memberEpoch: -1 });
  await describe('when all have left');
  tell('deleted', await connection.send(deleteGroups, { groupsNames: [GROUP] }, { version: 2 }));
  for (const record of await recordsOf(connection)) tell('record', record);
  return told;
}

/** The records of streams groups in `__consumer_offsets`, which has one partition. */
async function recordsOf(connection: KafkaConnection): Promise<GroupRecord[]> {
  const found: GroupRecord[] = [];
  for (let offset = 0, next = -1; next !== offset; ) {
    offset = Math.max(offset, next);
    const partitions = [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 1_000_000 }];
    const topics = [{ topic: '__consumer_offsets', partitions }];
    const request = { maxWaitMs: 500, minBytes: 1, topics, forgottenTopicsData: [] };
    const answer = await connection.send(fetch, request, { version: 12 });
    next = offset;
    for (const { header, bytes } of batches(answer.responses[0]?.partitions[0]?.records ?? Buffer.alloc(0))) {
      next = header.nextOffset;
      for (const { key, value } of readRecords(bytes)) {
        const record = key && decodeGroupRecord({ key, value });
        if (!record?.type.startsWith('StreamsGroup')) continue;
        if (!('groupId' in record.key && record.key.groupId === PROBE)) found.push(record);
      }
    }
  }
  return found;
}

async function listed(connection: KafkaConnection) {
  const request = { statesFilter: [], typesFilter: ['streams'] };
  const { errorCode, groups } = await connection.send(listGroups, request, { version: 5 });
  return { errorCode, groups: groups.filter(({ groupId }) => groupId === GROUP) };
}

/**
 * Errors are written by name. Left out are times, hashes of topic ids, which differ from cluster to cluster,
 * and orders without meaning.
 */
function plain(key: string, value: unknown): unknown {
  if (key === 'errorCode') return errorName(Number(value));
  if (key === 'assignmentTimestamp') return Number(value) > 0 ? 'TIME' : 'NEVER';
  if (key === 'metadataHash') return value === 0n ? 'NONE' : 'HASH';
  if (key === 'members' || key === 'activePartitions')
    return [...(value as object[])].map((one) => JSON.stringify(one, plain)).sort();
  return typeof value === 'bigint' ? String(value) : value;
}
