import { setTimeout as pause } from 'node:timers/promises';
import { apis } from '../src/protocol/apis.ts';
import { buildBatch } from '../src/protocol/records/record.ts';
import { BROKER_IDS, type BrokerCluster } from './broker-cluster.ts';
import { KafkaSocket } from './kafka-socket.ts';
import { usageOf } from './process-usage.ts';

const PARTITIONS_PER_TOPIC = 3;
/**
 * The number of topics in a request for new topics: the controller writes each request as one batch of its
 * log.
 */
const TOPICS_PER_REQUEST = 50;
/** The number of partitions for the comparison with few partitions. */
const FEW = 60;
const IDLE_SECONDS = 10;
/**
 * Seconds to wait after the last topic was made: for some seconds its logs are synced and checkpoints
 * written.
 */
const SETTLE_SECONDS = 15;
const PRODUCE_SECONDS = 10;
/** Seconds before the kill and after it. */
const KILL_SECONDS = [3, 12] as const;
const SERVING_DEADLINE_MS = 300_000;
const POLL_MS = 50;
const ALL = -1;

/** A partition's leader, as a client knows it. */
interface Led {
  readonly topic: string;
  readonly partition: number;
  readonly leader: string | null;
  readonly isrSize: number;
}

export interface PartitionsFigures {
  readonly createSeconds: number;
  /** The idle load of each broker, as a share of one core. */
  readonly idle: readonly number[];
  readonly produceP50Ms: { readonly few: number; readonly all: number };
  readonly residentMegabytes: readonly number[];
  /**
   * Around a SIGKILL of a broker: the longest time in which one of three writers had no record acknowledged
   * by all in-sync replicas.
   */
  readonly gapMs: number;
  /** Null if the cluster does not report fencings. */
  readonly fencings: { readonly whileCreated: number; readonly atKill: number } | null;
  readonly stopToServingSeconds: number;
  readonly killToServingSeconds: number;
}

/**
 * What `count` partitions of three replicas each cost on three brokers, and how long failover and restart
 * take.
 */
export async function partitions(cluster: BrokerCluster, count: number): Promise<PartitionsFigures> {
  const { bootstrap } = cluster;
  const topics = Math.ceil(count / PARTITIONS_PER_TOPIC);
  const few = Math.ceil(FEW / PARTITIONS_PER_TOPIC);
  await createTopics(bootstrap, 0, few);
  await untilWhole(bootstrap, few);
  const fewP50 = await oneAtATime(bootstrap, few);
  const fencings = [cluster.fencings()];
  const started = performance.now();
  await createTopics(bootstrap, few, topics);
  await untilWhole(bootstrap, topics);
  const createSeconds = since(started);
  fencings.push(cluster.fencings());
  const idle = await idleShares(cluster);
  const allP50 = await oneAtATime(bootstrap, topics);
  const residentMegabytes = cluster.pids().map((pid) => usageOf(pid).residentBytes / 1e6);
  fencings.push(cluster.fencings());
  const gapMs = await gapAtKill(cluster);
  await untilWhole(bootstrap, topics);
  fencings.push(cluster.fencings());

  let begun = performance.now();
  await cluster.stopAndStart();
  await untilWhole(bootstrap, topics);
  const stopToServingSeconds = since(begun);

  begun = performance.now();
  await cluster.killAndStart();
  await untilWhole(bootstrap, topics);
  const [before = null, created = null, idled = null, killed = null] = fencings;
  return {
    createSeconds,
    idle,
    produceP50Ms: { few: fewP50, all: allP50 },
    residentMegabytes,
    gapMs,
    fencings:
      before === null || created === null || idled === null || killed === null
        ? null
        : { whileCreated: created - before, atKill: killed - idled },
    stopToServingSeconds,
    killToServingSeconds: since(begun),
  };
}

function since(started: number): number {
  return (performance.now() - started) / 1000;
}

function nameOf(topic: number): string {
  return `topic-${String(topic).padStart(5, '0')}`;
}

async function createTopics(bootstrap: string, from: number, to: number): Promise<void> {
  const socket = await anySocket(bootstrap);
  for (let first = from; first < to; first += TOPICS_PER_REQUEST) {
    const topics = [];
    for (let topic = first; topic < Math.min(first + TOPICS_PER_REQUEST, to); topic++)
      topics.push({
        name: nameOf(topic),
        numPartitions: PARTITIONS_PER_TOPIC,
        replicationFactor: BROKER_IDS.length,
        assignments: [],
        configs: [],
      });
    const answer = await socket.call(apis.createTopics, 5, {
      topics,
      timeoutMs: 60_000,
      validateOnly: false,
    });
    const failed = answer.topics.find(({ errorCode }) => errorCode !== 0);
    if (failed) throw new Error(`CreateTopics answered error ${failed.errorCode} for ${failed.name}`);
  }
  socket.close();
}

/** A connection to the first broker that accepts one. */
async function anySocket(bootstrap: string): Promise<KafkaSocket> {
  const addresses = bootstrap.split(',');
  for (let i = 0; ; i++) {
    try {
      return await KafkaSocket.connect(addresses[i % addresses.length] ?? '');
    } catch (error) {
      if (i >= 1000 * addresses.length) throw error;
      await pause(POLL_MS);
    }
  }
}

async function partitionsOf(bootstrap: string, names: readonly string[] | null): Promise<Led[]> {
  const socket = await anySocket(bootstrap);
  try {
    const { topics, brokers } = await socket.call(apis.metadata, 5, {
      topics: names?.map((name) => ({ name })) ?? null,
      allowAutoTopicCreation: false,
    });
    return topics.flatMap(({ name, partitions: found }) =>
      found.map(({ partitionIndex, leaderId, isrNodes }) => {
        const leader = brokers.find(({ nodeId }) => nodeId === leaderId);
        return {
          topic: name ?? '',
          partition: partitionIndex,
          leader: leader ? `${leader.host}:${leader.port}` : null,
          isrSize: isrNodes.length,
        };
      }),
    );
  } finally {
    socket.close();
  }
}

/**
 * Waits until every partition has a leader and all replicas are in sync, and one partition of each leader
 * acknowledges a record with acks=all.
 */
async function untilWhole(bootstrap: string, topics: number): Promise<void> {
  const deadline = performance.now() + SERVING_DEADLINE_MS;
  for (;;) {
    if (performance.now() > deadline) throw new Error('not everything serves in time');
    try {
      const all = (await partitionsOf(bootstrap, null)).filter(({ topic }) => topic.startsWith('topic-'));
      const whole = all.filter(({ leader, isrSize }) => leader !== null && isrSize === BROKER_IDS.length);
      if (whole.length === topics * PARTITIONS_PER_TOPIC) {
        const leaders = new Map(whole.map((led) => [led.leader, led]));
        await Promise.all([...leaders.values()].map((led) => new Writer(bootstrap, led).write()));
        return;
      }
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      // The broker went away meanwhile; another one is asked.
    }
    await pause(POLL_MS);
  }
}

/** Writes one record at a time with acks=all, to whichever broker leads its partition. */
class Writer {
  readonly #bootstrap: string;
  #led: Led;
  #socket: KafkaSocket | null = null;

  constructor(bootstrap: string, led: Led) {
    this.#bootstrap = bootstrap;
    this.#led = led;
  }

  /** Resolves when a record is acknowledged, after any number of attempts. */
  async write(): Promise<void> {
    while (!(await this.#attempt())) {
      this.#socket?.close();
      this.#socket = null;
      await pause(20);
      const [led] = (await partitionsOf(this.#bootstrap, [this.#led.topic]).catch(() => [])).filter(
        ({ partition }) => partition === this.#led.partition,
      );
      if (led) this.#led = led;
    }
  }

  close(): void {
    this.#socket?.close();
  }

  async #attempt(): Promise<boolean> {
    const { topic, partition, leader } = this.#led;
    if (leader === null) return false;
    const records = buildBatch({ records: [{ timestamp: Date.now(), key: null, value: VALUE }] });
    try {
      this.#socket ??= await KafkaSocket.connect(leader);
      const { responses } = await this.#socket.call(apis.produce, 7, {
        transactionalId: null,
        acks: ALL,
        timeoutMs: 2000,
        topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
      });
      return responses[0]?.partitionResponses[0]?.errorCode === 0;
    } catch {
      // The connection ended or there is no leader: the next attempt looks for the leader again.
      return false;
    }
  }
}

const VALUE = Buffer.alloc(100, 'x');

/** Writes to partitions on all brokers, one after the other. */
async function oneAtATime(bootstrap: string, topics: number): Promise<number> {
  const step = Math.max(1, Math.floor(topics / 20));
  const names = Array.from({ length: Math.ceil(topics / step) }, (_, i) => nameOf(i * step));
  const writers = (await partitionsOf(bootstrap, names)).map((led) => new Writer(bootstrap, led));
  for (const writer of writers) await writer.write();
  const latencies: number[] = [];
  const end = performance.now() + PRODUCE_SECONDS * 1000;
  for (let i = 0; performance.now() < end; i++) {
    const sent = performance.now();
    await writers[i % writers.length]?.write();
    latencies.push(performance.now() - sent);
  }
  for (const writer of writers) writer.close();
  latencies.sort((a, b) => a - b);
  return latencies[Math.floor(latencies.length / 2)] ?? 0;
}

async function idleShares(cluster: BrokerCluster): Promise<number[]> {
  await pause(SETTLE_SECONDS * 1000);
  const pids = cluster.pids();
  const before = pids.map((pid) => usageOf(pid).cpuMs);
  const started = performance.now();
  await pause(IDLE_SECONDS * 1000);
  const tookMs = performance.now() - started;
  return pids.map((pid, i) => (usageOf(pid).cpuMs - (before[i] ?? 0)) / tookMs);
}

/**
 * Three writers write to partitions with different leaders while the second broker is killed; its supervisor
 * starts it again.
 */
async function gapAtKill(cluster: BrokerCluster): Promise<number> {
  const { bootstrap } = cluster;
  const leaders = new Map((await partitionsOf(bootstrap, null)).map((led) => [led.leader, led]));
  let isOver = false;
  const [beforeSeconds, afterSeconds] = KILL_SECONDS;
  const lane = async (led: Led): Promise<number> => {
    const writer = new Writer(bootstrap, led);
    let longest = 0;
    for (let last = performance.now(); !isOver; ) {
      await writer.write();
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
      await pause(5);
    }
    writer.close();
    return longest;
  };
  const lanes = [...leaders.values()].map(lane);
  await pause(beforeSeconds * 1000);
  cluster.killBroker(2);
  await pause(afterSeconds * 1000);
  isOver = true;
  return Math.max(...(await Promise.all(lanes)));
}
