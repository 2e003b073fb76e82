import type { CommittedOffsetsNeverFall } from '../../checkers/committed-offsets-never-fall.ts';
import type { ClusterClient } from '../cluster-client.ts';
import { ConsumerMember } from '../consumer-member.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { beMembers } from '../memberships.ts';

const GROUP = 'consumers';
const TOPIC = 'shared';
const PARTITIONS = 4;
const MEMBERS = 3;

/**
 * A group of the consumer protocol (KIP-848) whose members come and go. Two members that own a partition at
 * once would make its committed offset fall.
 */
export class ConsumerGroupFeature implements Feature {
  readonly #context: FeatureContext;
  readonly #members: readonly { readonly client: ClusterClient; readonly member: ConsumerMember }[];
  /** The commits of each member when everything was healed. */
  #before: readonly number[] | undefined;

  constructor(context: FeatureContext, options: { readonly committed: CommittedOffsetsNeverFall }) {
    this.#context = context;
    this.#members = Array.from({ length: MEMBERS }, (_, i) => {
      const client = context.client(`consumer-${i}`);
      const { isOver } = context;
      const { committed } = options;
      return {
        client,
        member: new ConsumerMember(client, { group: GROUP, topic: TOPIC, committed, isOver }),
      };
    });
  }

  async prepare(): Promise<void> {
    await this.#context.administrator.create({ name: TOPIC, partitions: PARTITIONS, replicationFactor: 3 });
  }

  async run(): Promise<void> {
    const { isOver } = this.#context;
    await Promise.all(
      this.#members.map(({ client, member }) =>
        beMembers(client, { group: GROUP, isOver, live: (connection) => member.live(connection) }),
      ),
    );
  }

  /** True when every member got partitions and committed again. */
  isDrained(): boolean {
    this.#before ??= this.#members.map(({ member }) => member.commits);
    const before = this.#before;
    return this.#members.every(({ member }, i) => member.commits > (before[i] ?? 0));
  }

  check(): void {}
}
