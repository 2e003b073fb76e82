import type { Uuid } from '../../../src/base/brand.ts';
import { below } from '../../../src/base/random.ts';
import { chance, pick } from '../../chance.ts';
import { LockedRecordsAreOneMembers } from '../../checkers/locked-records-are-one-members.ts';
import { SharedRecordsAreDoneOnce } from '../../checkers/shared-records-are-done-once.ts';
import { TransactionsAreAtomic } from '../../checkers/transactions-are-atomic.ts';
import { Administrator } from '../administrator.ts';
import type { ClusterClient } from '../cluster-client.ts';
import { COMPACTED_PREFIX } from '../cluster-watch.ts';
import { committedRecords } from '../committed-records.ts';
import { DeletedRecords } from '../deleted-records.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { IsolationLevel } from '../isolation-level.ts';
import { beMembers } from '../memberships.ts';
import { ShareMember } from '../share-member.ts';
import { SHARED_KINDS, type SharedKind, type SharedProducer, sharedProducer } from '../shared-producer.ts';

const GROUP = 'queue';
const PARTITIONS = 2;
const MEMBERS = 3;
const LOOK_MS = 500;
/** After healing, a record that was not delivered for this long is not delivered any more. */
const STILL_MS = 40_000;

/** A topic of this name for as long as it keeps its id. */
interface Generation {
  readonly topicId: Uuid;
  readonly producer: SharedProducer;
  readonly deleted: DeletedRecords | null;
  isEnded: boolean;
}

/**
 * A share group (KIP-932) whose members come and go while the leaders of its partitions, and of the
 * partitions that store its state, die: no record is left out, and none is done twice.
 */
export class ShareGroupFeature implements Feature {
  readonly #context: FeatureContext;
  readonly #kind: SharedKind;
  readonly #topic: string;
  readonly #isolation: IsolationLevel;
  readonly #lockDurationMs: number;
  readonly #deliveryCountLimit: number;
  readonly #records: SharedRecordsAreDoneOnce;
  readonly #locks: LockedRecordsAreOneMembers;
  readonly #atomic: TransactionsAreAtomic;
  readonly #members: readonly { readonly client: ClusterClient; readonly member: ShareMember }[];
  /** By topic id and partition: the offset after the last acknowledged record. */
  readonly #ends = new Map<string, number>();
  #generation: Generation | null = null;
  #generations = 0;
  #isDone = false;

  constructor(context: FeatureContext) {
    this.#context = context;
    const { simulation, cluster, violations, client, isOver, isDraining } = context;
    const random = simulation.fork('share group');
    this.#kind = pick(random, SHARED_KINDS);
    simulation.note(`the topic of the share group: ${this.#kind}`);
    this.#topic = this.#kind === 'compacted' ? `${COMPACTED_PREFIX}-queue` : 'queue';
    this.#isolation = new IsolationLevel({
      group: GROUP,
      administrator: new Administrator(client('isolation'), { isOver, created: () => {} }),
      cluster,
      isReadCommitted: chance(random, 0.5),
    });
    this.#lockDurationMs = 1000 + below(random, 3000);
    this.#deliveryCountLimit = 2 + below(random, 5);
    this.#atomic = new TransactionsAreAtomic(violations);
    this.#records = new SharedRecordsAreDoneOnce(violations, {
      deliveryCountLimit: this.#deliveryCountLimit,
    });
    this.#locks = new LockedRecordsAreOneMembers(violations, {
      lockDurationMs: this.#lockDurationMs,
      now: () => simulation.time,
    });
    this.#members = Array.from({ length: MEMBERS }, (_, i) => {
      const memberClient = client(`sharer-${i}`);
      const member = new ShareMember(memberClient, {
        group: GROUP,
        topic: this.#topic,
        records: this.#records,
        reads: () => {
          const isCommitted = this.#isolation.reads();
          return (value) => {
            if (this.#kind === 'transactions' && isCommitted())
              this.#atomic.saw(`member of client ${i}`, value);
          };
        },
        mayBeGone: (topicId, partition, offset) => this.#mayBeGone(topicId, partition, offset),
        isOver,
        isDraining,
      });
      return { client: memberClient, member };
    });
  }

  async prepare(): Promise<void> {
    const { administrator } = this.#context;
    await administrator.alterGroup(GROUP, {
      'share.auto.offset.reset': 'earliest',
      ...this.#isolation.config,
      'share.record.lock.duration.ms': String(this.#lockDurationMs),
      'share.delivery.count.limit': String(this.#deliveryCountLimit),
    });
    this.#generation = await this.#make();
  }

  async run(): Promise<void> {
    const { isOver } = this.#context;
    const end = this.#locks.watch(
      this.#records,
      (log) => new Set(this.#context.watch.recordsOf(log).map(({ offset }) => offset)),
    );
    try {
      await Promise.all([
        ...this.#members.map(({ client, member }) =>
          beMembers(client, { group: GROUP, isOver, live: (connection) => member.live(connection) }),
        ),
        this.#liveOn(),
        this.#isolation.run(this.#context.isDraining),
        this.#lookWhetherDone(),
      ]);
    } finally {
      end();
    }
  }

  /** The number of records that members were told are accepted or rejected. */
  get settled(): number {
    return this.#records.count;
  }

  /**
   * True when no record is delivered any more: every record is done, or `check` reports those that are not.
   */
  isDrained(): boolean {
    return this.#isDone;
  }

  check(): void {
    const generation = this.#generation;
    if (!generation) return;
    for (let partition = 0; partition < PARTITIONS; partition++)
      this.#records.check(`${generation.topicId}-${partition}`, this.#due(generation, partition));
  }

  /** Fills the topic, and makes it again if it is of that kind. */
  async #liveOn(): Promise<void> {
    const { administrator, simulation, isOver, isDraining } = this.#context;
    const { client } = administrator;
    while (!isOver()) {
      const generation = this.#generation;
      if (!generation) return;
      const isEnded = () => generation.isEnded || isOver();
      const isIdle = () => isDraining() || isEnded();
      const working = Promise.all([
        generation.producer.run({ isOver: isEnded, isDraining: isIdle }),
        generation.deleted?.run(isIdle),
      ]);
      const until = simulation.time + 1000 + below(client.random, 8000);
      const staysAs = () => isDraining() || this.#kind !== 'made again' || simulation.time < until;
      while (!isOver() && staysAs()) await client.pause();
      generation.isEnded = true;
      await working;
      if (isOver()) return;
      await administrator.delete(generation.topicId);
      if (chance(client.random, 0.5)) await client.pause(1000);
      this.#generation = (await this.#make()) ?? generation;
    }
  }

  async #make(): Promise<Generation | null> {
    const { administrator, cluster, violations } = this.#context;
    const { random } = administrator.client;
    const topicId = await administrator.create({
      name: this.#topic,
      partitions: PARTITIONS,
      replicationFactor: 3,
      configs: {
        'segment.ms': String(200 + below(random, 3000)),
        'retention.ms': '-1',
        ...(this.#kind === 'compacted'
          ? { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': pick(random, ['0', '0.01', '0.5']) }
          : {}),
      },
    });
    if (topicId === null) return null;
    const deletes = this.#kind === 'deleted records' || (this.#kind === 'made again' && chance(random, 0.5));
    const deleted = deletes
      ? new DeletedRecords({
          topic: this.#topic,
          partitions: PARTITIONS,
          cluster,
          administrator,
          violations,
          before: this.#generation?.deleted ?? undefined,
          end: (partition) => this.#ends.get(`${topicId}-${partition}`) ?? 0,
        })
      : null;
    const producer = sharedProducer(this.#context, {
      kind: this.#kind,
      topic: this.#topic,
      topicId,
      partitions: PARTITIONS,
      number: this.#generations++,
      atomic: this.#atomic,
      acknowledged: (partition, offset) => {
        const place = `${topicId}-${partition}`;
        this.#ends.set(place, Math.max(offset + 1, this.#ends.get(place) ?? 0));
      },
    });
    return { topicId, producer, deleted, isEnded: false };
  }

  /** After healing: checks now and then which records are done, and for how long nothing was delivered. */
  async #lookWhetherDone(): Promise<void> {
    const { simulation, isOver, isDraining, administrator } = this.#context;
    let deliveries = -1;
    let quietSince = 0;
    while (!isOver()) {
      await administrator.client.pause(LOOK_MS);
      if (!isDraining() || this.#records.deliveries !== deliveries) quietSince = simulation.time;
      deliveries = this.#records.deliveries;
      const quietMs = simulation.time - quietSince;
      const isStill = quietMs > STILL_MS && this.#isFilled();
      this.#isDone = isStill || (quietMs > 2 * this.#lockDurationMs && this.#isAllDone());
    }
  }

  #isFilled(): boolean {
    const generation = this.#generation;
    return generation !== null && !generation.isEnded && generation.producer.isDrained;
  }

  #isAllDone(): boolean {
    const generation = this.#generation;
    if (!generation || !this.#isFilled()) return false;
    return Array.from({ length: PARTITIONS }, (_, partition) => partition).every((partition) =>
      this.#due(generation, partition)?.every((offset) =>
        this.#records.mayBeDone(`${generation.topicId}-${partition}`, offset),
      ),
    );
  }

  /** The offsets of a partition that the group must have had; undefined while the partition has no leader. */
  #due(generation: Generation, partition: number): number[] | undefined {
    const leader = this.#context.watch
      .replicasOf(this.#topic, partition)
      .find(({ isLeader, log }) => isLeader && log.lastStableOffset >= log.endOffset);
    if (!leader) return undefined;
    const from = generation.deleted?.upTo(partition) ?? 0;
    const all = leader.records.filter(({ batch }) => !batch.isControl);
    return (this.#isolation.mayLeaveOut ? committedRecords(leader.records) : all)
      .map(({ offset }) => offset)
      .filter((offset) => offset >= from);
  }

  /** True also for every record of a topic that is made again. */
  #mayBeGone(topicId: Uuid, partition: number, offset: number): boolean {
    const generation = this.#generation;
    if (generation?.topicId !== topicId || generation.isEnded) return true;
    return offset < (generation.deleted?.upTo(partition) ?? 0);
  }
}
