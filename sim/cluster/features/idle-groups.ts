import { below } from '../../../src/base/random.ts';
import type { KafkaConnection } from '../../../src/client/connection.ts';
import { errorName } from '../../../src/protocol/errors.ts';
import { offsetCommit } from '../../../src/protocol/messages/08-offset-commit.ts';
import { offsetFetch } from '../../../src/protocol/messages/09-offset-fetch.ts';
import type { CommittedOffsetsNeverFall } from '../../checkers/committed-offsets-never-fall.ts';
import { REQUEST_MS } from '../cluster-client.ts';
import type { Feature, FeatureContext } from '../feature.ts';

const TOPIC = 'read';
const GROUPS = 5;

/** Groups without members whose offsets are committed now and then: only `__consumer_offsets` keeps them. */
export class IdleGroups implements Feature {
  readonly #context: FeatureContext;
  readonly #committed: CommittedOffsetsNeverFall;
  readonly #next = Array.from({ length: GROUPS }, () => 0);
  /** The groups whose offset was fetched after everything was healed. */
  #checked: Set<number> | undefined;

  constructor(context: FeatureContext, options: { readonly committed: CommittedOffsetsNeverFall }) {
    this.#context = context;
    this.#committed = options.committed;
  }

  async prepare(): Promise<void> {
    await this.#context.administrator.create({ name: TOPIC, partitions: 1, replicationFactor: 3 });
  }

  async run(): Promise<void> {
    const { client, isOver, isDraining } = this.#context;
    const one = client('idle-groups');
    while (!isOver()) {
      const group = isDraining() ? this.#unchecked() : below(one.random, GROUPS);
      await one.tried(async () => {
        const found = await one.coordinatorOf('group', nameOf(group));
        if (!found) return;
        const connection = await one.connect(found.host);
        if (isDraining() || below(one.random, 3) === 0) await this.#fetch(connection, found.broker, group);
        else await this.#commit(connection, group);
      });
      await one.pause(80);
    }
  }

  /** True when every group's offset was fetched once more. */
  isDrained(): boolean {
    this.#checked ??= new Set();
    return this.#checked.size === GROUPS;
  }

  check(): void {}

  #unchecked(): number {
    for (let group = 0; group < GROUPS; group++) if (!this.#checked?.has(group)) return group;
    return 0;
  }

  async #commit(connection: KafkaConnection, group: number): Promise<void> {
    const committedOffset = (this.#next[group] ?? 0) + 1;
    this.#next[group] = committedOffset;
    const answer = await connection.send(
      offsetCommit,
      {
        groupId: nameOf(group),
        memberId: '',
        topics: [
          { name: TOPIC, partitions: [{ partitionIndex: 0, committedOffset, committedMetadata: null }] },
        ],
      },
      { version: 8, timeoutMs: REQUEST_MS },
    );
    if (errorName(answer.topics[0]?.partitions[0]?.errorCode ?? -1) === 'NONE')
      this.#committed.committed(nameOf(group), committedOffset);
  }

  async #fetch(connection: KafkaConnection, broker: number, group: number): Promise<void> {
    // A broker that is cut off from the controller may not know that another one coordinates now: it answers
    // with what it knows, as in Apache Kafka.
    const isCurrent = this.#leads(broker);
    const before = this.#committed.before(nameOf(group));
    const answer = await connection.send(
      offsetFetch,
      { groups: [{ groupId: nameOf(group), topics: [{ name: TOPIC, partitionIndexes: [0] }] }] },
      { version: 8, timeoutMs: REQUEST_MS },
    );
    const found = answer.groups[0];
    const partition = found?.topics[0]?.partitions[0];
    if (found?.errorCode !== 0 || partition?.errorCode !== 0 || !isCurrent || !this.#leads(broker)) return;
    this.#committed.fetched(nameOf(group), Number(partition.committedOffset), before);
    this.#checked?.add(group);
  }

  /** Whether this broker leads the one partition of committed offsets in the controller's image. */
  #leads(broker: number): boolean {
    const [partition] = this.#context.cluster.image?.topics.byName('__consumer_offsets')?.partitions ?? [];
    return partition?.leader === broker;
  }
}

function nameOf(group: number): string {
  return `idle-${group}`;
}
