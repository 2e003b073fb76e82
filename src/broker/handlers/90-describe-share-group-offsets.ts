import { ZERO_UUID } from '../../base/brand.ts';
import { inPortions } from '../../base/portions.ts';
import { repeated } from '../../base/repeated.ts';
import type { StatePartition } from '../../coordinator/group/share/group-state-store.ts';
import { type ErrorName, errorCode, errorMessage } from '../../protocol/errors.ts';
import {
  type DescribeShareGroupOffsetsRequest,
  type DescribeShareGroupOffsetsResponse,
  describeShareGroupOffsets,
} from '../../protocol/messages/90-describe-share-group-offsets.ts';
import { handle, type RequestInfo } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { hasShareGroups } from '../sharing/share-protocol.ts';

type AskedGroup = DescribeShareGroupOffsetsRequest['groups'][number];
type Group = DescribeShareGroupOffsetsResponse['groups'][number];
type Topic = Group['topics'][number];
type Partition = Topic['partitions'][number];

/** A partition that the group has not begun to read. */
const NOT_BEGUN = { startOffset: -1, leaderEpoch: 0, lag: -1, errorCode: 0, errorMessage: null };

/**
 * DescribeShareGroupOffsets v0-1: where share groups are in the partitions that are named, or in all that
 * they have. What a group has nothing in is at offset -1, as is a topic that does not exist. v1 adds the lag:
 * what there is from the start offset on, without what is done (KIP-1226).
 */
export const describeShareGroupOffsetsHandler = handle(
  describeShareGroupOffsets,
  { versions: [0, 1], operations: ['GROUP:DESCRIBE', 'TOPIC:DESCRIBE'] },
  async (context: BrokerContext, request, info): Promise<DescribeShareGroupOffsetsResponse> => {
    // All offsets of a group may be asked for, and no client names a group twice.
    const twice = repeated(request.groups.map(({ groupId }) => groupId));
    return {
      throttleTimeMs: 0,
      groups: await inPortions(context.world.clock, request.groups, (group) =>
        twice.has(group.groupId) ? failed(group.groupId, 'INVALID_REQUEST') : describe(context, group, info),
      ),
    };
  },
);

async function describe(
  context: BrokerContext,
  { groupId, topics: asked }: AskedGroup,
  info: RequestInfo<'GROUP:DESCRIBE' | 'TOPIC:DESCRIBE'>,
): Promise<Group> {
  if (!hasShareGroups(context)) return failed(groupId, 'UNSUPPORTED_VERSION', null);
  if (!info.authorize('DESCRIBE', 'GROUP', groupId))
    return failed(groupId, 'GROUP_AUTHORIZATION_FAILED', null);
  const { topics: known } = context.image();
  const wanted = asked ?? (await allOf(context, groupId));
  if ('error' in wanted) return failed(groupId, wanted.error);
  const describeTopic = async ({ topicName, partitions }: (typeof wanted)[number]): Promise<Topic[]> => {
    if (!info.authorize('DESCRIBE', 'TOPIC', topicName))
      // Of all that a group has, the caller sees what it may; what it names, it is refused.
      return asked ? [refused(topicName, partitions)] : [];
    const topicId = known.byName(topicName)?.id;
    if (!topicId)
      return [
        {
          topicName,
          topicId: ZERO_UUID,
          partitions: partitions.map((partitionIndex) => ({ partitionIndex, ...NOT_BEGUN })),
        },
      ];
    const statePartitions = partitions.map((partition) => ({ topicId, partition }));
    return [{ topicName, topicId, partitions: await offsets(context, groupId, topicName, statePartitions) }];
  };
  const topics = await inPortions(context.world.clock, wanted, describeTopic);
  return { groupId, topics: topics.flat(), errorCode: 0, errorMessage: null };
}

/** Every topic that the group has anything in. */
async function allOf(
  context: BrokerContext,
  groupId: string,
): Promise<{ topicName: string; partitions: number[] }[] | { readonly error: ErrorName }> {
  const found = await context.groups.shareOffsets.partitions(groupId);
  if ('error' in found) return found;
  const byName = new Map<string, number[]>();
  for (const { topicId, partition } of found) {
    const name = context.image().topics.byId(topicId)?.name;
    if (name === undefined) continue;
    const partitions = byName.get(name);
    if (partitions) partitions.push(partition);
    else byName.set(name, [partition]);
  }
  return [...byName].map(([topicName, partitions]) => ({ topicName, partitions }));
}

async function offsets(
  context: BrokerContext,
  groupId: string,
  topic: string,
  partitions: readonly StatePartition[],
): Promise<Partition[]> {
  const summaries = await inPortions(context.world.clock, partitions, (one) =>
    context.groups.shareOffsets.summary(groupId, one),
  );
  const ends = await context.endOffsets.of(partitions.map(({ partition }) => ({ topic, partition })));
  return partitions.map(({ partition: partitionIndex }, i) => {
    const summary = summaries[i];
    if (!summary || 'error' in summary) return { partitionIndex, ...NOT_BEGUN };
    const { startOffset, leaderEpoch, deliveryCompleteCount } = summary;
    const told = { ...NOT_BEGUN, partitionIndex, startOffset, leaderEpoch };
    if (startOffset === -1 || deliveryCompleteCount === -1) return told;
    const end = ends[i] ?? { error: 'UNKNOWN_SERVER_ERROR' as const };
    if (typeof end === 'number')
      return { ...told, lag: Math.max(0, end - startOffset - deliveryCompleteCount) };
    return {
      ...NOT_BEGUN,
      partitionIndex,
      startOffset: 0,
      errorCode: errorCode(end.error),
      errorMessage: errorMessage(end.error),
    };
  });
}

function refused(topicName: string, partitions: readonly number[]): Topic {
  const error = 'TOPIC_AUTHORIZATION_FAILED';
  return {
    topicName,
    topicId: ZERO_UUID,
    partitions: partitions.map((partitionIndex) => ({
      ...NOT_BEGUN,
      partitionIndex,
      errorCode: errorCode(error),
      errorMessage: errorMessage(error),
    })),
  };
}

function failed(groupId: string, error: ErrorName, message: string | null = errorMessage(error)): Group {
  return { groupId, topics: [], errorCode: errorCode(error), errorMessage: message };
}
