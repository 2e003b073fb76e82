import type { ClusterAccess, NewScramUser } from '../../src/control/access/cluster-access.ts';
import type { AclAccess } from '../../src/control/rebalance/acl-admin.ts';
import {
  AdminError,
  type PartitionDescription,
  type VolumeUse,
} from '../../src/control/rebalance/cluster-admin.ts';
import type { TopicAdmin } from '../../src/control/topics/topic-admin.ts';
import { type Acl, aclKey } from '../../src/security/acl/acl.ts';

/** The ACLs of a cluster without processes; null: it has no authorizer. */
class FakeAcls implements AclAccess {
  known: readonly Acl[] | null = [];
  /** Brokers that do not apply a change in time. */
  behind: number[] = [];

  async all() {
    return this.known;
  }

  async create(acls: readonly Acl[]): Promise<void> {
    this.known = [...(this.known ?? []), ...acls];
  }

  async remove(acls: readonly Acl[]): Promise<void> {
    const gone = new Set(acls.map(aclKey));
    this.known = (this.known ?? []).filter((acl) => !gone.has(aclKey(acl)));
  }

  async awaitChange(): Promise<number[]> {
    return this.behind;
  }
}

/**
 * The answers of a cluster without processes about its partitions: a move is complete as soon as it is asked
 * for.
 */
export class FakeAccess implements ClusterAccess {
  /** The SCRAM users with their passwords. */
  readonly users = new Map<string, string>();
  /** Every user that was given a password, in order. */
  readonly given: string[] = [];
  /** The number of requests to change users. */
  attempts = 0;
  /** While set, requests to change users fail with it. */
  failure: Error | null = null;
  /** While set, users are changed, but the request fails with it. */
  failureAfter: Error | null = null;
  /** The configs of all brokers. */
  readonly defaults = new Map<string, string>();
  /** While set, requests to change these fail with it. */
  defaultsFailure: Error | null = null;
  /** The levels of the cluster's features. */
  readonly features = new Map<string, number>();
  /** While set, requests to raise these fail with it. */
  featuresFailure: Error | null = null;
  readonly unregistered: number[] = [];
  /** Tests of topics use clusters that run. */
  readonly topics = NO_TOPICS;
  /** While set, moves wait for it. */
  gate: Promise<void> | null = null;
  /** While set, moves begin and do not end until they are cancelled. */
  stuck = false;
  readonly acls = new FakeAcls();
  /** The number of requests for moves. */
  asked = 0;
  volumes: readonly VolumeUse[] = [];
  /** Brokers that do not report their replicas. */
  unreachable: readonly number[] = [];
  readonly #moving = new Map<number, readonly number[]>();
  #partitions: PartitionDescription[];
  readonly #bytes = new Map<number, number>();

  constructor(replicas: readonly (readonly number[])[]) {
    this.#partitions = replicas.map((own, partition) => ({
      topic: 't',
      partition,
      replicas: own,
      isr: own,
      leader: own[0] ?? -1,
    }));
  }

  get replicas(): (readonly number[])[] {
    return this.#partitions.map(({ replicas }) => replicas);
  }

  /** The replicas of a broker fall out of sync: all of them, or those of these partitions. */
  lag(broker: number, partitions?: readonly number[]): void {
    this.#change(partitions, ({ isr }) => ({ isr: isr.filter((one) => one !== broker) }));
  }

  catchUp(broker: number): void {
    this.#change(undefined, ({ isr, replicas }) => ({
      isr: replicas.filter((one) => one === broker || isr.includes(one)),
    }));
  }

  lead(partition: number, leader: number): void {
    this.#change([partition], () => ({ leader }));
  }

  /** Each replica of the broker gets more bytes. */
  grow(broker: number, bytes: number): void {
    this.#bytes.set(broker, (this.#bytes.get(broker) ?? 0) + bytes);
  }

  async raiseFeatures(levels: ReadonlyMap<string, number>): Promise<void> {
    if (this.featuresFailure) throw this.featuresFailure;
    for (const [name, level] of levels)
      this.features.set(name, Math.max(level, this.features.get(name) ?? 0));
  }

  async describePartitions() {
    return this.#partitions;
  }

  async logSizes(brokers: readonly number[]) {
    const sizes = this.#partitions.flatMap(({ topic, partition, replicas }) =>
      replicas
        .filter((broker) => brokers.includes(broker))
        .map((broker) => ({ topic, partition, broker, sizeInBytes: this.#bytes.get(broker) ?? 0 })),
    );
    return { sizes, volumes: this.volumes, unreachable: this.unreachable };
  }

  async alterReassignments(targets: Parameters<ClusterAccess['alterReassignments']>[0]) {
    this.asked++;
    await this.gate;
    for (const { partition, replicas } of targets) {
      if (replicas === null) this.#moving.delete(partition);
      if (replicas !== null && this.stuck) {
        this.#moving.set(partition, replicas);
        continue;
      }
      const before = this.#partitions[partition];
      if (!before || !replicas) continue;
      this.#partitions[partition] = { ...before, replicas, isr: replicas, leader: replicas[0] ?? -1 };
    }
    return [];
  }

  async listReassignments() {
    return [...this.#moving].map(([partition, target]) => {
      const before = this.#partitions[partition]?.replicas ?? [];
      const adding = target.filter((broker) => !before.includes(broker));
      const removing = before.filter((broker) => !target.includes(broker));
      return { topic: 't', partition, replicas: [...target, ...removing], adding, removing };
    });
  }

  async setThrottles() {
    return { unreachable: [] };
  }

  async electPreferred() {
    return [];
  }

  async alterBrokerDefaults(values: Readonly<Record<string, string | null>>): Promise<void> {
    if (this.defaultsFailure) throw this.defaultsFailure;
    for (const [name, value] of Object.entries(values))
      if (value === null) this.defaults.delete(name);
      else this.defaults.set(name, value);
  }

  async unregister(broker: number): Promise<void> {
    this.unregistered.push(broker);
  }

  async alterScramUsers(give: readonly NewScramUser[], take: readonly string[]): Promise<void> {
    this.attempts++;
    if (this.failure) throw this.failure;
    for (const { name, password } of give) this.users.set(name, password);
    for (const name of take) this.users.delete(name);
    this.given.push(...give.map(({ name }) => name));
    if (this.failureAfter) throw this.failureAfter;
  }

  async scramUsers(): Promise<readonly string[]> {
    return [...this.users.keys()];
  }

  async close(): Promise<void> {}

  #change(
    partitions: readonly number[] | undefined,
    change: (before: PartitionDescription) => Partial<PartitionDescription>,
  ): void {
    this.#partitions = this.#partitions.map((one) =>
      partitions === undefined || partitions.includes(one.partition) ? { ...one, ...change(one) } : one,
    );
  }
}

async function noTopics(): Promise<never> {
  throw new AdminError('this cluster has no processes', { retriable: false });
}

const NO_TOPICS: TopicAdmin = {
  list: noTopics,
  describe: noTopics,
  configs: noTopics,
  create: noTopics,
  createPartitions: noTopics,
  alterConfigs: noTopics,
  remove: noTopics,
};
