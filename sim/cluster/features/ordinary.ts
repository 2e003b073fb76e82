import { below } from '../../../src/base/random.ts';
import { chance, shuffled } from '../../chance.ts';
import type { AcknowledgedRecordsSurvive } from '../../checkers/acknowledged-records-survive.ts';
import type { CommittedOffsetsNeverFall } from '../../checkers/committed-offsets-never-fall.ts';
import { OffsetsNeverChangeTheirRecord } from '../../checkers/offsets-never-change-their-record.ts';
import { OneOwnerPerPartitionAndGeneration } from '../../checkers/one-owner-per-partition-and-generation.ts';
import { SequencesHaveNoGap } from '../../checkers/sequences-have-no-gap.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { GroupMember } from '../group-member.ts';
import { IdempotentProducer, producePlainly, recordChecks } from '../producers.ts';
import { askNewLeaders, readAndCheck } from '../reader.ts';
import { nameOf } from '../sim-cluster.ts';

const TOPIC = 't';
const PARTITIONS = 2;
const REPLICATION_FACTOR = 3;
const GROUP_MEMBERS = 2;

/**
 * A topic with idempotent producers, a producer with acks=1, a reader and a group. Partitions are moved,
 * moves are cancelled, and more topics are made.
 */
export class Ordinary implements Feature {
  readonly #context: FeatureContext;
  readonly #survive: AcknowledgedRecordsSurvive;
  readonly #offsets: OffsetsNeverChangeTheirRecord;
  readonly #sequences: SequencesHaveNoGap;
  readonly #committed: CommittedOffsetsNeverFall;
  readonly #producers: readonly IdempotentProducer[];
  readonly #members: readonly GroupMember[];
  #commitsBefore: readonly number[] | undefined;

  constructor(
    context: FeatureContext,
    options: {
      readonly survive: AcknowledgedRecordsSurvive;
      readonly committed: CommittedOffsetsNeverFall;
    },
  ) {
    this.#context = context;
    this.#survive = options.survive;
    this.#committed = options.committed;
    this.#offsets = new OffsetsNeverChangeTheirRecord(context.violations);
    this.#sequences = new SequencesHaveNoGap(context.violations);
    const checks = recordChecks(TOPIC, { survive: this.#survive, offsets: this.#offsets });
    this.#producers = ['idempotent-a', 'idempotent-b'].map(
      (name) =>
        new IdempotentProducer(context.client(name), { topic: TOPIC, partitions: PARTITIONS, checks }),
    );
    const owners = new OneOwnerPerPartitionAndGeneration(context.violations);
    this.#members = Array.from(
      { length: GROUP_MEMBERS },
      (_, i) =>
        new GroupMember(context.client(`member-${i}`), {
          topic: TOPIC,
          partitions: PARTITIONS,
          committed: this.#committed,
          owners,
          isOver: context.isOver,
        }),
    );
  }

  async prepare(): Promise<void> {
    const { administrator } = this.#context;
    await administrator.create({
      name: TOPIC,
      partitions: PARTITIONS,
      replicationFactor: REPLICATION_FACTOR,
    });
  }

  async run(): Promise<void> {
    const { client, isOver, isDraining, violations, watch } = this.#context;
    const topic = { topic: TOPIC, partitions: PARTITIONS, offsets: this.#offsets };
    await Promise.all([
      ...this.#producers.map((producer) => producer.run({ isOver, isDraining })),
      producePlainly(client('plain'), { ...topic, isOver: isDraining }),
      readAndCheck(client('reader'), { ...topic, highWatermark: watch.highWatermark, violations, isOver }),
      askNewLeaders(client('asker'), {
        topic: TOPIC,
        partitions: PARTITIONS,
        highWatermark: watch.highWatermark,
        isOver,
        leaderOf: (partition) => this.#leaderOf(partition),
      }),
      ...this.#members.map((member) => member.run()),
      this.#administrate(),
    ]);
  }

  /** True when everything was acknowledged and the group commits again. */
  isDrained(): boolean {
    this.#commitsBefore ??= this.#members.map((member) => member.commits);
    const before = this.#commitsBefore;
    return (
      this.#producers.every((producer) => producer.isDrained) &&
      this.#members.every((member, i) => member.commits > (before[i] ?? 0))
    );
  }

  check(): void {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const name = `${TOPIC}-${partition}`;
      for (const { broker, records } of this.#context.watch.replicasOf(TOPIC, partition)) {
        const values = new Map(records.map(({ offset, value }) => [offset, String(value)]));
        for (const [offset, value] of values) this.#offsets.told(name, offset, value);
        this.#survive.check(name, values, { on: broker });
        this.#sequences.check(name, values.values());
      }
    }
  }

  #leaderOf(partition: number): string | undefined {
    const leader = this.#context.cluster.image?.topics.byName(TOPIC)?.partitions[partition]?.leader ?? -1;
    return leader < 0 ? undefined : nameOf(leader);
  }

  /** Moves partitions to other brokers, cancels some moves, and makes a topic now and then. */
  async #administrate(): Promise<void> {
    const { administrator, cluster, isDraining } = this.#context;
    const { client } = administrator;
    const moves = chance(client.random, 0.5);
    for (let n = 0; !isDraining(); n++) {
      await client.pause(3000);
      if (isDraining()) return;
      await client.tried(async () => {
        if (!moves || chance(client.random, 0.2)) {
          const extra = { name: `extra-${n}`, partitions: 1, replicationFactor: REPLICATION_FACTOR };
          await administrator.tryToCreate(extra);
          return;
        }
        const replicas = chance(client.random, 0.2) ? null : shuffled(client.random, cluster.ids);
        const partition = below(client.random, PARTITIONS);
        await administrator.reassign(TOPIC, partition, replicas?.slice(0, REPLICATION_FACTOR) ?? null);
      });
    }
  }
}
