import type { Uuid } from '../../base/brand.ts';
import { type ErrorName, errorMessage } from '../../protocol/errors.ts';
import type { Authorize } from '../../server/authorizer.ts';
import type { BrokerContext } from '../context.ts';
import { type AcknowledgementBatch, acknowledgeType } from './acknowledgements.ts';

/** What a member says of the records of one partition. */
interface Acknowledged {
  readonly partitionIndex: number;
  readonly acknowledgementBatches: readonly AcknowledgementBatch[];
}

interface AcknowledgeRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly topics: readonly { readonly topicId: Uuid; readonly partitions: readonly Acknowledged[] }[];
  /** Version 2 and later know of renewals; a request says whether it has any. */
  readonly knowsRenewals: boolean;
  readonly isRenewAck: boolean;
}

export interface AcknowledgeResult {
  readonly topicId: Uuid;
  readonly partitionIndex: number;
  readonly error: ErrorName | null;
  readonly message: string | null;
}

type Context = Pick<BrokerContext, 'image' | 'sharePartitions'>;

/** Acknowledges each partition for itself; resolves when the share coordinator has what was acknowledged. */
export function acknowledge(
  context: Context,
  request: AcknowledgeRequest,
  authorize: Authorize<'TOPIC:READ'>,
): Promise<AcknowledgeResult[]> {
  return Promise.all(
    request.topics.flatMap(({ topicId, partitions }) =>
      partitions.map(async (partition): Promise<AcknowledgeResult> => {
        const { partitionIndex } = partition;
        const failure = await acknowledgeOne(context, request, { topicId, ...partition }, authorize);
        const { error = null, message = null } = failure ?? {};
        return { topicId, partitionIndex, error, message: error && (message ?? errorMessage(error)) };
      }),
    ),
  );
}

async function acknowledgeOne(
  { image, sharePartitions }: Context,
  request: AcknowledgeRequest,
  { topicId, partitionIndex, acknowledgementBatches }: Acknowledged & { readonly topicId: Uuid },
  authorize: Authorize<'TOPIC:READ'>,
): Promise<{ readonly error: ErrorName; readonly message?: string | null } | null> {
  const topic = image().topics.byId(topicId);
  if (!topic) return { error: 'UNKNOWN_TOPIC_ID' };
  if (!isValid(acknowledgementBatches, request)) return { error: 'INVALID_REQUEST' };
  if (!authorize('READ', 'TOPIC', topic.name)) return { error: 'TOPIC_AUTHORIZATION_FAILED' };
  const state = topic.partitions[partitionIndex];
  if (!state) return { error: 'UNKNOWN_TOPIC_OR_PARTITION' };
  if (acknowledgementBatches.length === 0) return null;
  const { groupId, memberId } = request;
  const share = sharePartitions.find({ groupId, topicId, partition: partitionIndex });
  if (!share)
    return {
      error:
        state.leader === sharePartitions.brokerId ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'NOT_LEADER_OR_FOLLOWER',
    };
  if (request.isRenewAck && !share.config.mayRenew && hasRenewal(acknowledgementBatches))
    return {
      error: 'INVALID_RECORD_STATE',
      message: 'Renewing acquisition locks is disabled for the group.',
    };
  return share.acknowledge(memberId, acknowledgementBatches);
}

/** Whether the batches follow one another and say one thing of all their offsets, or one of each. */
function isValid(
  batches: readonly AcknowledgementBatch[],
  { knowsRenewals, isRenewAck }: Pick<AcknowledgeRequest, 'knowsRenewals' | 'isRenewAck'>,
): boolean {
  let lastBefore = -1;
  for (const { firstOffset, lastOffset, acknowledgeTypes } of batches) {
    if (firstOffset > lastOffset || firstOffset < 0 || firstOffset < lastBefore) return false;
    const { length } = acknowledgeTypes;
    if (length === 0 || (length > 1 && lastOffset - firstOffset !== length - 1)) return false;
    const greatest = knowsRenewals ? acknowledgeType.renew : acknowledgeType.reject;
    if (acknowledgeTypes.some((type) => type < 0 || type > greatest)) return false;
    lastBefore = lastOffset;
  }
  return isRenewAck || !hasRenewal(batches);
}

function hasRenewal(batches: readonly AcknowledgementBatch[]): boolean {
  return batches.some(({ acknowledgeTypes }) => acknowledgeTypes.includes(acknowledgeType.renew));
}
