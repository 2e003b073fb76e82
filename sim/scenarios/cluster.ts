import { sleep } from '../../src/base/clock.ts';
import { below, type Random } from '../../src/base/random.ts';
import { configResourceTypes } from '../../src/metadata/configs.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { createTopics } from '../../src/protocol/messages/19-create-topics.ts';
import { incrementalAlterConfigs } from '../../src/protocol/messages/44-incremental-alter-configs.ts';
import { alterPartitionReassignments } from '../../src/protocol/messages/45-alter-partition-reassignments.ts';
import { chance } from '../chance.ts';
import { AcknowledgedCommandsSurvive } from '../checkers/acknowledged-commands-survive.ts';
import { AcknowledgedRecordsSurvive } from '../checkers/acknowledged-records-survive.ts';
import { CommittedOffsetsNeverFall } from '../checkers/committed-offsets-never-fall.ts';
import { OffsetsNeverChangeTheirRecord } from '../checkers/offsets-never-change-their-record.ts';
import { OneOwnerPerPartitionAndGeneration } from '../checkers/one-owner-per-partition-and-generation.ts';
import { SequencesHaveNoGap } from '../checkers/sequences-have-no-gap.ts';
import { Violations } from '../checkers/violations.ts';
import { breakRule, type ClusterCanary } from '../cluster/canaries.ts';
import { ClusterClient, REQUEST_MS } from '../cluster/cluster-client.ts';
import { ClusterStrikes } from '../cluster/cluster-strikes.ts';
import { ClusterWatch } from '../cluster/cluster-watch.ts';
import { GroupMember } from '../cluster/group-member.ts';
import { IdempotentProducer, producePlainly } from '../cluster/producers.ts';
import { readAndCheck } from '../cluster/reader.ts';
import { nameOf, SimCluster } from '../cluster/sim-cluster.ts';
import { Simulation } from '../simulation.ts';

const BROKERS = [1, 2, 3] as const;
const ADDED_BROKER = 4;
const REPLICATION_FACTOR = 3;
const TOPIC = 't';
const PARTITIONS = 2;
/** IncrementalAlterConfigs' operation. */
const SET = 0;
const GROUP_MEMBERS = 2;
/** After everything was healed, everything serves again within it, on simulated disks and networks. */
const HEALED_MS = 60_000;

export interface ClusterCounts {
  readonly acknowledged: number;
  readonly commits: number;
  readonly strikes: number;
  readonly traceHash: string;
}

/**
 * A controller and three brokers in three zones, later perhaps a fourth, with idempotent producers, producers that wait for
 * the leader alone, readers, a group and an administrator who moves partitions. Everything that can happen to
 * machines, disks, networks and clocks happens to them; then all is healed, and everything must serve again and be as
 * it was promised.
 */
export async function cluster(
  seed: number,
  options: {
    readonly canary?: ClusterCanary | undefined;
    readonly strikes?: number | undefined;
    /** min.insync.replicas of the topic is raised and lowered meanwhile. */
    readonly altersMinimum?: boolean | undefined;
  } = {},
): Promise<ClusterCounts> {
  const simulation = new Simulation(seed);
  const scenario = new Scenario(simulation, options);
  const mend = breakRule(options.canary, scenario.cluster);
  try {
    return await simulation.run(() => scenario.run());
  } finally {
    mend();
  }
}

class Scenario {
  readonly cluster: SimCluster;
  readonly #simulation: Simulation;
  readonly #random: Random;
  readonly #strikes: number;
  readonly #isFlushed: boolean;
  readonly #altersMinimum: boolean;
  readonly #violations = new Violations();
  readonly #watch: ClusterWatch;
  readonly #survive = new AcknowledgedRecordsSurvive(this.#violations);
  readonly #offsets = new OffsetsNeverChangeTheirRecord(this.#violations);
  readonly #sequences = new SequencesHaveNoGap(this.#violations);
  readonly #committed = new CommittedOffsetsNeverFall(this.#violations);
  readonly #owners = new OneOwnerPerPartitionAndGeneration(this.#violations);
  readonly #commands = new AcknowledgedCommandsSurvive(this.#violations);
  #phase: 'running' | 'draining' | 'over' = 'running';

  constructor(
    simulation: Simulation,
    {
      strikes,
      altersMinimum = false,
    }: { readonly strikes?: number | undefined; readonly altersMinimum?: boolean | undefined },
  ) {
    this.#simulation = simulation;
    this.#random = simulation.fork('cluster scenario');
    this.#isFlushed = chance(this.#random, 0.4);
    this.#altersMinimum = altersMinimum;
    this.#strikes = strikes ?? 1 + below(this.#random, 8);
    this.cluster = new SimCluster(simulation, {
      'broker.session.timeout.ms': '1500',
      'replica.lag.time.max.ms': '2000',
      'min.insync.replicas': '2',
      'default.replication.factor': String(REPLICATION_FACTOR),
      'offsets.topic.num.partitions': '1',
      'offsets.topic.replication.factor': String(REPLICATION_FACTOR),
      'group.min.session.timeout.ms': '500',
      'group.initial.rebalance.delay.ms': '0',
      ...(this.#isFlushed ? { 'log.flush.interval.messages': '1' } : {}),
    });
    this.#watch = new ClusterWatch(this.cluster, this.#violations);
  }

  async run(): Promise<ClusterCounts> {
    const isOver = () => this.#phase === 'over' || this.#violations.first !== undefined;
    const isDraining = () => this.#phase !== 'running' || isOver();
    this.#simulation.note(`flushed: ${this.#isFlushed}`);
    this.cluster.start();
    for (const id of BROKERS) this.cluster.addBroker(id);
    await this.#within(30_000, 'a cluster that starts', () => this.cluster.isWhole());
    await this.#createTopic(this.#client('admin'), TOPIC, PARTITIONS);
    const checks = { survive: this.#survive, offsets: this.#offsets };
    const options = { topic: TOPIC, partitions: PARTITIONS, checks };
    const producers = ['idempotent-a', 'idempotent-b'].map(
      (name) => new IdempotentProducer(this.#client(name), options),
    );
    const members = Array.from(
      { length: GROUP_MEMBERS },
      (_, i) =>
        new GroupMember(this.#client(`member-${i}`), {
          ...options,
          committed: this.#committed,
          owners: this.#owners,
          isOver,
        }),
    );
    const offsets = this.#offsets;
    const actors = [
      this.#watch.run(this.#simulation, isOver),
      ...producers.map((producer) => producer.run({ isOver, isDraining })),
      producePlainly(this.#client('plain'), { ...options, offsets, isOver: isDraining }),
      readAndCheck(this.#client('reader'), {
        ...options,
        offsets,
        highWatermark: this.#watch.highWatermark,
        violations: this.#violations,
        isOver,
      }),
      ...members.map((member) => member.run()),
      this.#administrate(isDraining),
      ...(this.#altersMinimum ? [this.#alterMinimum(isDraining)] : []),
    ];
    let failed: unknown;
    const all = Promise.all(actors).catch((error: unknown) => {
      failed ??= error;
    });
    const strikes = new ClusterStrikes(this.#simulation, {
      cluster: this.cluster,
      isFlushed: this.#isFlushed,
      isOver: () => isOver() || failed !== undefined,
    });
    const addsAt = chance(this.#random, 0.4) ? below(this.#random, this.#strikes) : -1;
    for (let n = 0; n < this.#strikes && !isOver() && failed === undefined; n++) {
      await sleep(this.#simulation.clock, below(this.#random, 2000));
      if (n === addsAt) this.cluster.addBroker(ADDED_BROKER);
      await strikes.strike();
    }
    strikes.heal();
    const commits = members.map((member) => member.commits);
    this.#phase = 'draining';
    await this.#within(HEALED_MS, 'a healed cluster that serves everything again', () => {
      if (failed !== undefined) return true;
      return (
        producers.every((producer) => producer.isDrained) &&
        members.every((member, i) => member.commits > (commits[i] ?? 0))
      );
    });
    this.#phase = 'over';
    await all;
    if (failed !== undefined) throw failed;
    await this.#within(HEALED_MS, 'replicas that are all in sync', () => this.cluster.isWhole());
    this.#checkAll();
    await this.cluster.end();
    if (this.#violations.first) throw this.#violations.first;
    return {
      acknowledged: this.#survive.count,
      commits: this.#committed.count,
      strikes: this.#strikes,
      traceHash: this.#simulation.trace.hash(),
    };
  }

  #checkAll(): void {
    this.#watch.look();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const name = `${TOPIC}-${partition}`;
      const values = this.#watch.recordsOf(TOPIC, partition);
      for (const [offset, value] of values) this.#offsets.told(name, offset, value);
      this.#survive.check(name, values);
      this.#sequences.check(name, values.values());
    }
    const image = this.cluster.image;
    if (image) this.#commands.check((topic) => image.topics.byName(topic) !== undefined);
  }

  /** A violation ends every wait, and is what the run fails with. */
  async #within(ms: number, what: string, holds: () => boolean): Promise<void> {
    try {
      await this.#simulation.until(() => this.#violations.first !== undefined || holds(), ms, what);
    } catch (error) {
      throw new Error(
        `EverythingServesAgain: ${error instanceof Error ? error.message : ''}\n${this.cluster.describe()}`,
      );
    }
    if (this.#violations.first) throw this.#violations.first;
  }

  #client(name: string): ClusterClient {
    return new ClusterClient(this.#simulation, name, BROKERS.map(nameOf));
  }

  async #createTopic(client: ClusterClient, name: string, partitions: number): Promise<void> {
    for (let isThere = false; !isThere; ) {
      await client.tried(async () => {
        const connection = await client.anyBroker();
        const answer = await connection.send(
          createTopics,
          {
            topics: [
              {
                name,
                numPartitions: partitions,
                replicationFactor: REPLICATION_FACTOR,
                assignments: [],
                configs: [],
              },
            ],
            timeoutMs: REQUEST_MS,
          },
          { timeoutMs: REQUEST_MS },
        );
        const error = errorName(answer.topics[0]?.errorCode ?? -1);
        isThere = error === 'NONE' || error === 'TOPIC_ALREADY_EXISTS';
      });
      await client.pause();
    }
    this.#commands.created(name);
  }

  /** Moves partitions to other brokers, cancels some moves, and makes a topic now and then. */
  async #administrate(isOver: () => boolean): Promise<void> {
    const client = this.#client('admin');
    const moves = chance(this.#random, 0.5);
    for (let n = 0; !isOver(); n++) {
      await client.pause(3000);
      if (isOver()) return;
      await client.tried(async () => {
        const connection = await client.anyBroker();
        if (!moves || chance(client.random, 0.2)) {
          const answer = await connection.send(
            createTopics,
            {
              topics: [
                {
                  name: `extra-${n}`,
                  numPartitions: 1,
                  replicationFactor: REPLICATION_FACTOR,
                  assignments: [],
                  configs: [],
                },
              ],
              timeoutMs: REQUEST_MS,
            },
            { timeoutMs: REQUEST_MS },
          );
          if (answer.topics[0]?.errorCode === 0) this.#commands.created(`extra-${n}`);
          return;
        }
        const replicas = chance(client.random, 0.2) ? null : shuffled(client.random, this.cluster.ids);
        await connection.send(
          alterPartitionReassignments,
          {
            topics: [
              {
                name: TOPIC,
                partitions: [
                  {
                    partitionIndex: below(client.random, PARTITIONS),
                    replicas: replicas?.slice(0, REPLICATION_FACTOR) ?? null,
                  },
                ],
              },
            ],
          },
          { timeoutMs: REQUEST_MS },
        );
      });
    }
  }

  /** Who is eligible to lead depends on it (KIP-966); below two, one broker's death may cost what was acknowledged. */
  async #alterMinimum(isOver: () => boolean): Promise<void> {
    const client = this.#client('minimum');
    while (!isOver()) {
      await client.pause(1500);
      const resource = { resourceType: configResourceTypes.topic, resourceName: TOPIC };
      const value = String(2 + below(client.random, REPLICATION_FACTOR - 1));
      const configs = [{ name: 'min.insync.replicas', configOperation: SET, value }];
      await client.tried(async () => {
        const connection = await client.anyBroker();
        await connection.send(
          incrementalAlterConfigs,
          { resources: [{ ...resource, configs }], validateOnly: false },
          { timeoutMs: REQUEST_MS },
        );
      });
    }
  }
}

function shuffled(random: Random, items: readonly number[]): number[] {
  const left = [...items];
  return items.map(() => left.splice(below(random, left.length), 1)[0] ?? 0);
}
