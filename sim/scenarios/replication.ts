import { sleep } from '../../src/base/clock.ts';
import { below, type Random } from '../../src/base/random.ts';
import type { World } from '../../src/base/world.ts';
import { Broker } from '../../src/broker/broker.ts';
import { KafkaConnection } from '../../src/client/connection.ts';
import { ConnectionError } from '../../src/client/connection-error.ts';
import { Controller } from '../../src/controller/controller.ts';
import { produce } from '../../src/protocol/messages/00-produce.ts';
import { fetch } from '../../src/protocol/messages/01-fetch.ts';
import { createTopics } from '../../src/protocol/messages/19-create-topics.ts';
import { batches } from '../../src/protocol/records/batch.ts';
import { buildBatch, readRecords } from '../../src/protocol/records/record.ts';
import type { Partition } from '../../src/replication/partition.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { pick } from '../chance.ts';
import type { SimHost } from '../sim-host.ts';
import { Simulation } from '../simulation.ts';

const CLUSTER = '4L6g3nShT-eMCtK--X86sw';
const CONTROLLER = 'controller';
const CONTROLLER_PORT = 9093;
const CLIENT_PORT = 9092;
const REPLICATION_PORT = 9091;
const BROKERS = [1, 2, 3] as const;
const TOPIC = 't';
const PARTITIONS = [0, 1] as const;
const REQUEST_MS = 3_000;
const CONFIG = {
  'broker.session.timeout.ms': '1500',
  'replica.lag.time.max.ms': '2000',
  'min.insync.replicas': '2',
};

/** An invariant broken on purpose: the checkers must notice. */
export type ReplicationCanary = 'acknowledged by the leader alone';

/**
 * Three brokers hold every record; producers write with acks=all, and a consumer reads. Brokers are killed,
 * lose power, and are cut off from each other and from the controller. Every acknowledged or read record
 * stays at its offset, and in the end all replicas are equal, byte for byte.
 *
 * The failures never exceed what the configuration must survive: one broker at a time loses power, and only
 * while all three are in sync.
 */
export async function replication(seed: number, canary?: ReplicationCanary): Promise<void> {
  const simulation = new Simulation(seed);
  await simulation.run(() => new Scenario(simulation, canary).run());
}

class Scenario {
  readonly #simulation: Simulation;
  readonly #random: Random;
  readonly #acks: number;
  readonly #brokers = new Map<number, Broker>();
  readonly #records = new KnownRecords();
  #controller: Controller | undefined;
  #over = false;
  #violation: unknown;

  constructor(simulation: Simulation, canary: ReplicationCanary | undefined) {
    this.#simulation = simulation;
    this.#random = simulation.fork('replication');
    this.#acks = canary === 'acknowledged by the leader alone' ? 1 : -1;
  }

  async run(): Promise<void> {
    const { clock } = this.#simulation;
    this.#controller = await Controller.start(this.#simulation.host(CONTROLLER).start(), {
      nodeId: 3000,
      clusterId: CLUSTER,
      dataDirectory: '/controller',
      host: CONTROLLER,
      port: CONTROLLER_PORT,
      config: CONFIG,
    });
    const lives = BROKERS.map((id) => this.#liveOn(id));
    await this.#simulation.until(() => this.#brokers.size === BROKERS.length, 30_000, 'three brokers');
    await this.#createTopic();
    await this.#simulation.until(() => this.#allInSync(), 30_000, 'a topic with three replicas');
    const clients = [this.#produce('p'), this.#produce('q'), this.#consume()];
    const strikes = 1 + below(this.#random, 6);
    for (let strike = 0; strike < strikes && this.#violation === undefined; strike++) {
      await sleep(clock, 100 + below(this.#random, 2500));
      await this.#strike();
    }
    await sleep(clock, 500);
    this.#simulation.network.healAll();
    await this.#simulation.until(
      () => this.#violation !== undefined || this.#allInSync(),
      120_000,
      'a healed cluster with all replicas in sync',
    );
    this.#over = true;
    await Promise.all([...clients, ...lives]);
    if (this.#violation !== undefined) throw this.#violation;
    this.#compare();
  }

  async #strike(): Promise<void> {
    const { network } = this.#simulation;
    const host = this.#simulation.host(nameOf(pick(this.#random, BROKERS)));
    const other = nameOf(pick(this.#random, BROKERS));
    const kind = pick(this.#random, ['kill', 'kill', 'kill all', 'power', 'cut', 'isolate', 'heal'] as const);
    switch (kind) {
      case 'kill':
        host.kill();
        return;
      case 'kill all':
        for (const id of BROKERS) this.#simulation.host(nameOf(id)).kill();
        return;
      case 'power':
        if (!this.#allInSync()) return;
        // The cuts of earlier strikes still last; no broker could come back through them.
        network.healAll();
        host.crash();
        await this.#simulation.until(
          () => this.#violation !== undefined || this.#allInSync(),
          120_000,
          'all in sync after one broker lost power',
        );
        return;
      case 'cut':
        if (other !== host.name) network.cutBothWays(host.name, other);
        return;
      case 'isolate':
        network.cutBothWays(host.name, CONTROLLER);
        for (const id of BROKERS) if (nameOf(id) !== host.name) network.cutBothWays(host.name, nameOf(id));
        return;
      case 'heal':
        network.healAll();
    }
    await sleep(this.#simulation.clock, below(this.#random, 4000));
    network.healAll();
  }

  /** Supervises a broker: starts it again after every death. */
  async #liveOn(id: number): Promise<void> {
    const host = this.#simulation.host(nameOf(id));
    while (!this.#over) {
      const world = host.start();
      const starting = Broker.start(world, {
        clusterId: CLUSTER,
        brokerId: id,
        rack: null,
        dataDirectory: '/data',
        controller: { id: 3000, host: CONTROLLER, port: CONTROLLER_PORT },
        listeners: [
          { name: 'CLIENT', purpose: 'client', host: host.name, port: CLIENT_PORT },
          { name: 'REPLICATION', purpose: 'replication', host: host.name, port: REPLICATION_PORT },
        ],
        config: CONFIG,
      });
      const started = await Promise.race([starting.catch((error: unknown) => error), this.#untilDead(host)]);
      if (started instanceof Broker) {
        this.#brokers.set(id, started);
        await this.#untilDead(host);
        this.#brokers.delete(id);
        if (this.#over) this.#brokers.set(id, started);
      } else if (host.alive && !this.#over) {
        this.#simulation.note(`${host.name} did not start: ${String(started)}`);
        host.kill();
      }
      if (!this.#over) await sleep(this.#simulation.clock, 50 + below(this.#random, 1500));
    }
  }

  #untilDead(host: SimHost): Promise<void> {
    return this.#simulation.until(() => !host.alive || this.#over, 10_000_000);
  }

  async #createTopic(): Promise<void> {
    const connection = await this.#connect(this.#simulation.host('admin').world, CONTROLLER, CONTROLLER_PORT);
    const answer = await connection.send(createTopics, {
      topics: [
        {
          name: TOPIC,
          numPartitions: PARTITIONS.length,
          replicationFactor: 3,
          assignments: [],
          configs: [],
        },
      ],
    });
    if (answer.topics[0]?.errorCode !== 0) throw new Error(`no topic: ${answer.topics[0]?.errorMessage}`);
    connection.close();
  }

  #connect(world: World, host: string, port: number): Promise<KafkaConnection> {
    return KafkaConnection.connect(world, { host, port, clientId: 'sim', timeoutMs: REQUEST_MS });
  }

  /** Connects to the leader of the partition, as one of the brokers knows it. */
  async #connectToLeader(world: World, partition: number): Promise<KafkaConnection | null> {
    const images = [...this.#brokers.values()].map(({ image }) => image);
    const image = images[below(this.#random, Math.max(1, images.length))];
    const leader = image?.topics.byName(TOPIC)?.partitions[partition]?.leader ?? -1;
    return leader < 0 ? null : this.#connect(world, nameOf(leader), CLIENT_PORT);
  }

  async #withLeader(
    client: string,
    partition: number,
    ask: (connection: KafkaConnection) => Promise<boolean>,
  ): Promise<void> {
    const { world } = this.#simulation.host(client);
    try {
      const connection = await this.#connectToLeader(world, partition);
      if (!connection) return await sleep(this.#simulation.clock, 50);
      for (let i = 0; i < 5 && !this.#over && this.#violation === undefined; i++)
        if (!(await ask(connection))) break;
      connection.close();
    } catch (error) {
      if (!(error instanceof ConnectionError)) this.#violation ??= error;
    }
    await sleep(this.#simulation.clock, 5 + below(this.#random, 40));
  }

  async #produce(name: string): Promise<void> {
    let sequence = 0;
    while (!this.#over && this.#violation === undefined) {
      const index = pick(this.#random, PARTITIONS);
      await this.#withLeader(`client-${name}`, index, async (connection) => {
        const values = Array.from({ length: 1 + below(this.#random, 3) }, () => `${name}-${sequence++}`);
        const records = buildBatch({
          records: values.map((value) => ({ timestamp: 1, key: null, value: Buffer.from(value) })),
        });
        const answer = await connection.send(
          produce,
          {
            acks: this.#acks,
            timeoutMs: REQUEST_MS - 500,
            topicData: [{ name: TOPIC, partitionData: [{ index, records }] }],
          },
          { version: 12, timeoutMs: REQUEST_MS },
        );
        const result = answer.responses[0]?.partitionResponses[0];
        if (result?.errorCode !== 0) return false;
        for (const [i, value] of values.entries())
          this.#records.acknowledged(index, result.baseOffset + i, value);
        return true;
      });
    }
  }

  /** Reads each partition from its start again and again, so that records are read more than once. */
  async #consume(): Promise<void> {
    const positions = PARTITIONS.map(() => 0);
    while (!this.#over && this.#violation === undefined) {
      const index = pick(this.#random, PARTITIONS);
      await this.#withLeader('client-reader', index, async (connection) => {
        const answer = await connection.send(
          fetch,
          {
            maxWaitMs: 100,
            minBytes: 1,
            topics: [
              {
                topic: TOPIC,
                partitions: [
                  { partition: index, fetchOffset: positions[index] ?? 0, partitionMaxBytes: 2000 },
                ],
              },
            ],
            forgottenTopicsData: [],
          },
          { version: 12, timeoutMs: REQUEST_MS },
        );
        const result = answer.responses[0]?.partitions[0];
        if (result?.errorCode !== 0) return false;
        let next = positions[index] ?? 0;
        for (const { header, bytes } of batches(result.records ?? Buffer.alloc(0))) {
          for (const { offset, value } of readRecords(bytes))
            this.#records.read(index, offset, String(value));
          next = header.nextOffset;
        }
        positions[index] = next === positions[index] && below(this.#random, 10) === 0 ? 0 : next;
        return true;
      });
    }
  }

  #replicas(index: number): Partition[] {
    return [...this.#brokers.values()].flatMap((broker) => broker.replicas.find(TOPIC, index) ?? []);
  }

  #allInSync(): boolean {
    // A broker that has just died is still in `#brokers`.
    if (!BROKERS.every((id) => this.#simulation.host(nameOf(id)).alive)) return false;
    return PARTITIONS.every((index) => {
      const replicas = this.#replicas(index);
      const leader = replicas.find((replica) => replica.isLeader && replica.isr.length === BROKERS.length);
      const known = this.#controller?.image?.topics.byName(TOPIC)?.partitions[index];
      return (
        leader !== undefined &&
        known?.isr.length === BROKERS.length &&
        replicas.length === BROKERS.length &&
        replicas.every(({ leaderEpoch, log }) => {
          return leaderEpoch === known.leaderEpoch && log.endOffset === leader.log.endOffset;
        })
      );
    });
  }

  /**
   * Replicas agree below their high watermarks. What clients were told may lie above: a leader that has just
   * taken over learns the high watermark with the next fetches.
   */
  #compare(): void {
    for (const index of PARTITIONS) {
      const logs = this.#replicas(index).map(({ log }) => log);
      const whole = logs.map((log) => contentOf(log, log.endOffset)).reduce(longer);
      for (const log of logs) {
        const committed = contentOf(log, log.highWatermark);
        if (!whole.subarray(0, committed.length).equals(committed))
          throw new Error(`replicas of ${index} differ`);
      }
      const values = new Map<number, string>();
      for (const { bytes } of batches(whole))
        for (const { offset, value } of readRecords(bytes)) values.set(offset, String(value));
      this.#records.check(index, values);
    }
  }
}

function longer(one: Buffer, other: Buffer): Buffer {
  return other.length > one.length ? other : one;
}

/** All below an offset. One read stops where the memory of what was written last begins. */
function contentOf({ directory, reads }: PartitionLog, upTo: number): Buffer {
  const parts: Buffer[] = [];
  for (let offset = 0; offset < upTo; ) {
    const found = reads.read(offset, { maxBytes: 1e9, upTo, minOneBatch: true });
    if ('error' in found) throw new Error(`${directory} cannot be read at ${offset}: ${found.error}`);
    const bytes = Buffer.concat(found.parts);
    const last = [...batches(bytes)].at(-1);
    if (!last) break;
    parts.push(bytes);
    offset = last.header.nextOffset;
  }
  return Buffer.concat(parts);
}

/** The records that clients were told lie at an offset: they must lie there for ever. */
class KnownRecords {
  readonly #known = new Map<string, string>();

  acknowledged(partition: number, offset: number, value: string): void {
    this.#told(partition, offset, value, 'acknowledged');
  }

  read(partition: number, offset: number, value: string): void {
    this.#told(partition, offset, value, 'read');
  }

  check(partition: number, values: ReadonlyMap<number, string>): void {
    for (const [place, value] of this.#known) {
      const [known, offset] = place.split('/').map(Number);
      if (known !== partition || offset === undefined) continue;
      if (values.get(offset) !== value)
        throw new Error(`${place} was told to hold ${value}, and holds ${values.get(offset)}`);
    }
  }

  #told(partition: number, offset: number, value: string, how: string): void {
    const place = `${partition}/${offset}`;
    const known = this.#known.get(place);
    if (known !== undefined && known !== value)
      throw new Error(`${place} was told to hold ${known}, and ${value} was ${how}`);
    this.#known.set(place, value);
  }
}

function nameOf(id: number): string {
  return `broker-${id}`;
}
