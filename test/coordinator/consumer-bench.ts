import { type ErrorName, errorName } from '../../src/protocol/errors.ts';
import type { GroupBench } from './group-bench.ts';

export interface HeartbeatOptions {
  readonly topics?: readonly string[] | null;
  readonly expression?: string | null;
  readonly mayDescribe?: (topic: string) => boolean;
  readonly instance?: string | null;
  readonly assignor?: string | null;
  readonly owned?: readonly string[] | null;
  readonly rebalanceTimeoutMs?: number;
  readonly version?: number;
  readonly group?: string;
}

/** A consumer of the consumer protocol as its coordinator sees it. It owns what it is assigned at once. */
export class BenchConsumer {
  readonly #bench: GroupBench;
  readonly memberId: string;
  readonly #options: HeartbeatOptions;
  epoch = 0;
  /** Its partitions, as `orders-0`. */
  owned: string[] = [];

  constructor(bench: GroupBench, memberId: string, options: HeartbeatOptions = {}) {
    this.#bench = bench;
    this.memberId = memberId;
    this.#options = { topics: ['orders'], ...options };
  }

  /** Joins as a new member. */
  async join(): Promise<ErrorName> {
    this.epoch = 0;
    this.owned = [];
    return this.#heartbeat({ rebalanceTimeoutMs: 60_000, owned: [], ...this.#options });
  }

  /** Reports what it owns, and obeys the answer. */
  async heartbeat(options: HeartbeatOptions = {}): Promise<ErrorName> {
    return this.#heartbeat({ topics: null, owned: this.owned, ...options });
  }

  /** A heartbeat whose answer is lost: the consumer does not obey it. */
  async silent(): Promise<ErrorName> {
    const { owned, epoch } = this;
    const error = await this.#heartbeat({ topics: null, owned: null });
    this.owned = owned;
    this.epoch = epoch;
    return error;
  }

  async leave(epoch = -1): Promise<ErrorName> {
    this.epoch = epoch;
    const error = await this.#heartbeat({ topics: null });
    this.owned = [];
    return error;
  }

  commit(offset: number, options: { readonly partition?: number; readonly epoch?: number } = {}) {
    return this.#bench.commit(offset, {
      memberId: this.memberId,
      generation: options.epoch ?? this.epoch,
      partition: options.partition ?? 0,
      topicId: this.#bench.topicId('orders'),
    });
  }

  async #heartbeat(options: HeartbeatOptions): Promise<ErrorName> {
    const { instance = this.#options.instance ?? null, version = 1, owned = null } = options;
    const answer = await this.#bench.coordinator.consumerHeartbeat(
      {
        apiVersion: version,
        clientId: 'client',
        clientHost: '10.0.0.1',
        mayDescribe: this.#options.mayDescribe ?? (() => true),
      },
      {
        groupId: this.#options.group ?? 'app',
        memberId: this.memberId,
        memberEpoch: this.epoch,
        instanceId: instance,
        rackId: null,
        rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? -1,
        subscribedTopicNames: options.topics ? [...options.topics] : null,
        subscribedTopicRegex: options.expression ?? null,
        serverAssignor: options.assignor ?? null,
        topicPartitions: owned && this.#topicPartitions(owned),
      },
    );
    if (answer.errorCode !== 0) return errorName(answer.errorCode);
    this.epoch = answer.memberEpoch;
    if (answer.assignment)
      this.owned = answer.assignment.topicPartitions.flatMap(({ topicId, partitions }) =>
        partitions.map((partition) => `${this.#nameOf(topicId)}-${partition}`),
      );
    return 'NONE';
  }

  #topicPartitions(owned: readonly string[]) {
    const partitions = new Map<string, number[]>();
    for (const name of owned) {
      const [topic = '', partition] = name.split('-');
      const topicId = this.#bench.topicId(topic);
      partitions.set(topicId, [...(partitions.get(topicId) ?? []), Number(partition)]);
    }
    return [...partitions].map(([topicId, numbers]) => ({ topicId, partitions: numbers }));
  }

  #nameOf(topicId: string): string {
    return Buffer.from(topicId, 'base64url').toString().replace(/\.+$/, '');
  }
}
