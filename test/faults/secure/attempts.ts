import { apis } from '../../../src/protocol/apis.ts';
import { buildBatch } from '../../../src/protocol/records/record.ts';
import { REQUEST, type WireClient } from '../../workloads/wire-client.ts';

/** A request for which the user has no rights; resolves with the answer. */
export type Attempt = (mallory: WireClient, there: Target) => Promise<object>;

/**
 * What the attempts are made on: it exists, other clients use it, and the addresses are those that they use.
 */
export interface Target {
  readonly topic: string;
  readonly topicId: string;
  /** `host:port` of the leader of partition 0. */
  readonly leader: string;
  readonly group: string;
  readonly groupCoordinator: string;
  readonly transactionalId: string;
  readonly transactionCoordinator: string;
  /** A value that no other client writes. */
  readonly value: string;
  readonly others: readonly string[];
}

const PARTITION = 0;
/** Kafka's numbers of resource types. */
const TOPIC = 2;
const BROKER = 4;
const LITERAL = 3;
const ALL = 2;
const ALLOW = 3;
const ANY = 1;
const SCRAM_SHA_512 = 2;
const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA';
/** The ids of a producer that may exist. */
const PRODUCER = { producerId: 0, producerEpoch: 0 };
/** An offset so high that a consumer that began there would miss records. */
const FAR = 1_000_000_000;

const at = (address: (there: Target) => string) => (mallory: WireClient, there: Target) =>
  mallory.connectTo(address(there));
const leader = at((there) => there.leader);
const coordinator = at((there) => there.groupCoordinator);
const transactions = at((there) => there.transactionCoordinator);

const records = (value: string) =>
  buildBatch({ records: [{ timestamp: Date.now(), key: null, value: Buffer.from(value) }] });

/** Each attempt asks for one thing, so that the answer has one error code. */
export const ATTEMPTS: Readonly<Record<string, Attempt>> = {
  'writes by name': async (mallory, there) => {
    const partitionData = [{ index: PARTITION, records: records(there.value) }];
    const topicData = [{ name: there.topic, partitionData }];
    return (await leader(mallory, there)).send(
      apis.produce,
      { transactionalId: null, acks: -1, timeoutMs: 5000, topicData },
      { ...REQUEST, version: 11 },
    );
  },
  'writes by id': async (mallory, there) => {
    const partitionData = [{ index: PARTITION, records: records(there.value) }];
    const topicData = [{ topicId: there.topicId, partitionData }];
    return (await leader(mallory, there)).send(
      apis.produce,
      { transactionalId: null, acks: -1, timeoutMs: 5000, topicData },
      { ...REQUEST, version: 13 },
    );
  },
  'writes in a transaction of another': async (mallory, there) => {
    const batch = buildBatch({
      records: [{ timestamp: Date.now(), key: null, value: Buffer.from(there.value) }],
      ...PRODUCER,
      baseSequence: 0,
      isTransactional: true,
    });
    const partitionData = [{ index: PARTITION, records: batch }];
    const request = { acks: -1, timeoutMs: 5000, topicData: [{ name: 'own', partitionData }] };
    return (await mallory.leader('own', PARTITION)).send(
      apis.produce,
      { ...request, transactionalId: there.transactionalId },
      { ...REQUEST, version: 12 },
    );
  },
  'reads by name': async (mallory, there) => {
    const partitions = [{ partition: PARTITION, fetchOffset: 0, partitionMaxBytes: 1000 }];
    const request = { maxWaitMs: 0, minBytes: 0, topics: [{ topic: there.topic, partitions }] };
    return (await leader(mallory, there)).send(apis.fetch, request, { ...REQUEST, version: 12 });
  },
  'reads by id': async (mallory, there) => {
    const partitions = [{ partition: PARTITION, fetchOffset: 0, partitionMaxBytes: 1000 }];
    const request = { maxWaitMs: 0, minBytes: 0, topics: [{ topicId: there.topicId, partitions }] };
    return (await leader(mallory, there)).send(apis.fetch, request, { ...REQUEST, version: 16 });
  },
  'reads as a replica': async (mallory, there) => {
    const partitions = [{ partition: PARTITION, fetchOffset: 0, partitionMaxBytes: 1000 }];
    const topics = [{ topic: there.topic, partitions }];
    const request = { replicaId: 1, maxWaitMs: 0, minBytes: 0, topics };
    return (await leader(mallory, there)).send(apis.fetch, request, { ...REQUEST, version: 12 });
  },
  'asks for offsets': async (mallory, there) => {
    const topics = [{ name: there.topic, partitions: [{ partitionIndex: PARTITION, timestamp: -1 }] }];
    return (await leader(mallory, there)).send(apis.listOffsets, { replicaId: -1, topics }, REQUEST);
  },
  'asks for leader epochs': async (mallory, there) => {
    const partitions = [{ partition: PARTITION, currentLeaderEpoch: -1, leaderEpoch: 0 }];
    const request = { replicaId: -1, topics: [{ topic: there.topic, partitions }] };
    return (await leader(mallory, there)).send(apis.offsetForLeaderEpoch, request, REQUEST);
  },
  'asks about a topic': async (mallory, { topic }) =>
    (await mallory.any()).send(apis.metadata, { topics: [{ name: topic }] }, REQUEST),
  'asks about a topic by id': async (mallory, { topicId }) =>
    (await mallory.any()).send(apis.metadata, { topics: [{ topicId, name: null }] }, REQUEST),
  'makes a topic': async (mallory, { value: name }) => {
    const topic = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
    return (await mallory.any()).send(apis.createTopics, { topics: [topic] }, REQUEST);
  },
  'makes a topic by asking about it': async (mallory, { value: name }) =>
    (await mallory.any()).send(
      apis.metadata,
      { topics: [{ name }], allowAutoTopicCreation: true },
      { ...REQUEST, version: 9 },
    ),
  'deletes a topic': async (mallory, { topic: name }) =>
    (await mallory.any()).send(
      apis.deleteTopics,
      { topics: [{ name, topicId: NO_ID }], timeoutMs: 5000 },
      REQUEST,
    ),
  'deletes a topic by id': async (mallory, { topicId }) =>
    (await mallory.any()).send(
      apis.deleteTopics,
      { topics: [{ name: null, topicId }], timeoutMs: 5000 },
      REQUEST,
    ),
  'deletes records': async (mallory, there) => {
    const partitions = [{ partitionIndex: PARTITION, offset: -1 }];
    const request = { topics: [{ name: there.topic, partitions }], timeoutMs: 5000 };
    return (await leader(mallory, there)).send(apis.deleteRecords, request, REQUEST);
  },
  'adds partitions': async (mallory, { topic: name }) =>
    (await mallory.any()).send(
      apis.createPartitions,
      { topics: [{ name, count: 500, assignments: null }], timeoutMs: 5000, validateOnly: false },
      REQUEST,
    ),
  'alters a topic': (mallory, { topic }) => alterConfig(mallory, TOPIC, topic, 'retention.ms'),
  'alters the brokers': (mallory) => alterConfig(mallory, BROKER, '', 'log.retention.ms'),
  'sets all configs of a topic': async (mallory, { topic }) => {
    const configs = [{ name: 'retention.ms', value: '1' }];
    const resources = [{ resourceType: TOPIC, resourceName: topic, configs }];
    return (await mallory.any()).send(apis.alterConfigs, { resources, validateOnly: false }, REQUEST);
  },
  'reads configs': async (mallory, { topic }) =>
    (await mallory.any()).send(
      apis.describeConfigs,
      { resources: [{ resourceType: TOPIC, resourceName: topic, configurationKeys: null }] },
      REQUEST,
    ),
  'moves replicas': async (mallory, { topic: name }) => {
    const topics = [{ name, partitions: [{ partitionIndex: PARTITION, replicas: [1] }] }];
    return (await mallory.any()).send(apis.alterPartitionReassignments, { topics }, REQUEST);
  },
  'elects leaders': async (mallory, { topic }) =>
    (await mallory.any()).send(
      apis.electLeaders,
      { electionType: 1, topicPartitions: [{ topic, partitions: [PARTITION] }] },
      REQUEST,
    ),
  'commits offsets': async (mallory, there) => {
    const partitions = [{ partitionIndex: PARTITION, committedOffset: FAR, committedMetadata: null }];
    const request = { groupId: there.group, memberId: '', topics: [{ name: there.topic, partitions }] };
    return (await coordinator(mallory, there)).send(apis.offsetCommit, request, { ...REQUEST, version: 9 });
  },
  'reads offsets': async (mallory, there) =>
    (await coordinator(mallory, there)).send(
      apis.offsetFetch,
      { groupId: there.group, topics: null },
      { ...REQUEST, version: 7 },
    ),
  'deletes offsets': async (mallory, there) => {
    const topics = [{ name: there.topic, partitions: [{ partitionIndex: PARTITION }] }];
    return (await coordinator(mallory, there)).send(
      apis.offsetDelete,
      { groupId: there.group, topics },
      REQUEST,
    );
  },
  'joins a group': async (mallory, there) =>
    (await coordinator(mallory, there)).send(
      apis.joinGroup,
      {
        groupId: there.group,
        sessionTimeoutMs: 10_000,
        rebalanceTimeoutMs: 1000,
        memberId: '',
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
      },
      REQUEST,
    ),
  'asks about a group': async (mallory, there) =>
    (await coordinator(mallory, there)).send(apis.describeGroups, { groups: [there.group] }, REQUEST),
  'deletes a group': async (mallory, there) =>
    (await coordinator(mallory, there)).send(apis.deleteGroups, { groupsNames: [there.group] }, REQUEST),
  'fences a producer': async (mallory, there) =>
    (await transactions(mallory, there)).send(
      apis.initProducerId,
      { transactionalId: there.transactionalId, transactionTimeoutMs: 10_000 },
      REQUEST,
    ),
  'ends a transaction': async (mallory, there) =>
    (await transactions(mallory, there)).send(
      apis.endTxn,
      { transactionalId: there.transactionalId, ...PRODUCER, committed: true },
      { ...REQUEST, version: 4 },
    ),
  'joins a transaction': async (mallory, there) =>
    (await transactions(mallory, there)).send(
      apis.addPartitionsToTxn,
      {
        v3AndBelowTransactionalId: there.transactionalId,
        v3AndBelowProducerId: PRODUCER.producerId,
        v3AndBelowProducerEpoch: PRODUCER.producerEpoch,
        v3AndBelowTopics: [{ name: 'own', partitions: [PARTITION] }],
      },
      { ...REQUEST, version: 3 },
    ),
  'gives rights': async (mallory, { topic }) => {
    const creation = {
      resourceType: TOPIC,
      resourceName: topic,
      resourcePatternType: LITERAL,
      principal: 'User:mallory',
      host: '*',
      operation: ALL,
      permissionType: ALLOW,
    };
    return (await mallory.any()).send(apis.createAcls, { creations: [creation] }, REQUEST);
  },
  'takes rights': async (mallory) => {
    const filter = { resourceTypeFilter: ANY, patternTypeFilter: ANY, operation: ANY, permissionType: ANY };
    const all = { ...filter, resourceNameFilter: null, principalFilter: null, hostFilter: null };
    return (await mallory.any()).send(apis.deleteAcls, { filters: [all] }, REQUEST);
  },
  'changes passwords': async (mallory, { others: [name = ''] }) => {
    const salt = Buffer.from('0123456789abcdef');
    const secret = { iterations: 4096, salt, saltedPassword: Buffer.alloc(64, 1) };
    const upsertions = [{ name, mechanism: SCRAM_SHA_512, ...secret }];
    return (await mallory.any()).send(apis.alterUserScramCredentials, { deletions: [], upsertions }, REQUEST);
  },
  'sets quotas': async (mallory, { others: [entityName = ''] }) => {
    const entity = [{ entityType: 'user', entityName }];
    const ops = [{ key: 'producer_byte_rate', value: 1, remove: false }];
    return (await mallory.any()).send(
      apis.alterClientQuotas,
      { entries: [{ entity, ops }], validateOnly: false },
      REQUEST,
    );
  },
};

async function alterConfig(
  mallory: WireClient,
  resourceType: number,
  resourceName: string,
  name: string,
): Promise<object> {
  const configs = [{ name, configOperation: 0, value: '1' }];
  const resources = [{ resourceType, resourceName, configs }];
  return (await mallory.any()).send(
    apis.incrementalAlterConfigs,
    { resources, validateOnly: false },
    REQUEST,
  );
}
