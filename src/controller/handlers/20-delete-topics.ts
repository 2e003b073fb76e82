import type { Uuid } from '../../base/brand.ts';
import { ZERO_UUID } from '../../base/brand.ts';
import { topicsConfigs } from '../../metadata/configs/broker/topics-configs.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import type { TopicImage } from '../../metadata/topics.ts';
import { type ErrorName, errorCode, errorMessage } from '../../protocol/errors.ts';
import { type DeleteTopicsRequest, deleteTopics } from '../../protocol/messages/20-delete-topics.ts';
import { handle, type RequestInfo } from '../../server/handler.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';
import { OVER_QUOTA, RECORDS_MAX, TOO_MANY } from '../operation-limits.ts';
import { deleteTopics as decide } from '../topics-control.ts';

const QUOTA_ERROR_SINCE = 5;

interface Named {
  readonly name: string | null;
  readonly topicId: string;
}

interface Result extends Named {
  readonly error: ErrorName;
  readonly message: string | null;
}

/**
 * DeleteTopics v1-6, by name or, since v6, by id. Their logs go when brokers see the records.
 * delete.topic.enable=false refuses all. From v5 on what is over the client's quota is refused (KIP-599). Who
 * may not describe a topic is not told by an id what its name is. As in Kafka none is deleted where there are
 * more than one operation may delete.
 */
export const deleteTopicsHandler = handle(
  deleteTopics,
  { versions: [1, 6], operations: ['TOPIC:DELETE', 'TOPIC:DESCRIBE'], listeners: ['controller'] },
  async (context: ControllerContext, request, info) => {
    const asked = namedTopics(request);
    const quota = context.mutationQuotas.of(info, QUOTA_ERROR_SINCE);
    const results = await context.change<Result[]>(({ image, rules }) => {
      if (!rules.own(topicsConfigs.deleteTopicEnable, image.configs))
        return { records: [], answer: asked.map((named) => failed(named, disabled(info))) };
      const found: TopicImage[] = [];
      const counts = {
        names: counted(asked.map(({ name }) => name)),
        ids: counted(asked.map(({ topicId }) => topicId)),
      };
      const answer = asked.map((named): Result => {
        const topic = findTopic(image, named, counts, info);
        if ('error' in topic) return topic;
        if (!quota.admits(topic.partitions.length))
          return failed({ name: topic.name, topicId: topic.id }, OVER_QUOTA.error, OVER_QUOTA.message);
        found.push(topic);
        return { name: topic.name, topicId: topic.id, error: 'NONE', message: null };
      });
      if (found.length > RECORDS_MAX)
        return {
          records: [],
          answer: asked.map((named) => failed(named, TOO_MANY.error, TOO_MANY.message)),
        };
      return { records: decide(found).records, answer };
    });
    const all = results === NOT_CONTROLLER ? asked.map((named) => failed(named, 'NOT_CONTROLLER')) : results;
    return {
      throttleTimeMs: quota.throttleTimeMs,
      responses: all.map(({ name, topicId, error, message }) => ({
        name,
        topicId,
        errorCode: errorCode(error),
        errorMessage: message,
      })),
    };
  },
);

function disabled(info: RequestInfo): ErrorName {
  return info.apiVersion < 3 ? 'INVALID_REQUEST' : 'TOPIC_DELETION_DISABLED';
}

function namedTopics(request: DeleteTopicsRequest): Named[] {
  const byName = request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }));
  return [...byName, ...request.topics];
}

/** How often the request has each name, and each id. */
interface Counts {
  readonly names: ReadonlyMap<string | null, number>;
  readonly ids: ReadonlyMap<Uuid, number>;
}

function counted<Item>(items: readonly Item[]): ReadonlyMap<Item, number> {
  const counts = new Map<Item, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

function findTopic(
  image: ClusterImage,
  named: Named,
  counts: Counts,
  info: RequestInfo<'TOPIC:DELETE' | 'TOPIC:DESCRIBE'>,
): TopicImage | Result {
  const { name, topicId } = named;
  const hasId = topicId !== ZERO_UUID;
  if (name !== null && hasId)
    return failed(named, 'INVALID_REQUEST', 'You may not specify both topic name and topic id.');
  if (name === null && !hasId)
    return failed(named, 'INVALID_REQUEST', 'Neither topic name nor id were specified.');
  const topic = name === null ? image.topics.byId(topicId) : image.topics.byName(name);
  const byName = counts.names.get(topic?.name ?? name ?? '') ?? 0;
  const byId = hasId ? (counts.ids.get(topicId) ?? 0) : 0;
  if (byName + byId > 1)
    return failed(named, 'INVALID_REQUEST', hasId ? 'Duplicate topic id.' : 'Duplicate topic name.');
  // Whoever may not describe a topic is not told whether it exists. An id is nothing that could be guessed.
  if (name !== null && !info.authorize('DESCRIBE', 'TOPIC', name)) return unauthorized(named);
  if (!topic) return failed(named, hasId ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION');
  if (!info.authorize('DESCRIBE', 'TOPIC', topic.name)) return unauthorized(named);
  if (!info.authorize('DELETE', 'TOPIC', topic.name)) return unauthorized({ name: topic.name, topicId });
  return topic;
}

function unauthorized(named: Named): Result {
  return failed(named, 'TOPIC_AUTHORIZATION_FAILED');
}

function failed(
  { name, topicId }: Named,
  error: ErrorName,
  message: string | null = errorMessage(error),
): Result {
  return { name, topicId, error, message };
}
