import type { BrokerId, Uuid } from '../base/brand.ts';
import type { World } from '../base/world.ts';
import type { ImageDelta } from '../metadata/delta.ts';
import type { LogDirectory } from '../storage/log-directory.ts';

/** Replicas that are made before other work gets its turn. */
const MADE_IN_A_TURN = 2;
/**
 * So few are made in the turn that applies their delta, a fifth of a second at most: whoever asks this broker
 * meanwhile waits in its socket, and finds the topic. Clients make a topic at one broker and ask the next
 * about it, or find a coordinator among the 50 partitions of an internal topic.
 */
const MADE_AT_ONCE = 64;

interface ComingReplica {
  readonly topic: string;
  readonly partition: number;
  readonly topicId: Uuid;
}

/** Replicas that a delta is about to bring to this broker: their folders and files are made ahead of it. */
export class ComingReplicas {
  readonly #world: World;
  readonly #brokerId: BrokerId;
  readonly #logs: LogDirectory;
  #isStopped = false;

  constructor(
    world: World,
    { brokerId, logs }: { readonly brokerId: BrokerId; readonly logs: LogDirectory },
  ) {
    this.#world = world;
    this.#brokerId = brokerId;
    this.#logs = logs;
  }

  /**
   * Makes the folders and files, some in each turn of the loop: they take milliseconds each, and everything
   * else that the delta changes is soon applied in one. Null when that is soon done, too.
   */
  make({ topics }: ImageDelta): Promise<void> | null {
    if (!topics) return null;
    // A name that is deleted and made again must lose its old folder first.
    const deleted = new Set([...topics.deleted.values()].map(({ name }) => name));
    const coming: ComingReplica[] = [];
    for (const topic of topics.changed.values()) {
      if (deleted.has(topic.name)) continue;
      for (const [partition, { replicas }] of topic.partitions)
        if (replicas.includes(this.#brokerId) && !this.#logs.holds({ topic: topic.name, partition }))
          coming.push({ topic: topic.name, partition, topicId: topic.id });
    }
    return coming.length <= MADE_AT_ONCE ? null : this.#makeInSteps(coming);
  }

  /** No folder is made after the turn of the loop that is under way. */
  stop(): void {
    this.#isStopped = true;
  }

  async #makeInSteps(coming: readonly ComingReplica[]): Promise<void> {
    for (const [i, { topic, partition, topicId }] of coming.entries()) {
      if (this.#isStopped) return;
      // What cannot be made is told when the delta is applied.
      this.#logs.create({ topic, partition }, topicId);
      if (i % MADE_IN_A_TURN === MADE_IN_A_TURN - 1)
        await new Promise<void>((resolve) => this.#world.clock.soon(resolve));
    }
  }
}
