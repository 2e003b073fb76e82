import { below } from '../../../src/base/random.ts';
import { chance, pick, shuffled } from '../../chance.ts';
import { PendingOffsetsWaitForTheirTransaction } from '../../checkers/pending-offsets-wait-for-their-transaction.ts';
import { Administrator } from '../administrator.ts';
import type { ClusterClient } from '../cluster-client.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { type Identity, PendingOffsetClient } from '../pending-offset-client.ts';

const TOPIC = 'pending';
const OFFSETS = '__consumer_offsets';
const USERS = 3;
const NOTHING = -1;
/** What comes between the commit inside of a transaction and its end. */
const BETWEEN = ['nothing', 'commit', 'commit inside', 'delete offset', 'delete group'] as const;

/**
 * Offsets that are pending in transactions, while the group is deleted, its offset is deleted or committed
 * otherwise, the partition of `__consumer_offsets` moves from broker to broker and is compacted. Each group is
 * used by one client, which goes on with another group after any request whose outcome it does not know.
 */
export class PendingOffsets implements Feature {
  readonly #context: FeatureContext;
  readonly #checker: PendingOffsetsWaitForTheirTransaction;
  readonly #mover: Administrator;
  /** The users that ended a transaction after everything was healed. */
  readonly #drained = new Set<number>();
  #groups = 0;

  constructor(context: FeatureContext) {
    this.#context = context;
    this.#checker = new PendingOffsetsWaitForTheirTransaction(context.violations);
    const { client, isOver } = context;
    this.#mover = new Administrator(client('pending-mover'), { isOver, created: () => {} });
  }

  async prepare(): Promise<void> {
    await this.#context.administrator.create({ name: TOPIC, partitions: 1, replicationFactor: 3 });
  }

  async run(): Promise<void> {
    await Promise.all([...Array.from({ length: USERS }, (_, i) => this.#use(i)), this.#moveAndCompact()]);
  }

  isDrained(): boolean {
    return this.#drained.size === USERS;
  }

  check(): void {}

  async #use(user: number): Promise<void> {
    const { client, isOver, isDraining } = this.#context;
    const one = client(`pending-user-${user}`);
    while (!isOver()) {
      const offsets = new PendingOffsetClient(one, {
        group: `pending-${this.#groups++}`,
        topic: TOPIC,
        addsNothing: chance(one.random, 0.5),
      });
      let identity: Identity | null = null;
      let committed = NOTHING;
      await one.tried(async () => {
        identity = await offsets.init();
        while (identity !== null && !isOver()) {
          const wasDraining = isDraining();
          const ended = await this.#transact(one, offsets, { identity, committed });
          identity = ended?.identity ?? null;
          committed = ended?.committed ?? NOTHING;
          if (ended && wasDraining) this.#drained.add(user);
          await one.pause(150);
        }
      });
      await one.pause(150);
    }
  }

  /** Null when the outcome of a request is not known, or it was refused. */
  async #transact(
    client: ClusterClient,
    offsets: PendingOffsetClient,
    { identity, committed: before }: { readonly identity: Identity; readonly committed: number },
  ): Promise<{ readonly identity: Identity; readonly committed: number } | null> {
    const { random } = client;
    let committed = before;
    let next = before + 1 + below(random, 100);
    if (chance(random, 0.4)) {
      if (!(await offsets.commit(next))) return null;
      committed = next++;
    }
    /** What counts if the transaction commits. */
    let pending = next++;
    if (!(await offsets.commitInside(identity, pending))) return null;
    const wasStable = await this.#lookDuring(offsets, committed);
    const between = pick(random, BETWEEN);
    if (between === 'commit') {
      if (!(await offsets.commit(next))) return null;
      committed = pending = next++;
    } else if (between === 'commit inside') {
      pending = next++;
      if (!(await offsets.commitInside(identity, pending))) return null;
    } else if (between !== 'nothing') {
      const isGone = between === 'delete offset' ? await offsets.deleteOffset() : await offsets.deleteGroup();
      if (!isGone) return null;
      committed = pending = NOTHING;
    }
    // Long enough for a segment to be rolled and compacted.
    if (chance(random, 0.5)) await client.pause(4000);
    const commits = chance(random, 0.6);
    const after = await offsets.end(identity, commits);
    if (after === null) return null;
    // Otherwise it may have been aborted meanwhile, because it took too long.
    if (wasStable && commits) this.#checker.wasStable(offsets.group);
    const expected = commits ? pending : committed;
    while (!this.#context.isOver()) {
      const offset = await this.#fetch(offsets, true);
      if (typeof offset === 'number') {
        this.#checker.fetched(offsets.group, { isOpen: false, offset, expected });
        return { identity: after, committed: expected };
      }
      await client.pause();
    }
    return null;
  }

  /** Resolves with true if the offset is stable, which it must not be before the transaction ended. */
  async #lookDuring(offsets: PendingOffsetClient, expected: number): Promise<boolean> {
    const offset = await this.#fetch(offsets, false);
    if (typeof offset === 'number') this.#checker.fetched(offsets.group, { isOpen: true, offset, expected });
    return typeof (await this.#fetch(offsets, true)) === 'number';
  }

  /** Null also if the coordinator may not know that another one coordinates now. */
  async #fetch(offsets: PendingOffsetClient, requireStable: boolean): Promise<number | 'unstable' | null> {
    const found = await offsets.coordinator();
    if (!found || !this.#leads(found.broker)) return null;
    const offset = await offsets.fetch(found.connection, requireStable);
    return this.#leads(found.broker) ? offset : null;
  }

  /** Whether this broker leads the one partition of committed offsets in the controller's image. */
  #leads(broker: number): boolean {
    const [partition] = this.#context.cluster.image?.topics.byName(OFFSETS)?.partitions ?? [];
    return partition?.leader === broker;
  }

  async #moveAndCompact(): Promise<void> {
    const { cluster, isDraining } = this.#context;
    const { client } = this.#mover;
    const segmentMs = String(100 + below(client.random, 600));
    while (!isDraining()) {
      await client.pause(2500);
      if (isDraining()) return;
      await client.tried(async () => {
        await this.#mover.alterTopic(OFFSETS, { 'segment.ms': segmentMs, 'min.cleanable.dirty.ratio': '0' });
        const copies = pick(client.random, [2, 3]);
        await this.#mover.reassign(OFFSETS, 0, shuffled(client.random, cluster.ids).slice(0, copies));
      });
    }
  }
}
