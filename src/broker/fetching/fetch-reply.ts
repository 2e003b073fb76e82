import { ZERO_UUID } from '../../base/brand.ts';
import type { ResponseOf } from '../../protocol/api.ts';
import type { fetch } from '../../protocol/messages/01-fetch.ts';
import type { FetchPartition } from '../fetch-sessions/fetch-session.ts';

type TopicResponse = ResponseOf<typeof fetch>['responses'][number];
export type FetchedPartitionResponse = TopicResponse['partitions'][number];

/** An answer as far as it is read. */
export class FetchReply {
  readonly responses: TopicResponse[] = [];
  /** Leaders that the reader is sent to. */
  readonly leaders: number[] = [];
  readonly #partitionsOf = new Map<string, FetchedPartitionResponse[]>();
  /** Of its records. */
  sizeInBytes = 0;
  /** Memory that its records keep from being used again. */
  heldBytes = 0;

  add({ topic, topicId }: FetchPartition, response: FetchedPartitionResponse): void {
    const key = topicId === ZERO_UUID ? topic : topicId;
    const known = this.#partitionsOf.get(key);
    if (known) {
      known.push(response);
      return;
    }
    const partitions = [response];
    this.#partitionsOf.set(key, partitions);
    this.responses.push({ topic, topicId, partitions });
  }
}
