import type { Uuid } from '../base/brand.ts';
import type { EncodableRequest } from '../protocol/api.ts';
import type { fetch } from '../protocol/messages/01-fetch.ts';

type Request = EncodableRequest<typeof fetch>;
type Topic = Request['topics'][number];
/** What a follower asks of one partition. */
export type Wanted = Topic['partitions'][number] & { readonly topicId: Uuid };
export type PartitionId = Pick<Wanted, 'topicId' | 'partition'>;

const INITIAL_EPOCH = 0;
const EPOCH_MAX = 0x7fff_ffff;

/** The asking side of a fetch session (KIP-227). */
export class FetchSessionHandler {
  #id = 0;
  #epoch = INITIAL_EPOCH;

  /**
   * The next request names everything that is wanted; the leader keeps nothing, or is not to rely on what it
   * keeps.
   */
  get isFull(): boolean {
    return this.#epoch === INITIAL_EPOCH;
  }

  /** The part of a request that says what is wanted now: all of it when `isFull`, else what changed. */
  request(
    named: readonly Wanted[],
    forgotten: readonly PartitionId[],
  ): Pick<Request, 'sessionId' | 'sessionEpoch' | 'topics' | 'forgottenTopicsData'> {
    return {
      sessionId: this.#id,
      sessionEpoch: this.#epoch,
      topics: byTopic(named).map(([topicId, partitions]) => ({ topicId, partitions })),
      forgottenTopicsData: this.isFull
        ? []
        : byTopic(forgotten).map(([topicId, partitions]) => ({
            topicId,
            partitions: partitions.map(({ partition }) => partition),
          })),
    };
  }

  /** It is not known what the leader knows. The next request ends the session that it takes the place of. */
  beginAnew(): void {
    this.#epoch = INITIAL_EPOCH;
  }

  /**
   * The leader took the request; without a session id it keeps none for us, and everything is named each
   * time.
   */
  answered(sessionId: number): void {
    this.#id = sessionId;
    if (sessionId === 0) this.#epoch = INITIAL_EPOCH;
    else this.#epoch = this.#epoch === EPOCH_MAX ? 1 : this.#epoch + 1;
  }
}

function byTopic<Named extends PartitionId>(all: readonly Named[]): [Uuid, Named[]][] {
  const topics = new Map<Uuid, Named[]>();
  for (const one of all) {
    const partitions = topics.get(one.topicId);
    if (partitions) partitions.push(one);
    else topics.set(one.topicId, [one]);
  }
  return [...topics];
}
