import type { Uuid } from '../base/brand.ts';
import type { EncodableRequest } from '../protocol/api.ts';
import type { fetch } from '../protocol/messages/01-fetch.ts';

type Request = EncodableRequest<typeof fetch>;
type Topic = Request['topics'][number];
export type Wanted = Topic['partitions'][number] & { readonly topicId: Uuid };

const INITIAL_EPOCH = 0;
const EPOCH_MAX = 0x7fff_ffff;

/** The asking side of a fetch session (KIP-227): names to the leader only what changed since the last request. */
export class FetchSession {
  #id = 0;
  #epoch = INITIAL_EPOCH;
  readonly #sent = new Map<string, Wanted>();

  /** The part of a request that says what is wanted now. */
  request(
    wanted: readonly Wanted[],
  ): Pick<Request, 'sessionId' | 'sessionEpoch' | 'topics' | 'forgottenTopicsData'> {
    const isFull = this.#epoch === INITIAL_EPOCH;
    const before = new Map(this.#sent);
    this.#sent.clear();
    const changed: Wanted[] = [];
    for (const one of wanted) {
      const key = `${one.topicId}/${one.partition}`;
      const known = before.get(key);
      before.delete(key);
      this.#sent.set(key, one);
      if (isFull || !known || !isSame(known, one)) changed.push(one);
    }
    return {
      sessionId: this.#id,
      sessionEpoch: this.#epoch,
      topics: byTopic(changed).map(([topicId, partitions]) => ({ topicId, partitions })),
      forgottenTopicsData: isFull
        ? []
        : byTopic([...before.values()]).map(([topicId, partitions]) => ({
            topicId,
            partitions: partitions.map(({ partition }) => partition),
          })),
    };
  }

  /**
   * An answer was not taken as it came. The leader takes it for known and would not repeat a high watermark before it
   * moves: the next request names everything, and ends the session that it takes the place of.
   */
  beginAnew(): void {
    this.#epoch = INITIAL_EPOCH;
  }

  /** The leader took the request; without a session id it keeps none for us, and everything is named each time. */
  answered(sessionId: number): void {
    this.#id = sessionId;
    if (sessionId === 0) this.#epoch = INITIAL_EPOCH;
    else this.#epoch = this.#epoch === EPOCH_MAX ? 1 : this.#epoch + 1;
  }
}

function isSame(a: Wanted, b: Wanted): boolean {
  return (
    a.fetchOffset === b.fetchOffset &&
    a.currentLeaderEpoch === b.currentLeaderEpoch &&
    a.lastFetchedEpoch === b.lastFetchedEpoch &&
    a.logStartOffset === b.logStartOffset &&
    a.partitionMaxBytes === b.partitionMaxBytes
  );
}

function byTopic(wanted: readonly Wanted[]): [Uuid, Wanted[]][] {
  const topics = new Map<Uuid, Wanted[]>();
  for (const one of wanted) {
    const partitions = topics.get(one.topicId);
    if (partitions) partitions.push(one);
    else topics.set(one.topicId, [one]);
  }
  return [...topics];
}
