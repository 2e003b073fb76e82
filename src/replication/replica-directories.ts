import { Backoff } from '../base/backoff.ts';
import type { BrokerId, Uuid } from '../base/brand.ts';
import type { Timer } from '../base/clock.ts';
import { crashOnProgrammerError, supervise } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import { MIGRATING_DIRECTORY, UNASSIGNED_DIRECTORY } from '../metadata/directory-id.ts';
import type { DecodedResponse, EncodableRequest } from '../protocol/api.ts';
import { errorName } from '../protocol/errors.ts';
import type { assignReplicasToDirs } from '../protocol/messages/73-assign-replicas-to-dirs.ts';

type Request = EncodableRequest<typeof assignReplicasToDirs>;
type Response = DecodedResponse<typeof assignReplicasToDirs>;

export interface ReplicaDirectoriesOptions {
  readonly send: (request: Request) => Promise<Response>;
  readonly broker: () => { readonly id: BrokerId; readonly epoch: number };
}

interface Assignment {
  readonly topicId: Uuid;
  readonly index: number;
  readonly directory: Uuid;
}

/** As Kafka's brokers: one request stays well below the largest that a controller takes. */
const ASSIGNMENTS_PER_REQUEST = 2000;
/**
 * Waits before a request that failed is sent again: short at first, because the controller may be starting.
 */
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1000;

/**
 * Tells the controller in which folder replicas lie (AssignReplicasToDirs, KIP-858). One whose log cannot be
 * opened lies in none: the controller takes it out of the ISR and elects another leader. One request is under
 * way; what comes meanwhile goes with the next, and of several words about one replica the last counts.
 */
export class ReplicaDirectories {
  readonly #world: World;
  readonly #options: ReplicaDirectoriesOptions;
  #waiting = new Map<string, Assignment>();
  #isSending = false;
  #timer: Timer | undefined;
  readonly #backoff = new Backoff({ firstMs: FIRST_RETRY_MS, lastMs: LAST_RETRY_MS });
  #stopped = false;

  constructor(world: World, options: ReplicaDirectoriesOptions) {
    this.#world = world;
    this.#options = options;
  }

  assign(assignment: Assignment): void {
    this.#waiting.set(`${assignment.topicId}/${assignment.index}`, assignment);
    if (this.#isSending || this.#stopped) return;
    this.#isSending = true;
    this.#world.clock.soon(() => this.#sendNext());
  }

  /** The replica's log is open: told where the controller took it for lost, or for one in a former folder. */
  opened(assignment: Assignment, told: Uuid | undefined): void {
    // These two count as online.
    if (told === undefined || told === UNASSIGNED_DIRECTORY || told === MIGRATING_DIRECTORY) return;
    if (told !== assignment.directory) this.assign(assignment);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #sendNext(): void {
    const batch = [...this.#waiting].slice(0, ASSIGNMENTS_PER_REQUEST);
    if (this.#stopped || batch.length === 0) {
      this.#isSending = false;
      return;
    }
    for (const [key] of batch) this.#waiting.delete(key);
    const sent = this.#options.send(this.#request(batch.map(([, assignment]) => assignment))).then(
      ({ errorCode }) => {
        if (errorCode !== 0) return this.#again(batch, errorName(errorCode));
        // A partition's own error says that the replica is not this broker's any more.
        if (this.#backoff.hasFailed) this.#world.log.info('AssignReplicasToDirs succeeds again');
        this.#backoff.succeeded();
        this.#sendNext();
      },
      (error: unknown) => this.#again(batch, error),
    );
    supervise(this.#world, sent);
  }

  #again(batch: readonly (readonly [string, Assignment])[], error: unknown): void {
    if (this.#stopped || crashOnProgrammerError(this.#world, error)) return;
    if (!this.#backoff.hasFailed)
      this.#world.log.warn('AssignReplicasToDirs failed and is sent again', { error });
    // What was said meanwhile is newer.
    this.#waiting = new Map([...batch, ...this.#waiting]);
    this.#timer = this.#world.clock.after(this.#backoff.failed(), () => this.#sendNext());
  }

  #request(assignments: readonly Assignment[]): Request {
    const byDirectory = new Map<Uuid, Map<Uuid, number[]>>();
    for (const { directory, topicId, index } of assignments) {
      const topics = byDirectory.get(directory) ?? new Map<Uuid, number[]>();
      byDirectory.set(directory, topics);
      const indexes = topics.get(topicId);
      if (indexes) indexes.push(index);
      else topics.set(topicId, [index]);
    }
    const { id, epoch } = this.#options.broker();
    return {
      brokerId: id,
      brokerEpoch: epoch,
      directories: [...byDirectory].map(([directory, topics]) => ({
        id: directory,
        topics: [...topics].map(([topicId, partitions]) => ({
          topicId,
          partitions: partitions.map((partitionIndex) => ({ partitionIndex })),
        })),
      })),
    };
  }
}
