import { repeated } from '../../base/repeated.ts';
import {
  CONSUMER_OFFSETS,
  INTERNAL_TOPICS,
  SHARE_GROUP_STATE,
  TRANSACTION_STATE,
} from '../../metadata/internal-topics.ts';
import { errorCode } from '../../protocol/errors.ts';
import { createPartitions } from '../../protocol/messages/37-create-partitions.ts';
import type { Refusal } from '../../protocol/refusal.ts';
import { handle, type RequestInfo } from '../../server/handler.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';
import { createPartitions as decide } from '../more-partitions-control.ts';

const QUOTA_ERROR_SINCE = 3;

/**
 * CreatePartitions v0-3: more of them, placed automatically or as named. Never fewer. From v3 on a topic that
 * is over the client's quota is refused (KIP-599).
 *
 * Refused for topics that brokers keep their own state in, which Kafka allows: which partition a group or a
 * transactional id belongs to follows from their number, so committed offsets, fencing and open transactions
 * would be gone.
 */
export const createPartitionsHandler = handle(
  createPartitions,
  { versions: [0, 3], operations: ['TOPIC:ALTER'], listeners: ['controller'] },
  async (context: ControllerContext, request, info) => {
    const names = request.topics.map(({ name }) => name);
    const results = new Map<string, Refusal | null>();
    const twice = repeated(names);
    for (const name of names) {
      const refusal = refusalOf(name, twice, info);
      if (refusal) results.set(name, refusal);
    }
    const wanted = request.topics.filter(({ name }) => !results.has(name));
    const quota = context.mutationQuotas.of(info, QUOTA_ERROR_SINCE);
    const admits = (partitions: number) => quota.admits(partitions);
    const added = await context.change(({ image }) => {
      const decision = decide(image, wanted, { random: context.world.random, admits });
      return request.validateOnly ? { ...decision, records: [] } : decision;
    });
    for (const [i, { name }] of wanted.entries())
      results.set(
        name,
        added === NOT_CONTROLLER ? { error: 'NOT_CONTROLLER', message: null } : (added[i] ?? null),
      );
    return {
      throttleTimeMs: quota.throttleTimeMs,
      results: [...results].map(([name, refusal]) => ({
        name,
        errorCode: errorCode(refusal?.error ?? 'NONE'),
        errorMessage: refusal?.message ?? null,
      })),
    };
  },
);

/** What of an internal topic is found by a hash of its number of partitions. */
const LOST: ReadonlyMap<string, string> = new Map([
  [CONSUMER_OFFSETS, 'offsets that were committed'],
  [TRANSACTION_STATE, 'transactions that are open'],
  [SHARE_GROUP_STATE, 'the state of share groups'],
]);

function refusalOf(
  name: string,
  twice: ReadonlySet<string>,
  info: RequestInfo<'TOPIC:ALTER'>,
): Refusal | null {
  if (twice.has(name)) return { error: 'INVALID_REQUEST', message: 'Duplicate topic name.' };
  if (!info.authorize('ALTER', 'TOPIC', name)) return { error: 'TOPIC_AUTHORIZATION_FAILED', message: null };
  if (INTERNAL_TOPICS.has(name)) {
    const lost = LOST.get(name) ?? 'what is in it';
    const message = `The number of partitions of ${name} cannot change: with another number, ${lost} would not be found.`;
    return { error: 'INVALID_REQUEST', message };
  }
  return null;
}
