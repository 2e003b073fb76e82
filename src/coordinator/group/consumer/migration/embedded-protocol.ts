import type { Uuid } from '../../../../base/brand.ts';
import type { TopicsImage } from '../../../../metadata/topics.ts';
import {
  consumerProtocolAssignment,
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  type Subscription,
} from '../../../../protocol/consumer-protocol.ts';
import { ProtocolError } from '../../../../protocol/reader.ts';
import type { Assignment, HeldPartitions, TopicPartitions } from '../assignment.ts';

/**
 * What members of the classic protocol tell each other through the coordinator, which is nothing to it but
 * here.
 */

/** Null when the bytes are not the consumer protocol's. */
export function subscriptionIn(metadata: Buffer): Subscription | null {
  return parsed(() => decodeSubscription(metadata));
}

/**
 * What a member has; null when the bytes are not the consumer protocol's. Topics that are gone are left out.
 */
export function assignmentIn(
  bytes: Buffer,
  topics: TopicsImage,
): { readonly assigned: TopicPartitions[]; readonly hasUserData: boolean } | null {
  return parsed(() => {
    const { assignedPartitions, userData } = decodeAssignment(bytes);
    return { assigned: withIds(assignedPartitions, topics), hasUserData: (userData?.length ?? 0) > 0 };
  });
}

/** The partitions that the member of this subscription says it has. */
export function ownedIn({ ownedPartitions }: Subscription, topics: TopicsImage): TopicPartitions[] {
  return withIds(ownedPartitions ?? [], topics);
}

/** As the member reads it whose subscription is `metadata`. */
export function assignmentFor(
  metadata: Buffer,
  assignment: Assignment | HeldPartitions,
  topics: TopicsImage,
): Buffer {
  const assignedPartitions = [...assignment].flatMap(([topicId, partitions]) => {
    const topic = topics.byId(topicId);
    return topic ? [{ topic: topic.name, partitions: [...partitions.keys()].sort((a, b) => a - b) }] : [];
  });
  return encodeAssignment({ assignedPartitions, userData: null }, versionOf(metadata));
}

function versionOf(metadata: Buffer): number {
  return metadata.length < 2
    ? 0
    : Math.min(Math.max(metadata.readInt16BE(0), 0), consumerProtocolAssignment.versions[1]);
}

function withIds(
  named: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
  topics: TopicsImage,
): TopicPartitions[] {
  const partitions = new Map<Uuid, (readonly number[])[]>();
  for (const { topic, partitions: numbers } of named) {
    const id = topics.byName(topic)?.id;
    if (!id) continue;
    const parts = partitions.get(id);
    // A member may name one topic as often as it likes.
    if (parts) parts.push(numbers);
    else partitions.set(id, [numbers]);
  }
  return [...partitions].map(([topicId, parts]) => ({ topicId, partitions: parts.flat() }));
}

function parsed<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}
