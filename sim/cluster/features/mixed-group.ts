import { chance } from '../../chance.ts';
import type { CommittedOffsetsNeverFall } from '../../checkers/committed-offsets-never-fall.ts';
import { ClassicMember } from '../classic-member.ts';
import type { ClusterClient } from '../cluster-client.ts';
import { ConsumerMember } from '../consumer-member.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { beMembers } from '../memberships.ts';

const GROUP = 'mixed';
const TOPIC = 'mixed-topic';
const PARTITIONS = 4;
const MEMBERS = 3;

/** One consumer; each of its memberships may speak either protocol. */
interface Consumer {
  readonly client: ClusterClient;
  readonly classic: ClassicMember;
  readonly consumer: ConsumerMember;
}

/**
 * A group whose members speak the classic or the consumer protocol and change between them: the group is
 * converted and converted back (KIP-848). Two members that own a partition at once would make its committed
 * offset fall.
 */
export class MixedGroup implements Feature {
  readonly #context: FeatureContext;
  readonly #consumers: readonly Consumer[];
  /** The commits of each consumer when everything was healed. */
  #before: readonly number[] | undefined;

  constructor(context: FeatureContext, options: { readonly committed: CommittedOffsetsNeverFall }) {
    this.#context = context;
    const { isOver } = context;
    const common = { group: GROUP, topic: TOPIC, committed: options.committed, isOver };
    // All members of a classic group need one protocol in common.
    const isEager = chance(context.client('mixed-choice').random, 0.5);
    this.#consumers = Array.from({ length: MEMBERS }, (_, i) => {
      const client = context.client(`mixed-${i}`);
      return {
        client,
        classic: new ClassicMember(client, { ...common, partitions: PARTITIONS, isEager }),
        consumer: new ConsumerMember(client, common),
      };
    });
  }

  async prepare(): Promise<void> {
    await this.#context.administrator.create({ name: TOPIC, partitions: PARTITIONS, replicationFactor: 3 });
  }

  async run(): Promise<void> {
    const { isOver } = this.#context;
    await Promise.all(
      this.#consumers.map(({ client, classic, consumer }) =>
        beMembers(client, {
          group: GROUP,
          isOver,
          live: (connection) => (chance(client.random, 0.5) ? classic : consumer).live(connection),
        }),
      ),
    );
  }

  /** True when every consumer got partitions and committed again. */
  isDrained(): boolean {
    const commits = this.#consumers.map(({ classic, consumer }) => classic.commits + consumer.commits);
    this.#before ??= commits;
    const before = this.#before;
    return commits.every((count, i) => count > (before[i] ?? 0));
  }

  check(): void {}
}
