import { ZERO_UUID } from '../../base/brand.ts';
import { inPortions } from '../../base/portions.ts';
import { repeated } from '../../base/repeated.ts';
import {
  type FetchedGroup,
  type FetchGroup,
  fetchError,
  noOffset,
} from '../../coordinator/group/offset-fetch.ts';
import { type OffsetFetchResponse, offsetFetch } from '../../protocol/messages/09-offset-fetch.ts';
import { handle, type RequestInfo } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

const GROUPS_SINCE = 8;
const TOPIC_IDS_SINCE = 10;

/**
 * OffsetFetch v1-10. A group or partition without a committed offset is no error: its offset is -1. Topics
 * the caller may not describe are an error where asked for by name, and left out where all were asked for.
 *
 * From v2 null topics ask for all; from v7 `requireStable` refuses offsets that an open transaction may move
 * (KIP-447); from v8 one request asks for several groups (KIP-709); from v9 a member of a consumer group says
 * its epoch (KIP-848); v10 names topics by id.
 */
export const offsetFetchHandler = handle(
  offsetFetch,
  { versions: [1, 10], operations: ['GROUP:DESCRIBE', 'TOPIC:DESCRIBE'] },
  async (context: BrokerContext, request, info): Promise<OffsetFetchResponse> => {
    if (info.apiVersion >= GROUPS_SINCE) {
      // All offsets of a group may be asked for, and no client names a group twice.
      const twice = repeated(request.groups.map(({ groupId }) => groupId));
      const groups = await inPortions(context.world.clock, request.groups, (group) =>
        twice.has(group.groupId)
          ? fetchError(group.groupId, 'INVALID_REQUEST')
          : fetchGroup(context, info, group, request.requireStable),
      );
      return { groups };
    }
    const { groupId, topics } = request;
    const asked: FetchGroup = {
      groupId,
      memberId: null,
      memberEpoch: -1,
      topics: topics?.map((topic) => ({ ...topic, topicId: ZERO_UUID })) ?? null,
    };
    const fetched = await fetchGroup(context, info, asked, request.requireStable);
    if (info.apiVersion >= 2 || fetched.errorCode === 0) {
      return { topics: fetched.topics.map(named), errorCode: fetched.errorCode };
    }
    // Version 1 has no place for an error of the whole: every partition carries it.
    return {
      topics: (topics ?? []).map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partition) => ({
          ...noOffset(partition, 'NONE'),
          errorCode: fetched.errorCode ?? 0,
        })),
      })),
    };
  },
);

async function fetchGroup(
  context: BrokerContext,
  info: RequestInfo<'GROUP:DESCRIBE' | 'TOPIC:DESCRIBE'>,
  asked: FetchGroup,
  requireStable: boolean,
): Promise<FetchedGroup> {
  const { groupId } = asked;
  if (!info.authorize('DESCRIBE', 'GROUP', groupId)) return fetchError(groupId, 'GROUP_AUTHORIZATION_FAILED');
  const byId = info.apiVersion >= TOPIC_IDS_SINCE;
  if (asked.topics === null) {
    const fetched = await context.groups.offsets.fetch(asked, requireStable);
    const visible = fetched.topics.filter(({ name }) => name && info.allows('DESCRIBE', 'TOPIC', name));
    return { ...fetched, topics: byId ? withIds(context, visible) : visible };
  }
  const topics = asked.topics.map((topic) => ({
    ...topic,
    name: byId ? (context.image().topics.byId(topic.topicId)?.name ?? '') : topic.name,
  }));
  const refusalOf = ({ name }: { name: string }) => {
    if (byId && name === '') return 'UNKNOWN_TOPIC_ID';
    return info.authorize('DESCRIBE', 'TOPIC', name) ? null : 'TOPIC_AUTHORIZATION_FAILED';
  };
  const allowed = topics.filter((topic) => refusalOf(topic) === null);
  const fetched = await context.groups.offsets.fetch({ ...asked, topics: allowed }, requireStable);
  if (fetched.errorCode !== 0) return fetched;
  const refused = topics.flatMap((topic) => {
    const refusal = refusalOf(topic);
    if (!refusal) return [];
    const { name, topicId, partitionIndexes } = topic;
    return [{ name, topicId, partitions: partitionIndexes.map((partition) => noOffset(partition, refusal)) }];
  });
  return { ...fetched, topics: [...fetched.topics, ...refused] };
}

/** A topic that is gone has no id to name it by, so its offsets cannot be asked for either. */
function withIds(context: BrokerContext, topics: FetchedGroup['topics']): FetchedGroup['topics'] {
  return topics.flatMap((topic) => {
    const known = context.image().topics.byName(topic.name ?? '');
    return known ? [{ ...topic, topicId: known.id }] : [];
  });
}

function named({ name = '', partitions = [] }: FetchedGroup['topics'][number]) {
  return { name, partitions };
}
