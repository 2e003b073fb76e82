import type { KafkaConnection } from '../../../src/client/connection.ts';
import { leaveGroup } from '../../../src/protocol/messages/13-leave-group.ts';
import { chance, pick } from '../../chance.ts';
import type { CommittedOffsetsNeverFall } from '../../checkers/committed-offsets-never-fall.ts';
import { OneProcessPerInstance, type Term } from '../../checkers/one-process-per-instance.ts';
import { CONSUMER_SESSION_MS } from '../broker-configs.ts';
import { ClassicMember } from '../classic-member.ts';
import { type ClusterClient, REQUEST_MS } from '../cluster-client.ts';
import { ConsumerMember } from '../consumer-member.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { beMembers } from '../memberships.ts';
import { nameOf } from '../sim-cluster.ts';
import { StaticPlace } from '../static-place.ts';

const GROUP = 'residents';
const TOPIC = 'rooms';
const PARTITIONS = 4;
const INSTANCES = 3;
const PROTOCOLS = ['classic', 'cooperative', 'consumer'] as const;
const INTRUDES_EVERY_MS = 6_000;
const REMOVES_EVERY_MS = 4_000;

interface Process {
  readonly client: ClusterClient;
  readonly member: ClassicMember | ConsumerMember;
}

/** One group.instance.id, the process that has it as a rule, and another one that wants it now and then. */
interface Resident {
  readonly place: StaticPlace;
  readonly process: Process;
  readonly intruder: Process;
}

/**
 * A group of static members (KIP-345) by one of the protocols: processes end and come back, a second process
 * comes with the same group.instance.id, and an administrator removes members.
 */
export class StaticGroup implements Feature {
  readonly #context: FeatureContext;
  readonly #checker: OneProcessPerInstance;
  readonly #residents: readonly Resident[];
  readonly #remover: ClusterClient;
  /** The commits of all processes when everything was healed. */
  #before: number | undefined;

  constructor(context: FeatureContext, { committed }: { readonly committed: CommittedOffsetsNeverFall }) {
    this.#context = context;
    const { simulation, violations, client, isOver, isDraining } = context;
    const protocol = pick(client('static-choice').random, PROTOCOLS);
    simulation.note(`static members of the protocol ${protocol}`);
    this.#remover = client('static-remover');
    const checker = new OneProcessPerInstance(violations, {
      now: () => simulation.time,
      sessionMs: CONSUMER_SESSION_MS,
    });
    this.#checker = checker;
    this.#residents = Array.from({ length: INSTANCES }, (_, i) => {
      const place = new StaticPlace(`resident-${i}`, {
        checker,
        violations,
        termOf: (connection) => this.#termOf(connection),
        isDraining,
      });
      const process = (name: string): Process => {
        const one = client(name);
        const common = { group: GROUP, topic: TOPIC, committed, isOver, place };
        const member =
          protocol === 'consumer'
            ? new ConsumerMember(one, common)
            : new ClassicMember(one, {
                ...common,
                partitions: PARTITIONS,
                isEager: protocol === 'classic',
              });
        return { client: one, member };
      };
      return { place, process: process(`resident-${i}`), intruder: process(`intruder-${i}`) };
    });
  }

  async prepare(): Promise<void> {
    await this.#context.administrator.create({ name: TOPIC, partitions: PARTITIONS, replicationFactor: 3 });
  }

  async run(): Promise<void> {
    const { isOver } = this.#context;
    await Promise.all([
      ...this.#residents.map(({ process: { client, member } }) =>
        beMembers(client, { group: GROUP, isOver, live: (connection) => member.live(connection) }),
      ),
      ...this.#residents.map(({ intruder }) => this.#intrude(intruder)),
      this.#remove(),
    ]);
  }

  /**
   * True when every process restarted and kept its place, and the group committed again. A process may have
   * no partition: those of a group that does not change its generation are not balanced anew.
   */
  isDrained(): boolean {
    const commits = this.#residents.reduce((sum, { process }) => sum + process.member.commits, 0);
    this.#before ??= commits;
    return commits > this.#before && this.#residents.every(({ place }) => place.isKept);
  }

  check(): void {}

  /** Comes for one life now and then, until everything is healed. */
  async #intrude({ client, member }: Process): Promise<void> {
    const { isDraining } = this.#context;
    while (!isDraining()) {
      await client.pause(INTRUDES_EVERY_MS);
      let coordinator = '';
      const went = await client.tried(async () => {
        const found = await client.coordinatorOf('group', GROUP);
        if (found === null || isDraining()) return;
        coordinator = found.host;
        await member.live(await client.connect(coordinator));
      });
      if (!went && coordinator !== '') await client.disconnect(coordinator);
    }
  }

  /** Removes members by their instance ids, as kafka-consumer-groups and Kafka Streams do. */
  async #remove(): Promise<void> {
    const { isDraining } = this.#context;
    const client = this.#remover;
    while (!isDraining()) {
      await client.pause(REMOVES_EVERY_MS);
      await client.tried(async () => {
        const found = await client.coordinatorOf('group', GROUP);
        if (found === null || isDraining()) return;
        const connection = await client.connect(found.host);
        const [first, ...rest] = this.#residents.filter(() => chance(client.random, 0.4));
        if (first) await this.#removeFrom(connection, [first, ...rest]);
      });
    }
  }

  async #removeFrom(connection: KafkaConnection, residents: readonly Resident[]): Promise<void> {
    const term = this.#termOf(connection);
    const asked = residents.map(({ place }) => this.#checker.asksRemoval(place.instanceId, term));
    const answer = await connection.send(
      leaveGroup,
      {
        groupId: GROUP,
        members: residents.map(({ place }) => ({ memberId: '', groupInstanceId: place.instanceId })),
      },
      { version: 5, timeoutMs: REQUEST_MS },
    );
    for (const [i, asking] of asked.entries()) {
      const isEmpty = answer.errorCode === 0 && answer.members[i]?.errorCode === 0;
      this.#checker.removed(asking, isEmpty && term === this.#termOf(connection) ? term : null);
    }
  }

  /** The leader epoch of the committed offsets if the broker at the other end leads them; otherwise null. */
  #termOf({ remote }: KafkaConnection): Term {
    const offsets = this.#context.cluster.image?.topics.byName('__consumer_offsets')?.partitions[0];
    if (!offsets || offsets.leader < 0 || !remote.startsWith(`${nameOf(offsets.leader)}:`)) return null;
    return offsets.leaderEpoch;
  }
}
