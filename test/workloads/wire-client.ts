import { setTimeout as pause } from 'node:timers/promises';
import { silent } from '../../src/base/log.ts';
import { type ConnectOptions, KafkaConnection } from '../../src/client/connection.ts';
import { ConnectionError } from '../../src/client/connection-error.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { type ErrorName, errorName } from '../../src/protocol/errors.ts';
import { produce } from '../../src/protocol/messages/00-produce.ts';
import { fetch } from '../../src/protocol/messages/01-fetch.ts';
import { listOffsets } from '../../src/protocol/messages/02-list-offsets.ts';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { findCoordinator } from '../../src/protocol/messages/10-find-coordinator.ts';
import { createTopics } from '../../src/protocol/messages/19-create-topics.ts';
import { deleteTopics } from '../../src/protocol/messages/20-delete-topics.ts';
import { deleteRecords } from '../../src/protocol/messages/21-delete-records.ts';
import { offsetForLeaderEpoch } from '../../src/protocol/messages/23-offset-for-leader-epoch.ts';
import { electLeaders } from '../../src/protocol/messages/43-elect-leaders.ts';
import { incrementalAlterConfigs } from '../../src/protocol/messages/44-incremental-alter-configs.ts';
import { updateFeatures } from '../../src/protocol/messages/57-update-features.ts';
import { batches } from '../../src/protocol/records/batch.ts';
import { readRecords } from '../../src/protocol/records/record.ts';

const REQUEST_MS = 5_000;
/** Milliseconds between two tries, longer than an election takes. */
const PAUSE_MS = 50;
/** Long enough for a busy machine on which every broker was killed. */
const PATIENCE_MS = 240_000;
const TOPIC = 2;
const BROKER = 4;
const GROUP = 32;
/** The upgrade type of UpdateFeatures that is an upgrade. */
const UPGRADE = 1;

interface ProduceMore {
  readonly transactionalId?: string;
  readonly topicId?: string;
}

interface ProducePlace {
  readonly topic: string;
  readonly partition: number;
  readonly records: Buffer;
}

/** The connect options for a broker with this host name, besides its address. */
type ClientLogin = (host: string) => Pick<ConnectOptions, 'tls' | 'authenticate'>;

export interface StoredRecord {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
}

/** An error after which a client looks for the right broker and tries again. */
export class Refused extends Error {
  readonly error: ErrorName;
  constructor(error: ErrorName) {
    super(error);
    this.error = error;
  }
}

/**
 * A client each of whose requests is one attempt with an outcome that the workload knows: acknowledged,
 * refused, or unknown.
 */
export class WireClient {
  readonly #bootstrap: readonly string[];
  readonly #login: ClientLogin;
  readonly #connections = new Map<string, Promise<KafkaConnection>>();
  #asked = 0;

  /** `login`: the options of each connection; by default without TLS and without authentication. */
  constructor(bootstrap: readonly string[], login: ClientLogin = () => ({})) {
    this.#bootstrap = bootstrap;
    this.#login = login;
  }

  /** Retries until it succeeds. Only Refused and ConnectionError are retried, for PATIENCE_MS at most. */
  async retried<T>(attempt: () => Promise<T>): Promise<T> {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!isTransient(error) || Date.now() > until) throw error;
        await pause(PAUSE_MS);
      }
    }
  }

  any(): Promise<KafkaConnection> {
    return this.connectTo(this.#bootstrap[this.#asked++ % this.#bootstrap.length] ?? '');
  }

  /** `address` is `host:port`. */
  connectTo(address: string): Promise<KafkaConnection> {
    const [host = '', port = ''] = address.split(':');
    return this.#connect(host, Number(port));
  }

  async leader(topic: string, partition: number): Promise<KafkaConnection> {
    const { brokers, topics } = await this.#metadata(topic);
    const known = topics[0];
    if (known?.errorCode !== 0) throw new Refused(errorName(known?.errorCode ?? -1));
    const leaderId = known.partitions.find(({ partitionIndex }) => partitionIndex === partition)?.leaderId;
    const broker = brokers.find(({ nodeId }) => nodeId === leaderId);
    if (!broker) throw new Refused('LEADER_NOT_AVAILABLE');
    return this.#connect(broker.host, broker.port);
  }

  /** The in-sync replicas of each partition, in order; null while the topic is not known. */
  async inSync(topic: string): Promise<number[][] | null> {
    const { topics } = await this.#metadata(topic);
    const partitions = topics[0]?.errorCode === 0 ? topics[0].partitions : null;
    if (!partitions) return null;
    return [...partitions]
      .sort((a, b) => a.partitionIndex - b.partitionIndex)
      .map(({ isrNodes }) => [...isrNodes].sort());
  }

  /** Resolves when the existing ones of these topics have `replicas` in-sync replicas. */
  async inSyncAgain(topics: readonly string[], replicas: number): Promise<void> {
    for (const topic of topics)
      await this.retried(async () => {
        const partitions = (await this.inSync(topic)) ?? [];
        if (partitions.some((isr) => isr.length < replicas)) throw new Refused('NOT_ENOUGH_REPLICAS');
      });
  }

  async #metadata(topic: string) {
    return askOf(await this.any(), topic);
  }

  async coordinator(keyType: 'group' | 'transaction', key: string): Promise<KafkaConnection> {
    const connection = await this.any();
    const request = { keyType: keyType === 'group' ? 0 : 1, coordinatorKeys: [key] };
    const { coordinators } = await connection.send(findCoordinator, request, REQUEST);
    const [found] = coordinators;
    if (found?.errorCode !== 0) throw new Refused(errorName(found?.errorCode ?? -1));
    return this.#connect(found.host, found.port);
  }

  /**
   * One attempt with acks=all; resolves with the offset of the first record. With a topic id nothing reaches
   * a later topic of the name, however late the request arrives.
   */
  async produce(topic: string, partition: number, records: Buffer, more: ProduceMore = {}): Promise<number> {
    return produceTo(await this.leader(topic, partition), { topic, partition, records }, more);
  }

  /** The same for a broker at `host:port`, whether it leads or not. */
  async produceAt(address: string, place: ProducePlace): Promise<number> {
    return produceTo(await this.connectTo(address), place, {});
  }

  /**
   * Every record that a read_committed consumer gets, from the start. Waits until every broker answers and
   * uses the newest leader that any of them knows: a leader that was replaced while it was paused answers
   * with its old state.
   */
  readAll(topic: string, partition: number): Promise<StoredRecord[]> {
    return this.retried(async () => {
      const leader = (await this.#agreed(topic)).leaders.get(partition);
      if (!leader) throw new Refused('LEADER_NOT_AVAILABLE');
      const [start, end] = [
        await offsetOf(leader, topic, partition, -2),
        await offsetOf(leader, topic, partition, -1),
      ];
      const found: StoredRecord[] = [];
      for (let offset = start; offset < end; ) {
        const next = await readOnce(leader, { topic, partition, offset, found });
        if (next === offset) throw new Refused('OFFSET_NOT_AVAILABLE');
        offset = next;
      }
      return found;
    });
  }

  /**
   * The metadata of a topic, for which all brokers must answer with the same id; for each partition the
   * newest leader.
   */
  async #agreed(topic: string): Promise<{ topicId: string; leaders: Map<number, KafkaConnection> }> {
    const topicIds = new Set<string>();
    const newest = new Map<number, { leaderEpoch: number; host: string; port: number }>();
    for (const address of this.#bootstrap) {
      const { brokers, topics } = await askOf(await this.connectTo(address), topic);
      accept(topics[0]?.errorCode);
      topicIds.add(topics[0]?.topicId ?? '');
      for (const { partitionIndex, leaderId, leaderEpoch } of topics[0]?.partitions ?? []) {
        const broker = brokers.find(({ nodeId }) => nodeId === leaderId);
        if (leaderEpoch < (newest.get(partitionIndex)?.leaderEpoch ?? -1)) continue;
        if (broker) newest.set(partitionIndex, { leaderEpoch, ...broker });
        else newest.delete(partitionIndex);
      }
    }
    const [topicId = ''] = topicIds;
    if (topicIds.size !== 1) throw new Refused('UNKNOWN_TOPIC_ID');
    const leaders = new Map<number, KafkaConnection>();
    for (const [partition, { host, port }] of newest) leaders.set(partition, await this.#connect(host, port));
    return { topicId, leaders };
  }

  /**
   * For each partition whose leader answers: the offset up to which records may be committed. At least one
   * broker must answer.
   */
  committedEnds(topic: string): Promise<Map<number, number>> {
    return this.retried(async () => {
      const ends = new Map<number, number>();
      let answered = false;
      for (const address of this.#bootstrap) {
        const connection = await this.connectTo(address).catch(() => null);
        if (!connection) continue;
        const { brokers, topics } = await askOf(connection, topic);
        answered = true;
        for (const { partitionIndex, leaderId, leaderEpoch } of topics[0]?.partitions ?? []) {
          const leader = brokers.find(({ nodeId }) => nodeId === leaderId);
          if (!leader || `${leader.host}:${leader.port}` !== address) continue;
          const end = await committedEnd(connection, { topic, partition: partitionIndex, leaderEpoch });
          if (end !== null) ends.set(partitionIndex, end);
        }
      }
      if (!answered) throw new Refused('BROKER_NOT_AVAILABLE');
      return ends;
    });
  }

  /**
   * Resolves with the id when every broker knows it: requests use names, and an earlier topic may have had
   * the name.
   */
  async createTopic(
    name: string,
    numPartitions: number,
    configs: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    await this.retried(async () => {
      const topic = {
        name,
        numPartitions,
        replicationFactor: -1,
        assignments: [],
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      };
      const { topics } = await (await this.any()).send(createTopics, { topics: [topic] }, REQUEST);
      accept(topics[0]?.errorCode, 'TOPIC_ALREADY_EXISTS');
    });
    return this.retried(async () => (await this.#agreed(name)).topicId);
  }

  /** Resolves when the first replica of each of the topic's partitions leads it. */
  electPreferredLeaders(topic: string, partitions: number): Promise<void> {
    const all = Array.from({ length: partitions }, (_, index) => index);
    return this.retried(async () => {
      const request = {
        electionType: 0,
        topicPartitions: [{ topic, partitions: all }],
        timeoutMs: REQUEST_MS,
      };
      const answer = await (await this.any()).send(electLeaders, request, REQUEST);
      accept(answer.errorCode);
      for (const { partitionResult } of answer.replicaElectionResults)
        for (const { errorCode } of partitionResult) accept(errorCode, 'ELECTION_NOT_NEEDED');
    });
  }

  /** One attempt. */
  async deleteRecords(topic: string, partition: number, offset: number): Promise<void> {
    const leader = await this.leader(topic, partition);
    const partitions = [{ partitionIndex: partition, offset }];
    const request = { topics: [{ name: topic, partitions }], timeoutMs: REQUEST_MS };
    const answer = await leader.send(deleteRecords, request, REQUEST);
    accept(answer.topics[0]?.partitions[0]?.errorCode);
  }

  /** Deletes by id, so that a request that arrives late does not delete a later topic of the name. */
  async deleteTopic(topicId: string): Promise<void> {
    await this.retried(async () => {
      const request = { topics: [{ name: null, topicId }], timeoutMs: REQUEST_MS };
      const { responses } = await (await this.any()).send(deleteTopics, request, REQUEST);
      accept(responses[0]?.errorCode, 'UNKNOWN_TOPIC_ID');
    });
  }

  alterTopic(name: string, configs: Readonly<Record<string, string>>): Promise<void> {
    return this.#alter(TOPIC, name, configs);
  }

  /** Changes dynamic configs of all brokers. */
  alterBrokers(configs: Readonly<Record<string, string>>): Promise<void> {
    return this.#alter(BROKER, '', configs);
  }

  alterGroup(name: string, configs: Readonly<Record<string, string>>): Promise<void> {
    return this.#alter(GROUP, name, configs);
  }

  /** Does nothing if the feature has that level. */
  async upgradeFeature(feature: string, maxVersionLevel: number): Promise<void> {
    await this.retried(async () => {
      const featureUpdates = [{ feature, maxVersionLevel, upgradeType: UPGRADE }];
      const request = { timeoutMs: REQUEST_MS, featureUpdates, validateOnly: false };
      accept((await (await this.any()).send(updateFeatures, request, REQUEST)).errorCode);
    });
  }

  async #alter(
    resourceType: number,
    resourceName: string,
    configs: Readonly<Record<string, string>>,
  ): Promise<void> {
    await this.retried(async () => {
      const changes = Object.entries(configs).map(([key, value]) => ({
        name: key,
        configOperation: 0,
        value,
      }));
      const resource = { resourceType, resourceName, configs: changes };
      const request = { resources: [resource], validateOnly: false };
      const { responses } = await (await this.any()).send(incrementalAlterConfigs, request, REQUEST);
      accept(responses[0]?.errorCode);
    });
  }

  async close(): Promise<void> {
    for (const connecting of this.#connections.values()) (await connecting.catch(() => null))?.close();
  }

  async #connect(host: string, port: number): Promise<KafkaConnection> {
    const address = `${host}:${port}`;
    const open = await this.#connections.get(address)?.catch(() => undefined);
    if (open && !open.closed) return open;
    const connecting = KafkaConnection.connect(nodeWorld(silent), {
      host,
      port,
      clientId: 'durability',
      timeoutMs: REQUEST_MS,
      ...this.#login(host),
    });
    this.#connections.set(address, connecting);
    return connecting;
  }
}

export const REQUEST = { timeoutMs: REQUEST_MS } as const;

/** Whether a retry may succeed. It never does for a request of which the cluster supports no version. */
export function isTransient(error: unknown): error is Refused | ConnectionError {
  if (error instanceof ConnectionError) return error.code !== 'UNSUPPORTED_VERSION';
  return error instanceof Refused;
}

/** Throws Refused for every error but `fine`. */
export function accept(code: number | undefined, ...fine: ErrorName[]): void {
  const error = errorName(code ?? -1);
  if (error !== 'NONE' && !fine.includes(error)) throw new Refused(error);
}

async function produceTo(
  leader: KafkaConnection,
  { topic, partition, records }: ProducePlace,
  { transactionalId, topicId }: ProduceMore,
): Promise<number> {
  const partitionData = [{ index: partition, records }];
  const data = topicId === undefined ? { name: topic, partitionData } : { topicId, partitionData };
  const answer = await leader.send(
    produce,
    { transactionalId: transactionalId ?? null, acks: -1, timeoutMs: REQUEST_MS, topicData: [data] },
    // Version 12 changes transactions (KIP-890), version 13 has topic ids.
    { ...REQUEST, version: topicId === undefined ? 11 : 13 },
  );
  const result = answer.responses[0]?.partitionResponses[0];
  if (result?.errorCode !== 0) throw new Refused(errorName(result?.errorCode ?? -1));
  return result.baseOffset;
}

function askOf(connection: KafkaConnection, topic: string) {
  return connection.send(metadata, { topics: [{ name: topic }], allowAutoTopicCreation: false }, REQUEST);
}

/**
 * The offset up to which records are committed. A new leader knows it only after enough followers have
 * fetched from it; until then the result is the end of its log, before which lies everything that may have
 * been committed. Null if the broker knows neither.
 */
async function committedEnd(
  leader: KafkaConnection,
  place: { readonly topic: string; readonly partition: number; readonly leaderEpoch: number },
): Promise<number | null> {
  const { topic, partition, leaderEpoch } = place;
  try {
    return await offsetOf(leader, topic, partition, -1);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
  const request = {
    replicaId: -1,
    topics: [{ topic, partitions: [{ partition, currentLeaderEpoch: leaderEpoch, leaderEpoch }] }],
  };
  const [found] = (await leader.send(offsetForLeaderEpoch, request, REQUEST)).topics[0]?.partitions ?? [];
  return found?.errorCode === 0 && found.endOffset >= 0 ? found.endOffset : null;
}

async function offsetOf(
  leader: KafkaConnection,
  topic: string,
  partition: number,
  timestamp: -1 | -2,
): Promise<number> {
  const partitions = [{ partitionIndex: partition, timestamp }];
  const request = { replicaId: -1, isolationLevel: 1, topics: [{ name: topic, partitions }] };
  const answer = await leader.send(listOffsets, request, REQUEST);
  const result = answer.topics[0]?.partitions[0];
  accept(result?.errorCode);
  return result?.offset ?? 0;
}

/**
 * Adds the records of one fetch and returns the next offset. Leaves aborted transactions out as consumers do.
 */
async function readOnce(
  leader: KafkaConnection,
  from: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
    readonly found: StoredRecord[];
  },
): Promise<number> {
  const { topic, partition, offset, found } = from;
  const partitions = [{ partition, fetchOffset: offset, partitionMaxBytes: 1_000_000 }];
  const request = {
    maxWaitMs: 500,
    minBytes: 1,
    isolationLevel: 1,
    topics: [{ topic, partitions }],
    forgottenTopicsData: [],
  };
  const answer = await leader.send(fetch, request, { ...REQUEST, version: 12 });
  const result = answer.responses[0]?.partitions[0];
  accept(result?.errorCode);
  const aborted = [...(result?.abortedTransactions ?? [])].sort((a, b) => a.firstOffset - b.firstOffset);
  const open = new Set<number>();
  let next = offset;
  for (const { header, bytes } of batches(result?.records ?? Buffer.alloc(0))) {
    next = header.nextOffset;
    while (aborted[0] && aborted[0].firstOffset <= header.lastOffset)
      open.add(aborted.shift()?.producerId ?? -1);
    if (header.isControl) open.delete(header.producerId);
    if (header.isControl || (header.isTransactional && open.has(header.producerId))) continue;
    for (const record of readRecords(bytes))
      if (record.offset >= offset)
        found.push({
          offset: record.offset,
          key: record.key?.toString() ?? null,
          value: record.value?.toString() ?? null,
        });
  }
  return next;
}
