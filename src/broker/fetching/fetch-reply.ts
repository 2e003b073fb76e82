import { ZERO_UUID } from '../../base/brand.ts';
import type { ResponseOf } from '../../protocol/api.ts';
import type { fetch } from '../../protocol/messages/01-fetch.ts';
import type { FetchPartition } from '../fetch-sessions/fetch-session.ts';

type TopicResponse = ResponseOf<typeof fetch>['responses'][number];
export type FetchedPartitionResponse = TopicResponse['partitions'][number];

/** An answer as far as it is read. */
export class FetchReply {
  readonly responses: (TopicResponse & { readonly partitions: FetchedPartitionResponse[] })[] = [];
  /** Leaders that the reader is sent to. */
  readonly leaders: number[] = [];
  /** Of its records. */
  sizeInBytes = 0;
  /** Memory that its records keep from being used again. */
  heldBytes = 0;

  /**
   * In the order of the request, as Kafka answers: a topic that it names again, with others between, is named
   * again here.
   */
  add({ topic, topicId }: FetchPartition, response: FetchedPartitionResponse): void {
    const last = this.responses.at(-1);
    const isSame = topicId === ZERO_UUID ? last?.topic === topic : last?.topicId === topicId;
    if (last && isSame) last.partitions.push(response);
    else this.responses.push({ topic, topicId, partitions: [response] });
  }
}
