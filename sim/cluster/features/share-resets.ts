import type { Uuid } from '../../../src/base/brand.ts';
import { below, type Random } from '../../../src/base/random.ts';
import { chance, pick } from '../../chance.ts';
import { LockedRecordsAreOneMembers } from '../../checkers/locked-records-are-one-members.ts';
import { ShareGroupGoesOnWhereTold } from '../../checkers/share-group-goes-on-where-told.ts';
import type { ClusterClient } from '../cluster-client.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { beMembers } from '../memberships.ts';
import { IdempotentProducer } from '../producers.ts';
import { type Outcome, ShareAdministrator } from '../share-administrator.ts';
import { ShareMember } from '../share-member.ts';
import { nameOf } from '../sim-cluster.ts';

const TOPIC = 'restarted';
const PARTITIONS = 2;
const MEMBERS = 2;
const DELIVERY_COUNT_LIMIT = 5;
const LOCK_MS = 2000;
/** Records of a partition: after healing the group must come from the first to the last within a minute. */
const RECORDS_MAX = 300;
/** Milliseconds for which the group has members between two resets, at most. */
const LIFE_MAX_MS = 5000;
/** After healing, a record that was not delivered for this long is not delivered any more. */
const STILL_MS = 40_000;
/** How often a deletion is asked for. The group is refused as long as the session of a member lasts. */
const DELETIONS_MAX = 30;

type Reset = 'alter' | 'forget' | 'delete';

/** What the administrator wishes until it is done. */
interface Wish {
  readonly reset: Reset;
  /** By partition: where the group begins next. */
  readonly offsets: ReadonlyMap<number, number>;
}

/**
 * A share group whose members all go now and then; then it is moved to other offsets, forgets its topic, or
 * is deleted, and members come again (KIP-932).
 */
export class ShareResets implements Feature {
  readonly #context: FeatureContext;
  readonly #random: Random;
  readonly #told: ShareGroupGoesOnWhereTold;
  readonly #locks: LockedRecordsAreOneMembers;
  readonly #producer: IdempotentProducer;
  readonly #administrator: ShareAdministrator;
  readonly #members: readonly ClusterClient[];
  /** By partition: the offset after the last acknowledged record. */
  readonly #ends = new Map<number, number>();
  #topicId: Uuid | null = null;
  #groups = 0;
  #isEmpty = false;
  #isDone = false;

  constructor(context: FeatureContext) {
    const { simulation, violations, client } = context;
    this.#context = context;
    this.#random = simulation.fork('share resets');
    this.#told = new ShareGroupGoesOnWhereTold(violations, { deliveryCountLimit: DELIVERY_COUNT_LIMIT });
    this.#locks = new LockedRecordsAreOneMembers(violations, {
      lockDurationMs: LOCK_MS,
      now: () => simulation.time,
    });
    this.#producer = new IdempotentProducer(client('reset-writer'), {
      topic: TOPIC,
      partitions: PARTITIONS,
      checks: {
        sent: () => {},
        acknowledged: (partition, offset) => {
          this.#ends.set(partition, Math.max(offset + 1, this.#ends.get(partition) ?? 0));
        },
      },
    });
    this.#administrator = new ShareAdministrator(client('resetter'), TOPIC);
    this.#members = Array.from({ length: MEMBERS }, (_, i) => client(`reset-sharer-${i}`));
  }

  async prepare(): Promise<void> {
    const { administrator } = this.#context;
    const topic = { name: TOPIC, partitions: PARTITIONS, replicationFactor: 3 };
    this.#topicId = await administrator.create({ ...topic, configs: { 'retention.ms': '-1' } });
    await this.#configure();
  }

  async run(): Promise<void> {
    const { watch, isOver, isDraining } = this.#context;
    const ends = [
      this.#told.watch(),
      this.#locks.watch(this.#told, (log) => new Set(watch.recordsOf(log).map(({ offset }) => offset))),
    ];
    try {
      await Promise.all([
        this.#producer.run({ isOver, isDraining: () => isDraining() || this.#isFull() }),
        this.#liveOn(),
        this.#lookWhetherDone(),
      ]);
    } finally {
      for (const end of ends.reverse()) end();
    }
  }

  /** The number of records that members were told are accepted or rejected. */
  get settled(): number {
    return this.#told.count;
  }

  /** True when no record is delivered any more: all are done, or `check` reports those that are not. */
  isDrained(): boolean {
    return this.#isDone;
  }

  check(): void {
    for (let partition = 0; partition < PARTITIONS; partition++)
      this.#told.check(this.#place(partition), this.#due(partition));
  }

  async #liveOn(): Promise<void> {
    const { isOver, isDraining } = this.#context;
    while (!isOver()) {
      await this.#haveMembers();
      if (isOver()) return;
      this.#isEmpty = true;
      const wish = this.#wish();
      if (await this.#fulfil(wish)) {
        for (const [partition, offset] of wish.offsets) this.#told.reset(this.#place(partition), offset);
      } else if (!isOver()) await this.#takeAnotherGroup();
      this.#isEmpty = false;
      if (isDraining()) return this.#haveMembers();
    }
  }

  /** Until the next reset, or to the end of the history. */
  async #haveMembers(): Promise<void> {
    const { simulation, cluster, isOver, isDraining } = this.#context;
    const until = simulation.time + below(this.#random, LIFE_MAX_MS);
    const wasDraining = isDraining();
    const isEnded = () => isOver() || (!wasDraining && simulation.time >= until);
    await Promise.all(
      this.#members.map(async (client) => {
        const member = new ShareMember(client, {
          group: this.#group,
          topic: TOPIC,
          records: this.#told,
          reads: () => () => {},
          mayBeGone: () => false,
          isOver: isEnded,
          isDraining,
        });
        const live = (connection: Parameters<typeof member.live>[0]) => member.live(connection);
        await beMembers(client, { group: this.#group, isOver: isEnded, live });
        for (const id of cluster.ids) await client.disconnect(nameOf(id));
      }),
    );
  }

  #wish(): Wish {
    const random = this.#random;
    const reset = pick<Reset>(random, ['alter', 'alter', 'forget', 'delete']);
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    // What is forgotten begins at the earliest offset (share.auto.offset.reset).
    if (reset !== 'alter') return { reset, offsets: new Map(partitions.map((one) => [one, 0])) };
    const moved = chance(random, 0.7) ? partitions : partitions.slice(0, 1);
    const offsetOf = (partition: number) => below(random, (this.#ends.get(partition) ?? 0) + 1);
    return { reset, offsets: new Map(moved.map((partition) => [partition, offsetOf(partition)])) };
  }

  /**
   * Asks until it is done. A move is asked for again when its answer was lost: it comes to the same. False if
   * nobody knows what was deleted when, if there may be nothing to delete, or if the history is over.
   */
  async #fulfil({ reset, offsets }: Wish): Promise<boolean> {
    const { simulation, isOver, administrator } = this.#context;
    for (let asked = 1; !isOver(); asked++) {
      const outcome = await this.#ask(reset, offsets);
      simulation.note(`share reset: ${reset} ${outcome}`);
      if (outcome === 'done') return true;
      if (reset !== 'alter' && (outcome === 'unknown' || asked === DELETIONS_MAX)) return false;
      await administrator.client.pause(300);
    }
    return false;
  }

  #ask(reset: Reset, offsets: ReadonlyMap<number, number>): Promise<Outcome> {
    if (reset === 'alter') return this.#administrator.alter(this.#group, offsets);
    return reset === 'forget'
      ? this.#administrator.forget(this.#group)
      : this.#administrator.delete(this.#group);
  }

  async #takeAnotherGroup(): Promise<void> {
    this.#groups++;
    await this.#configure();
    for (let partition = 0; partition < PARTITIONS; partition++) this.#told.reset(this.#place(partition), 0);
  }

  async #configure(): Promise<void> {
    await this.#context.administrator.alterGroup(this.#group, {
      'share.auto.offset.reset': 'earliest',
      'share.record.lock.duration.ms': String(LOCK_MS),
      'share.delivery.count.limit': String(DELIVERY_COUNT_LIMIT),
    });
  }

  async #lookWhetherDone(): Promise<void> {
    const { simulation, isOver, isDraining, administrator } = this.#context;
    let deliveries = -1;
    let quietSince = 0;
    while (!isOver()) {
      await administrator.client.pause(500);
      const isMoving = !isDraining() || this.#isEmpty || this.#told.deliveries !== deliveries;
      if (isMoving) quietSince = simulation.time;
      deliveries = this.#told.deliveries;
      const quietMs = simulation.time - quietSince;
      const isStill = quietMs > STILL_MS || (quietMs > 2 * LOCK_MS && this.#isAllDone());
      this.#isDone = this.#producer.isDrained && isStill;
    }
  }

  #isFull(): boolean {
    return Math.max(...this.#ends.values()) >= RECORDS_MAX;
  }

  #isAllDone(): boolean {
    return Array.from({ length: PARTITIONS }, (_, partition) => partition).every((partition) =>
      this.#due(partition)?.every((offset) => this.#told.mayBeDone(this.#place(partition), offset)),
    );
  }

  /** The offsets that the group must have had since its last reset; undefined while nobody leads. */
  #due(partition: number): number[] | undefined {
    const leader = this.#context.watch.replicasOf(TOPIC, partition).find(({ isLeader }) => isLeader);
    const from = this.#told.from(this.#place(partition));
    return leader?.records.map(({ offset }) => offset).filter((offset) => offset >= from);
  }

  get #group(): string {
    return `reset-${this.#groups}`;
  }

  #place(partition: number): string {
    return `${this.#topicId}-${partition}`;
  }
}
