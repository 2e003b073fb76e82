import { ZERO_UUID } from '../../base/brand.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import type { CreateTopicsRequest, CreateTopicsResponse } from '../../protocol/messages/19-create-topics.ts';
import type { DeleteTopicsResponse } from '../../protocol/messages/20-delete-topics.ts';
import type {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
} from '../../protocol/messages/37-create-partitions.ts';

/** Whether an image has what an answer said that was done. */
export type IsVisible = (image: ClusterImage) => boolean;

export function createdTopics(request: CreateTopicsRequest, answer: CreateTopicsResponse): IsVisible {
  if (request.validateOnly) return () => true;
  const made = answer.topics.filter(({ errorCode }) => errorCode === 0);
  return ({ topics }) => made.every(({ name }) => topics.byName(name) !== undefined);
}

/** Answers before version 6 tell no ids. */
export function deletedTopics(_request: unknown, answer: DeleteTopicsResponse): IsVisible {
  const gone = answer.responses.filter(({ errorCode }) => errorCode === 0);
  return ({ topics }) =>
    gone.every(({ name, topicId }) =>
      topicId === undefined || topicId === ZERO_UUID
        ? name === null || !topics.byName(name)
        : !topics.byId(topicId),
    );
}

export function createdPartitions(
  request: CreatePartitionsRequest,
  answer: CreatePartitionsResponse,
): IsVisible {
  if (request.validateOnly) return () => true;
  const grown = new Set(answer.results.filter(({ errorCode }) => errorCode === 0).map(({ name }) => name));
  const wanted = request.topics.filter(({ name }) => grown.has(name));
  return ({ topics }) =>
    wanted.every(({ name, count }) => (topics.byName(name)?.partitions.length ?? count) >= count);
}
