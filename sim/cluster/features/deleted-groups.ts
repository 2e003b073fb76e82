import { below, randomUuid } from '../../../src/base/random.ts';
import type { KafkaConnection } from '../../../src/client/connection.ts';
import { type ErrorName, errorName } from '../../../src/protocol/errors.ts';
import { offsetCommit } from '../../../src/protocol/messages/08-offset-commit.ts';
import { offsetFetch } from '../../../src/protocol/messages/09-offset-fetch.ts';
import { deleteGroups } from '../../../src/protocol/messages/42-delete-groups.ts';
import { consumerGroupHeartbeat } from '../../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import { streamsGroupHeartbeat } from '../../../src/protocol/messages/88-streams-group-heartbeat.ts';
import { chance } from '../../chance.ts';
import { DeletedGroupsHaveNothing } from '../../checkers/deleted-groups-have-nothing.ts';
import { CONSUMER_SESSION_MS, STREAMS_SESSION_MS } from '../broker-configs.ts';
import { REQUEST_MS } from '../cluster-client.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { countingTopology } from '../streams-topology.ts';

const TOPIC = 'left';
const KINDS = ['simple', 'consumer', 'streams'] as const;
type Kind = (typeof KINDS)[number];
const JOINING = 0;
const LEAVING = -1;
/** A member that says nothing for as long may be gone. */
const SESSION_MS = Math.min(CONSUMER_SESSION_MS, STREAMS_SESSION_MS);
/** The member fields of a commit by a client that is no member. */
const SIMPLE = { memberId: '', memberEpoch: -1 };

interface Member {
  readonly memberId: string;
  readonly memberEpoch: number;
}

/**
 * Groups that are deleted while offsets are committed: groups without members, of consumers and of streams.
 * Each group is used by one client, which goes on with another group after any request whose outcome it does
 * not know.
 */
export class DeletedGroups implements Feature {
  readonly #context: FeatureContext;
  readonly #nothing: DeletedGroupsHaveNothing;
  #isDrained = false;
  #count = 0;

  constructor(context: FeatureContext) {
    this.#context = context;
    this.#nothing = new DeletedGroupsHaveNothing(context.violations);
  }

  async prepare(): Promise<void> {
    await this.#context.administrator.create({ name: TOPIC, partitions: 1, replicationFactor: 3 });
  }

  async run(): Promise<void> {
    await Promise.all(KINDS.map((kind) => this.#use(kind)));
  }

  /** True when a group was used and deleted. */
  isDrained(): boolean {
    return this.#isDrained;
  }

  check(): void {}

  async #use(kind: Kind): Promise<void> {
    const { client, isOver, isDraining } = this.#context;
    const one = client(`deleted-groups-${kind}`);
    const other = client(`group-deleter-${kind}`);
    while (!isOver()) {
      const group = `deleted-${kind}-${this.#count++}`;
      let goesOn = true;
      while (goesOn && !isOver()) {
        const wasDraining = isDraining();
        let isSettled = false;
        await one.tried(async () => {
          const found = await one.coordinatorOf('group', group);
          if (!found) return;
          const connection = await one.connect(found.host);
          isSettled = await this.#round(kind, group, [connection, await other.connect(found.host)]);
          if (isSettled && wasDraining) this.#isDrained = true;
        });
        goesOn = isSettled;
        await one.pause(150);
      }
    }
  }

  /** Joins, commits, leaves and deletes the group. False if a request was refused that should not be. */
  async #round(
    kind: Kind,
    group: string,
    [connection, another]: readonly [KafkaConnection, KafkaConnection],
  ): Promise<boolean> {
    const { random, world } = this.#context.administrator.client;
    const joinsAt = world.clock.monotonic();
    const member = await this.#join(connection, kind, group);
    if (!member) return false;
    const offset = 1 + below(random, 1000);
    if (!(await this.#commit(connection, group, member, offset))) return false;
    this.#nothing.settled(group, [offset]);
    if (kind !== 'simple') {
      if ((await this.#delete(another, group)) === 'NONE') {
        if (world.clock.monotonic() - joinsAt < SESSION_MS) this.#complain(group, 'deleted under its member');
        return false;
      }
      if (!(await this.#join(connection, kind, group, { ...member, memberEpoch: LEAVING }))) return false;
    }
    await this.#fetch(connection, group);
    const again = offset + 1;
    const commits = chance(random, 0.5);
    const [committed, deleted] = await Promise.all([
      commits && this.#commit(connection, group, member, again),
      this.#delete(another, group),
    ]);
    if (committed && kind !== 'simple') this.#complain(group, 'committed to by who had left');
    if (deleted !== 'NONE' || (kind === 'simple' && commits && !committed)) return false;
    this.#nothing.settled(group, committed ? [again, null] : [null]);
    await this.#fetch(connection, group);
    return true;
  }

  #complain(group: string, what: string): void {
    this.#context.violations.add('DeletedGroupsHaveNothing', `${group} was ${what}`);
  }

  /** Null if it was refused. */
  async #join(
    connection: KafkaConnection,
    kind: Kind,
    groupId: string,
    leaving?: Member,
  ): Promise<Member | null> {
    if (kind === 'simple') return SIMPLE;
    const joining = { memberId: randomUuid(this.#context.administrator.client.random), memberEpoch: JOINING };
    const who = { groupId, ...(leaving ?? joining) };
    const common = { ...who, rebalanceTimeoutMs: leaving ? -1 : REQUEST_MS };
    const options = { timeoutMs: REQUEST_MS };
    const answer =
      kind === 'consumer'
        ? await connection.send(
            consumerGroupHeartbeat,
            { ...common, subscribedTopicNames: leaving ? null : [TOPIC], topicPartitions: [] },
            { version: 1, ...options },
          )
        : await connection.send(
            streamsGroupHeartbeat,
            {
              ...common,
              endpointInformationEpoch: 0,
              topology: leaving ? null : countingTopology('left', TOPIC),
              processId: leaving ? null : who.memberId,
              activeTasks: [],
              standbyTasks: [],
              warmupTasks: [],
            },
            { version: 0, ...options },
          );
    return answer.errorCode === 0 ? { memberId: who.memberId, memberEpoch: answer.memberEpoch } : null;
  }

  async #commit(
    connection: KafkaConnection,
    groupId: string,
    { memberId, memberEpoch }: Member,
    committedOffset: number,
  ): Promise<boolean> {
    const answer = await connection.send(
      offsetCommit,
      {
        groupId,
        memberId,
        generationIdOrMemberEpoch: memberEpoch,
        topics: [
          { name: TOPIC, partitions: [{ partitionIndex: 0, committedOffset, committedMetadata: null }] },
        ],
      },
      { version: 9, timeoutMs: REQUEST_MS },
    );
    return answer.topics[0]?.partitions[0]?.errorCode === 0;
  }

  async #delete(connection: KafkaConnection, group: string): Promise<ErrorName> {
    const answer = await connection.send(deleteGroups, { groupsNames: [group] }, { timeoutMs: REQUEST_MS });
    return errorName(answer.results[0]?.errorCode ?? -1);
  }

  async #fetch(connection: KafkaConnection, groupId: string): Promise<void> {
    const answer = await connection.send(
      offsetFetch,
      { groups: [{ groupId, topics: [{ name: TOPIC, partitionIndexes: [0] }] }] },
      { version: 8, timeoutMs: REQUEST_MS },
    );
    const partition = answer.groups[0]?.topics[0]?.partitions[0];
    if (answer.groups[0]?.errorCode !== 0 || partition?.errorCode !== 0) return;
    this.#nothing.fetched(groupId, Number(partition.committedOffset));
  }
}
