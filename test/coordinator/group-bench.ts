import { type Uuid, ZERO_UUID } from '../../src/base/brand.ts';
import { GuardedClock } from '../../src/base/guarded-clock.ts';
import { silent } from '../../src/base/log.ts';
import { Sfc32 } from '../../src/base/random.ts';
import type { World } from '../../src/base/world.ts';
import { GroupCoordinator } from '../../src/coordinator/group/coordinator.ts';
import type { GroupConfig } from '../../src/coordinator/group/group-config.ts';
import { ImageDelta } from '../../src/metadata/delta.ts';
import { type ClusterImage, emptyImage } from '../../src/metadata/image.ts';
import { type PartitionImage, partitionRecord, RECOVERED } from '../../src/metadata/topics.ts';
import { type ErrorName, errorName } from '../../src/protocol/errors.ts';
import type { JoinGroupResponse } from '../../src/protocol/messages/11-join-group.ts';
import type { SyncGroupResponse } from '../../src/protocol/messages/14-sync-group.ts';
import { ManualClock, settle } from './manual-clock.ts';
import { MemoryLog } from './memory-log.ts';
import { MemoryShareState } from './memory-share-state.ts';

type Answered<T> = Omit<T, 'errorCode'> & { error: ErrorName };

/** A request in progress, with its answer once there is one. */
export interface Pending<T> {
  answer: Answered<T> | undefined;
  readonly done: Promise<Answered<T>>;
}

function pending<T extends { readonly errorCode?: number }>(promise: Promise<T>): Pending<T> {
  const done = promise.then(({ errorCode, ...rest }) => {
    const answer = { ...rest, error: errorName(errorCode ?? 0) };
    request.answer = answer;
    return answer;
  });
  const request: Pending<T> = { answer: undefined, done };
  return request;
}

export interface JoinOptions {
  readonly memberId?: string;
  readonly instance?: string | null;
  readonly version?: number;
  readonly protocols?: readonly { name: string; metadata: Buffer }[];
  readonly protocolType?: string;
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
  readonly group?: string;
}

/** One coordinator with one partition of `__consumer_offsets`, with methods for what clients do to it. */
export class GroupBench {
  readonly clock = new ManualClock();
  readonly world: World;
  readonly config: Partial<GroupConfig>;
  log = new MemoryLog();
  image: ClusterImage = emptyImage;
  readonly shareState = new MemoryShareState();
  coordinator: GroupCoordinator;
  #epoch = 0;

  constructor(config: Partial<GroupConfig> = {}, seed = 1) {
    const unused = (): never => {
      throw new Error('the coordinator touches neither disk nor network');
    };
    this.world = {
      clock: this.clock,
      random: new Sfc32(seed),
      log: silent,
      disk: new Proxy({}, { get: unused }) as World['disk'],
      network: new Proxy({}, { get: unused }) as World['network'],
      crash: (error) => {
        throw error;
      },
    };
    this.config = config;
    this.coordinator = this.#make();
  }

  static async elected(config: Partial<GroupConfig> = {}, seed = 1): Promise<GroupBench> {
    const bench = new GroupBench(config, seed);
    await bench.elect();
    return bench;
  }

  async elect(): Promise<void> {
    this.coordinator.runtime.onElection(0, this.#epoch++, this.log);
    await settle();
  }

  /** The broker dies and another one takes over, with what was committed. */
  async failOver(): Promise<void> {
    this.coordinator.runtime.stop();
    this.log = this.log.successor();
    this.coordinator = this.#make();
    await this.elect();
  }

  /** Makes a topic, or gives an existing one more partitions. */
  createTopic(name: string, partitions: number): void {
    const delta = new ImageDelta(this.image);
    const topicId = this.topicId(name);
    const known = this.image.topics.byId(topicId)?.partitions.length ?? 0;
    if (known === 0) delta.replay({ type: 'TopicRecord', name, topicId });
    for (let partitionId = known; partitionId < partitions; partitionId++)
      delta.replay(partitionRecord(topicId, partitionId, ALONE));
    this.#apply(delta);
  }

  electLeader(name: string, partitionId: number): void {
    const delta = new ImageDelta(this.image);
    delta.replay({
      ...partitionRecord(this.topicId(name), partitionId, { ...ALONE, leaderEpoch: 1, partitionEpoch: 1 }),
    });
    this.#apply(delta);
  }

  /** Resolves when the coordinator has done everything about it. */
  async deleteTopic(name: string): Promise<void> {
    const delta = new ImageDelta(this.image);
    delta.replay({ type: 'RemoveTopicRecord', topicId: this.topicId(name) });
    this.#apply(delta);
    await settle();
  }

  /** The topics of a bench have ids made from their names. */
  topicId(name: string): Uuid {
    return Buffer.from(name.padEnd(16, '.').slice(0, 16)).toString('base64url');
  }

  #apply(delta: ImageDelta): void {
    const offset = this.image.provenance.offset + 1;
    this.image = delta.apply({ offset, epoch: 1, timestamp: this.clock.now() });
    this.coordinator.onImage(this.image, delta);
  }

  join(options: JoinOptions = {}): Pending<JoinGroupResponse> {
    const { memberId = '', instance = null, version = 9, group = 'app' } = options;
    return pending(
      this.coordinator.joinGroup(
        { apiVersion: version, clientId: 'client', clientHost: '10.0.0.1' },
        {
          groupId: group,
          memberId,
          groupInstanceId: instance,
          sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
          rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 60_000,
          protocolType: options.protocolType ?? 'consumer',
          protocols: [...(options.protocols ?? [{ name: 'range', metadata: subscribed('orders') }])],
          reason: null,
        },
      ),
    );
  }

  /** Joins as a client does: takes the id that it is given, then joins with it. */
  async enter(options: JoinOptions = {}): Promise<{ memberId: string; join: Pending<JoinGroupResponse> }> {
    const first = await this.join(options).done;
    if (first.error !== 'MEMBER_ID_REQUIRED')
      throw new Error(`expected to be given an id, got ${first.error}`);
    return { memberId: first.memberId, join: this.join({ ...options, memberId: first.memberId }) };
  }

  sync(
    memberId: string,
    generation: number,
    assignments: Record<string, string> = {},
    options: {
      readonly instance?: string | null;
      readonly protocol?: string | null;
      readonly type?: string;
    } = {},
  ): Pending<SyncGroupResponse> {
    return pending(
      this.coordinator.syncGroup({
        groupId: 'app',
        memberId,
        groupInstanceId: options.instance ?? null,
        generationId: generation,
        protocolType: options.type ?? null,
        protocolName: options.protocol ?? null,
        assignments: Object.entries(assignments).map(([id, text]) => ({
          memberId: id,
          assignment: Buffer.from(text),
        })),
      }),
    );
  }

  async heartbeat(memberId: string, generation: number, instance: string | null = null): Promise<ErrorName> {
    const { errorCode } = await this.coordinator.heartbeat({
      groupId: 'app',
      memberId,
      generationId: generation,
      groupInstanceId: instance,
    });
    return errorName(errorCode);
  }

  async leave(...members: { memberId?: string; instance?: string }[]): Promise<ErrorName[]> {
    const answer = await this.coordinator.leaveGroup(
      'app',
      members.map(({ memberId = '', instance = null }) => ({
        memberId,
        groupInstanceId: instance,
        reason: null,
      })),
    );
    return (answer.members ?? []).map(({ errorCode }) => errorName(errorCode ?? 0));
  }

  async commit(
    offset: number,
    options: {
      readonly memberId?: string;
      readonly generation?: number;
      readonly instance?: string | null;
      readonly topic?: string;
      readonly partition?: number;
      readonly metadata?: string | null;
      readonly retentionMs?: number;
      readonly version?: number;
      readonly group?: string;
      readonly topicId?: string;
    } = {},
  ): Promise<ErrorName> {
    const answer = await this.coordinator.offsets.commit(
      { apiVersion: options.version ?? 9, clientId: 'client', clientHost: '10.0.0.1' },
      {
        groupId: options.group ?? 'app',
        generationIdOrMemberEpoch: options.generation ?? -1,
        memberId: options.memberId ?? '',
        groupInstanceId: options.instance ?? null,
        retentionTimeMs: options.retentionMs ?? -1,
        topics: [
          {
            name: options.topic ?? 'orders',
            topicId: options.topicId ?? ZERO_UUID,
            partitions: [
              {
                partitionIndex: options.partition ?? 0,
                committedOffset: offset,
                committedLeaderEpoch: 5,
                committedMetadata: options.metadata ?? null,
              },
            ],
          },
        ],
      },
    );
    return errorName(answer.topics[0]?.partitions[0]?.errorCode ?? 0);
  }

  /** Commits in the transaction of a producer. */
  async commitInTransaction(
    offset: number,
    options: {
      readonly memberId: string;
      readonly generation: number;
      readonly topic?: string;
      readonly partition?: number;
      readonly topicId?: string;
    },
  ): Promise<ErrorName> {
    const answer = await this.coordinator.offsets.commitInTransaction({
      transactionalId: 'copier',
      groupId: 'app',
      producerId: 7,
      producerEpoch: 0,
      generationIdOrMemberEpoch: options.generation,
      memberId: options.memberId,
      groupInstanceId: null,
      topics: [
        {
          name: options.topic ?? 'orders',
          topicId: options.topicId ?? ZERO_UUID,
          partitions: [
            {
              partitionIndex: options.partition ?? 0,
              committedOffset: offset,
              committedLeaderEpoch: 5,
              committedMetadata: null,
            },
          ],
        },
      ],
    });
    return errorName(answer.topics[0]?.partitions[0]?.errorCode ?? 0);
  }

  /** The committed offset, or the error. */
  async committed(
    topic = 'orders',
    partition = 0,
    group = 'app',
    stable = false,
  ): Promise<number | ErrorName> {
    const answer = await this.coordinator.offsets.fetch(
      {
        groupId: group,
        memberId: null,
        memberEpoch: -1,
        topics: [{ name: topic, topicId: ZERO_UUID, partitionIndexes: [partition] }],
      },
      stable,
    );
    if (answer.errorCode) return errorName(answer.errorCode);
    const found = answer.topics[0]?.partitions?.[0];
    return found?.errorCode ? errorName(found.errorCode) : Number(found?.committedOffset);
  }

  async describe(group = 'app', version = 5) {
    const [described] = await this.coordinator.descriptions.classic(
      { apiVersion: version, clientId: null, clientHost: '' },
      [group],
    );
    if (!described) throw new Error('not described');
    return described;
  }

  /**
   * A stable group of these members (options per member); the assignment of each is its own index. The first
   * one leads.
   */
  async stable(...members: JoinOptions[]): Promise<{ memberIds: string[]; generation: number }> {
    const joins: Pending<JoinGroupResponse>[] = [];
    for (const options of members) {
      joins.push(options.instance ? this.join(options) : (await this.enter(options)).join);
      await settle();
    }
    // Two rounds of the initial delay: all but the first came during the first one.
    await this.clock.advance(6000);
    const answers = await Promise.all(joins.map((join) => join.done));
    const memberIds = answers.map(({ memberId }) => memberId);
    const generation = answers[0]?.generationId ?? -1;
    const leader = answers[0]?.leader ?? '';
    const assignments = Object.fromEntries(memberIds.map((id, i) => [id, String(i)]));
    const syncs = memberIds.map((id) => this.sync(id, generation, id === leader ? assignments : {}));
    this.log.commit();
    await Promise.all(syncs.map((sync) => sync.done));
    return { memberIds, generation };
  }

  #make(): GroupCoordinator {
    const coordinator = new GroupCoordinator(this.world, {
      guardedClock: new GuardedClock(this.clock),
      config: this.config,
      shareState: this.shareState,
    });
    if (this.image !== emptyImage)
      coordinator.onImage(this.image, ImageDelta.between(emptyImage, this.image));
    return coordinator;
  }
}

const ALONE: PartitionImage = {
  replicas: [0],
  directories: [ZERO_UUID],
  isr: [0],
  removingReplicas: [],
  addingReplicas: [],
  eligibleLeaderReplicas: [],
  lastKnownElr: [],
  leader: 0,
  leaderRecoveryState: RECOVERED,
  leaderEpoch: 0,
  partitionEpoch: 0,
};

/** A consumer's subscription to topics, in version 0 of the consumer protocol. */
export function subscribed(...topics: string[]): Buffer {
  const parts = [Buffer.from([0, 0]), int32(topics.length)];
  for (const topic of topics) parts.push(Buffer.from([0, topic.length]), Buffer.from(topic));
  parts.push(int32(-1));
  return Buffer.concat(parts);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
