import {
  type HeartbeatResult,
  type HeartbeatStatus,
  heartbeatError,
  isMissingInternalTopics,
} from '../../coordinator/group/streams/answers.ts';
import { INTERNAL_TOPICS } from '../../metadata/internal-topics.ts';
import { checkTopicName } from '../../metadata/topic-name.ts';
import {
  type StreamsGroupHeartbeatRequest,
  type StreamsGroupHeartbeatResponse,
  streamsGroupHeartbeat,
} from '../../protocol/messages/88-streams-group-heartbeat.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle, type RequestInfo } from '../../server/handler.ts';
import { streamsGroupsConfig } from '../configs/streams-groups-config.ts';
import type { BrokerContext } from '../context.ts';
import { hasStreamsProtocol } from '../coordinators/streams-protocol.ts';

/**
 * StreamsGroupHeartbeat v0: a thread of an application joins with the application's topology, tells what is
 * new, gets its tasks and leaves (KIP-1071). The caller must be allowed to read the group and to describe
 * every topic of the topology. While streams.version is 0, or
 * `group.coordinator.rebalance.protocols` has no `streams`, it is UNSUPPORTED_VERSION.
 *
 * Topics that the application needs for itself are made in the caller's name, who must be allowed to create
 * them. Nobody waits for them: the statuses of heartbeats tell what is missing and why.
 *
 * As in Apache Kafka 4.3, with its errors: no static members, no regular expressions for source topics, no
 * warm-up tasks, and no other topology in a group that has one. v1 (Kafka 4.4: topology descriptions) is not
 * served.
 */
export const streamsGroupHeartbeatHandler = handle(
  streamsGroupHeartbeat,
  { versions: [0, 0], operations: ['GROUP:READ', 'TOPIC:DESCRIBE', 'TOPIC:CREATE', 'CLUSTER:CREATE'] },
  async (context: BrokerContext, request, info): Promise<StreamsGroupHeartbeatResponse> => {
    if (!hasStreamsProtocol(context)) return heartbeatError('UNSUPPORTED_VERSION', null);
    if (!info.authorize('READ', 'GROUP', request.groupId))
      return heartbeatError('GROUP_AUTHORIZATION_FAILED', null);
    const refusal = refusesTopics(topicsOf(request), info);
    if (refusal) return refusal;
    const result = await context.groups.streamsHeartbeat(info, request);
    return result.missing.length === 0 ? result.response : withTopics(context, request.groupId, result, info);
  },
);

type HeartbeatInfo = RequestInfo<'GROUP:READ' | 'TOPIC:DESCRIBE' | 'TOPIC:CREATE' | 'CLUSTER:CREATE'>;

/** Every topic that a topology names, each once. */
function topicsOf({ topology }: StreamsGroupHeartbeatRequest): string[] {
  const names = (topology?.subtopologies ?? []).flatMap((subtopology) => [
    ...subtopology.sourceTopics,
    ...subtopology.repartitionSinkTopics,
    ...subtopology.repartitionSourceTopics.map(({ name }) => name),
    ...subtopology.stateChangelogTopics.map(({ name }) => name),
  ]);
  return [...new Set(names)];
}

function refusesTopics(names: readonly string[], info: HeartbeatInfo): StreamsGroupHeartbeatResponse | null {
  const internal = names.filter((name) => INTERNAL_TOPICS.has(name));
  if (internal.length > 0)
    return heartbeatError(
      'STREAMS_INVALID_TOPOLOGY',
      `Use of Kafka internal topics ${internal.join(',')} in a Kafka Streams topology is prohibited.`,
    );
  const invalid = names.filter((name) => checkTopicName(name) !== null);
  if (invalid.length > 0)
    return heartbeatError(
      'STREAMS_INVALID_TOPOLOGY',
      `Topic names ${invalid.join(',')} are not valid topic names.`,
    );
  const mayDescribe = names.every((name) => info.authorize('DESCRIBE', 'TOPIC', name));
  return mayDescribe ? null : heartbeatError('TOPIC_AUTHORIZATION_FAILED', null);
}

/** Starts to make the missing topics, and tells why some could not be made. */
function withTopics(
  context: BrokerContext,
  groupId: string,
  { response, missing }: HeartbeatResult,
  info: HeartbeatInfo,
): StreamsGroupHeartbeatResponse {
  const denied = info.allows('CREATE', 'CLUSTER', CLUSTER_NAME)
    ? []
    : missing.filter(({ name }) => !info.authorize('CREATE', 'TOPIC', name));
  if (denied.length > 0)
    return withDetail(
      response,
      `; Unauthorized to CREATE on topics ${denied.map(({ name }) => name).join(', ')}.`,
    );
  const { heartbeatIntervalMs } = streamsGroupsConfig(context.settings, context.image).of(groupId);
  context.streamsTopics.make(missing, info, 2 * heartbeatIntervalMs);
  const failures = context.streamsTopics.failures(missing);
  if (failures.length === 0) return response;
  const details = failures.map(([name, message]) => `${name} (${message})`);
  return withDetail(response, `; Creation failed: ${details.join(', ')}.`);
}

/** The same with more to say about missing topics. */
function withDetail(response: StreamsGroupHeartbeatResponse, detail: string): StreamsGroupHeartbeatResponse {
  const status = (response.status ?? []).map(
    (one): HeartbeatStatus =>
      isMissingInternalTopics(one) ? { ...one, statusDetail: one.statusDetail + detail } : one,
  );
  return { ...response, status };
}
