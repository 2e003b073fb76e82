import { inPortions } from '../../base/portions.ts';
import { repeated } from '../../base/repeated.ts';
import { errorCode } from '../../protocol/errors.ts';
import { type CreateTopicsRequest, createTopics } from '../../protocol/messages/19-create-topics.ts';
import type { Refusal } from '../../protocol/refusal.ts';
import { METADATA_TOPIC } from '../../raft/metadata-topic.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle, type RequestInfo } from '../../server/handler.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';
import { createTopics as decide, type TopicCreated } from '../topics-control.ts';

const QUOTA_ERROR_SINCE = 6;

/**
 * CreateTopics v2-7: each topic on its own, those that may be are created. v5+ tells partitions, replication
 * factor and configs in force. From v6 on a topic that is over the client's quota is refused (KIP-599). Not
 * implemented: create.topic.policy.class.name.
 */
export const createTopicsHandler = handle(
  createTopics,
  {
    versions: [2, 7],
    operations: ['CLUSTER:CREATE', 'TOPIC:CREATE', 'TOPIC:DESCRIBE_CONFIGS'],
    listeners: ['controller'],
  },
  async (context: ControllerContext, request, info) => {
    const refusals = new Map<string, Refusal>();
    const names = request.topics.map(({ name }) => name);
    const twice = repeated(names);
    for (const name of names) {
      const refusal = refusalOf(name, twice, info);
      if (refusal) refusals.set(name, refusal);
    }
    const wanted = request.topics.filter(({ name }) => !refusals.has(name));
    const quota = context.mutationQuotas.of(info, QUOTA_ERROR_SINCE);
    const created = await context.change((state) => {
      const decision = decide(state, wanted, {
        random: context.world.random,
        defaults: context.topicDefaults(),
        admits: (partitions) => quota.admits(partitions),
      });
      return request.validateOnly ? { ...decision, records: [] } : decision;
    });
    const results = new Map<string, TopicCreated | Refusal>(refusals);
    for (const [i, { name }] of wanted.entries()) {
      const result = created === NOT_CONTROLLER ? undefined : created[i];
      results.set(name, result ?? { error: 'NOT_CONTROLLER', message: null });
    }
    return {
      throttleTimeMs: quota.throttleTimeMs,
      topics: await inPortions(context.world.clock, [...results], ([name, result]) =>
        topicResult(name, result, info, request),
      ),
    };
  },
);

function refusalOf(
  name: string,
  twice: ReadonlySet<string>,
  info: RequestInfo<'CLUSTER:CREATE' | 'TOPIC:CREATE'>,
): Refusal | null {
  if (twice.has(name)) return { error: 'INVALID_REQUEST', message: 'Duplicate topic name.' };
  if (name === METADATA_TOPIC)
    return { error: 'INVALID_REQUEST', message: `Creation of internal topic ${name} is prohibited.` };
  if (!info.allows('CREATE', 'CLUSTER', CLUSTER_NAME) && !info.authorize('CREATE', 'TOPIC', name))
    return { error: 'TOPIC_AUTHORIZATION_FAILED', message: 'Authorization failed.' };
  return null;
}

function topicResult(
  name: string,
  result: TopicCreated | Refusal,
  info: RequestInfo<'TOPIC:DESCRIBE_CONFIGS'>,
  { validateOnly }: CreateTopicsRequest,
) {
  if ('error' in result)
    return { name, errorCode: errorCode(result.error), errorMessage: result.message, configs: [] };
  const told = info.allows('DESCRIBE_CONFIGS', 'TOPIC', name);
  return {
    name,
    // What was only validated has no id.
    topicId: validateOnly ? undefined : result.id,
    errorCode: errorCode('NONE'),
    errorMessage: null,
    topicConfigErrorCode: errorCode(told ? 'NONE' : 'TOPIC_AUTHORIZATION_FAILED'),
    numPartitions: told ? result.partitions : -1,
    replicationFactor: told ? result.replicationFactor : -1,
    configs: told
      ? result.configs().map(({ name: config, value, source }) => ({
          name: config,
          value,
          readOnly: false,
          configSource: source,
          isSensitive: false,
        }))
      : null,
  };
}
