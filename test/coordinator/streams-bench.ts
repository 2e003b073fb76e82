import type { HeartbeatResult } from '../../src/coordinator/group/streams/answers.ts';
import { type ErrorName, errorName } from '../../src/protocol/errors.ts';
import type { StreamsGroupHeartbeatRequest } from '../../src/protocol/messages/88-streams-group-heartbeat.ts';
import type { GroupBench } from './group-bench.ts';

export type RequestedTopology = NonNullable<StreamsGroupHeartbeatRequest['topology']>;
export type RequestedSubtopology = RequestedTopology['subtopologies'][number];

/** A member's heartbeats contain only what changed. */
export interface ThreadOptions {
  readonly processId?: string;
  readonly topology?: RequestedTopology;
  readonly rebalanceTimeoutMs?: number;
  readonly endpoint?: { readonly host: string; readonly port: number } | null;
  readonly shutdown?: boolean;
}

export function subtopology(id: string, options: Partial<RequestedSubtopology> = {}): RequestedSubtopology {
  return {
    subtopologyId: id,
    sourceTopics: [],
    sourceTopicRegex: [],
    stateChangelogTopics: [],
    repartitionSinkTopics: [],
    repartitionSourceTopics: [],
    copartitionGroups: [],
    ...options,
  };
}

export function internalTopic(
  name: string,
  partitions = 0,
): RequestedSubtopology['stateChangelogTopics'][number] {
  return { name, partitions, replicationFactor: 0, topicConfigs: [] };
}

/** Counts words: `lines` goes into `app-words-repartition`, which is counted into a store. */
export const WORD_COUNT: RequestedTopology = {
  epoch: 0,
  subtopologies: [
    subtopology('0', { sourceTopics: ['lines'], repartitionSinkTopics: ['app-words-repartition'] }),
    subtopology('1', {
      repartitionSourceTopics: [internalTopic('app-words-repartition')],
      stateChangelogTopics: [internalTopic('app-counts-changelog')],
    }),
  ],
};

/**
 * A thread of an application as its coordinator sees it. It takes tasks that it is given and gives back those
 * that it is asked for at once.
 */
export class BenchThread {
  readonly #bench: GroupBench;
  readonly memberId: string;
  readonly #options: ThreadOptions;
  epoch = 0;
  /** Its active tasks, as `1_0`. */
  active: string[] = [];
  standby: string[] = [];
  /** The answer to the last heartbeat. */
  last: HeartbeatResult | undefined;

  constructor(bench: GroupBench, memberId: string, options: ThreadOptions = {}) {
    this.#bench = bench;
    this.memberId = memberId;
    this.#options = options;
  }

  get statuses(): string[] {
    return (this.last?.response.status ?? []).map(
      ({ statusCode, statusDetail }) => `${statusCode} ${statusDetail}`,
    );
  }

  /** Joins as a new member. */
  join(options: ThreadOptions = {}): Promise<ErrorName> {
    const {
      topology = WORD_COUNT,
      processId = this.memberId,
      endpoint = null,
    } = { ...this.#options, ...options };
    this.epoch = 0;
    this.active = [];
    this.standby = [];
    return this.send({
      rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? this.#options.rebalanceTimeoutMs ?? 60_000,
      topology,
      processId,
      userEndpoint: endpoint,
      activeTasks: [],
      standbyTasks: [],
      warmupTasks: [],
    });
  }

  /** Reports what it has, and obeys the answer. */
  heartbeat(request: Partial<StreamsGroupHeartbeatRequest> = {}): Promise<ErrorName> {
    return this.send({
      activeTasks: idsOf(this.active),
      standbyTasks: idsOf(this.standby),
      warmupTasks: [],
      ...request,
    });
  }

  leave(request: Partial<StreamsGroupHeartbeatRequest> = {}): Promise<ErrorName> {
    return this.send({ memberEpoch: -1, ...request });
  }

  async send(request: Partial<StreamsGroupHeartbeatRequest>): Promise<ErrorName> {
    const result = await this.#bench.coordinator.streamsHeartbeat(
      { apiVersion: 0, clientId: 'client', clientHost: '10.0.0.1' },
      {
        groupId: 'app',
        memberId: this.memberId,
        memberEpoch: this.epoch,
        endpointInformationEpoch: 0,
        instanceId: null,
        rackId: null,
        rebalanceTimeoutMs: -1,
        topology: null,
        activeTasks: null,
        standbyTasks: null,
        warmupTasks: null,
        processId: null,
        userEndpoint: null,
        clientTags: null,
        taskOffsets: null,
        taskEndOffsets: null,
        shutdownApplication: false,
        ...request,
      },
    );
    this.last = result;
    const { response } = result;
    if (response.errorCode !== 0) return errorName(response.errorCode);
    this.epoch = response.memberEpoch;
    if (response.activeTasks) this.active = namesOf(response.activeTasks);
    if (response.standbyTasks) this.standby = namesOf(response.standbyTasks);
    return 'NONE';
  }

  /** Makes the topics that the coordinator requests. */
  makeTopics(): void {
    for (const { name, partitions } of this.last?.missing ?? []) this.#bench.createTopic(name, partitions);
  }

  commit(
    offset: number,
    options: { readonly topic?: string; readonly partition?: number; readonly epoch?: number } = {},
  ) {
    return this.#bench.commit(offset, {
      memberId: this.memberId,
      generation: options.epoch ?? this.epoch,
      topic: options.topic ?? 'lines',
      partition: options.partition ?? 0,
    });
  }
}

interface Ids {
  readonly subtopologyId: string;
  readonly partitions: readonly number[];
}

export function namesOf(ids: readonly Ids[]): string[] {
  return ids.flatMap(({ subtopologyId, partitions }) =>
    partitions.map((partition) => `${subtopologyId}_${partition}`),
  );
}

export function idsOf(names: Iterable<string>): { subtopologyId: string; partitions: number[] }[] {
  const ids = new Map<string, number[]>();
  for (const name of names) {
    const [subtopologyId = '', partition] = name.split('_');
    ids.set(subtopologyId, [...(ids.get(subtopologyId) ?? []), Number(partition)]);
  }
  return [...ids].map(([subtopologyId, partitions]) => ({ subtopologyId, partitions }));
}
