import { below, randomUuid } from '../../../src/base/random.ts';
import { chance } from '../../chance.ts';
import type { CommittedOffsetsNeverFall } from '../../checkers/committed-offsets-never-fall.ts';
import { OneActiveMemberPerTask } from '../../checkers/one-active-member-per-task.ts';
import { STREAMS_SESSION_MS } from '../broker-configs.ts';
import type { ClusterClient } from '../cluster-client.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { beMembers } from '../memberships.ts';
import { StreamsMember } from '../streams-member.ts';
import { tasksOfTopology } from '../streams-topology.ts';

const GROUP = 'counter';
const TOPIC = 'lines';
const PARTITIONS = 3;
/** The process of each member: two threads in the first process and one in the second. */
const PROCESSES = [0, 0, 1];
const STANDBYS_EVERY_MS = 5000;
const MOST_STANDBYS = 2;

/**
 * A streams group (KIP-1071) whose members come and go while its number of standby tasks changes: no task has
 * two active members at once, and in the end each has one.
 */
export class StreamsGroupFeature implements Feature {
  readonly #context: FeatureContext;
  readonly #members: readonly { readonly client: ClusterClient; readonly member: StreamsMember }[];
  /** The rounds of each member when everything was healed. */
  #before: readonly number[] | undefined;
  /** Each task had one active member at some moment after everything was healed. */
  #isComplete = false;

  constructor(context: FeatureContext, options: { readonly committed: CommittedOffsetsNeverFall }) {
    this.#context = context;
    const { isOver, simulation, violations } = context;
    const active = new OneActiveMemberPerTask(violations, {
      now: () => simulation.time,
      sessionMs: STREAMS_SESSION_MS,
    });
    const { random } = context.client('streams-processes');
    const processes = new Map<number, string>();
    this.#members = PROCESSES.map((process, i) => {
      const client = context.client(`streams-${i}`);
      // A process that starts again may have another id.
      const processId = () => {
        const known = chance(random, 0.7) ? processes.get(process) : undefined;
        const id = known ?? randomUuid(random);
        processes.set(process, id);
        return id;
      };
      const member = new StreamsMember(client, {
        group: GROUP,
        topic: TOPIC,
        processId,
        active,
        committed: options.committed,
        violations,
        isOver,
      });
      return { client, member };
    });
  }

  async prepare(): Promise<void> {
    await this.#context.administrator.create({ name: TOPIC, partitions: PARTITIONS, replicationFactor: 3 });
  }

  async run(): Promise<void> {
    const { isOver } = this.#context;
    await Promise.all([
      ...this.#members.map(({ client, member }) =>
        beMembers(client, { group: GROUP, isOver, live: (connection) => member.live(connection) }),
      ),
      this.#changeStandbys(),
    ]);
  }

  /** True when every member works again and every task is worked on. */
  isDrained(): boolean {
    const rounds = this.#members.map(({ member }) => member.rounds);
    this.#before ??= rounds;
    const before = this.#before;
    this.#isComplete ||= this.#isEachTaskActiveOnce();
    return this.#isComplete && rounds.every((count, i) => count > (before[i] ?? 0));
  }

  check(): void {}

  #isEachTaskActiveOnce(): boolean {
    const active = this.#members.flatMap(({ member }) => [...member.active]);
    return active.sort().join() === tasksOfTopology(PARTITIONS).sort().join();
  }

  async #changeStandbys(): Promise<void> {
    const { administrator, isDraining } = this.#context;
    const { client } = administrator;
    while (!isDraining()) {
      await administrator.alterGroup(GROUP, {
        'streams.num.standby.replicas': String(below(client.random, MOST_STANDBYS + 1)),
      });
      await client.pause(STANDBYS_EVERY_MS);
    }
  }
}
