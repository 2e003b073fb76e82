import { crashOnProgrammerError, supervise } from '../../base/programmer-error.ts';
import type { World } from '../../base/world.ts';
import type { InternalTopic } from '../../coordinator/group/streams/topology/topology.ts';
import type { DecodedResponse, EncodableRequest } from '../../protocol/api.ts';
import { errorCode, errorMessage, errorName } from '../../protocol/errors.ts';
import type { createTopics } from '../../protocol/messages/19-create-topics.ts';

const CREATE_TIMEOUT_MS = 5_000;

/**
 * Of topics that could not be made; beyond it the oldest are forgotten, and those topics are tried again
 * sooner.
 */
const MAX_FAILURES = 1000;

/** The cluster's default. */
const DEFAULT_REPLICATION = -1;

type NewTopics = EncodableRequest<typeof createTopics>;
type Answers = DecodedResponse<typeof createTopics>['topics'];

/** Sends CreateTopics to the controller in the name of the client whose application needs the topics. */
export type CreateFor<Client> = (request: NewTopics, client: Client) => Promise<Answers>;

/**
 * Makes the topics that applications with the streams protocol need for themselves. Heartbeats ask again and
 * again, and nobody waits: one that is being made is not made twice, and one that could not be made is left
 * alone for a while, in which heartbeats tell why.
 */
export class StreamsTopics<Client> {
  readonly #world: World;
  readonly #create: CreateFor<Client>;
  readonly #inFlight = new Set<string>();
  readonly #failures = new Map<string, { readonly message: string; readonly until: number }>();

  constructor(world: World, create: CreateFor<Client>) {
    this.#world = world;
    this.#create = create;
  }

  /** `failureMs`: how long one that could not be made is left alone. */
  make(topics: readonly InternalTopic[], client: Client, failureMs: number): void {
    const wanted = topics.filter(({ name }) => !this.#inFlight.has(name) && this.#failureOf(name) === null);
    if (wanted.length === 0) return;
    for (const { name } of wanted) this.#inFlight.add(name);
    supervise(this.#world, this.#make(wanted, client, failureMs));
  }

  /** Why topics could not be made lately, by name. */
  failures(topics: readonly InternalTopic[]): [name: string, message: string][] {
    return topics.flatMap(({ name }) => {
      const message = this.#failureOf(name);
      return message === null ? [] : [[name, message]];
    });
  }

  async #make(topics: readonly InternalTopic[], client: Client, failureMs: number): Promise<void> {
    const fail = (name: string, message: string): void => {
      this.#failures.delete(name);
      this.#failures.set(name, { message, until: this.#world.clock.monotonic() + failureMs });
      for (const oldest of this.#failures.keys()) {
        if (this.#failures.size <= MAX_FAILURES) break;
        this.#failures.delete(oldest);
      }
    };
    try {
      const answers = await this.#create(
        { topics: topics.map(newTopic), timeoutMs: CREATE_TIMEOUT_MS },
        client,
      );
      for (const { name, errorCode: code, errorMessage: message } of answers) {
        // Somebody else made it meanwhile.
        if (code === 0 || code === errorCode('TOPIC_ALREADY_EXISTS')) continue;
        this.#world.log.warn('a topic of a streams group could not be created', {
          topic: name,
          error: errorName(code),
        });
        fail(name, message || (errorMessage(errorName(code)) ?? ''));
      }
    } catch (error) {
      crashOnProgrammerError(this.#world, error);
      this.#world.log.warn('topics of a streams group could not be created', { error });
      for (const { name } of topics) fail(name, 'The controller could not be asked.');
    } finally {
      for (const { name } of topics) this.#inFlight.delete(name);
    }
  }

  #failureOf(name: string): string | null {
    const failure = this.#failures.get(name);
    return failure && failure.until > this.#world.clock.monotonic() ? failure.message : null;
  }
}

function newTopic({
  name,
  partitions,
  replicationFactor,
  topicConfigs,
}: InternalTopic): NewTopics['topics'][number] {
  return {
    name,
    numPartitions: partitions,
    replicationFactor: replicationFactor === 0 ? DEFAULT_REPLICATION : replicationFactor,
    assignments: [],
    configs: topicConfigs.map(({ key, value }) => ({ name: key, value })),
  };
}
