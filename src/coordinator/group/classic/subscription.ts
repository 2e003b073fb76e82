import { data } from '../../../protocol/data.ts';
import { array, string } from '../../../protocol/field.ts';
import { ProtocolError, REQUESTED_ELEMENTS_MAX, Reader } from '../../../protocol/reader.ts';
import { type ClassicMember, metadataFor } from './member.ts';

/**
 * What a member of protocol type `consumer` subscribes to. Every later version of the consumer protocol
 * begins with this, which is all that the coordinator needs: to know which committed offsets are still in
 * use.
 */
const subscription = data({
  name: 'ConsumerProtocolSubscription',
  versions: [0, 0],
  fields: { topics: array(string) },
});

/** The topics of all these members of one protocol; null when one of them says what is not known. */
export function allSubscribedTopics(
  members: readonly ClassicMember[],
  protocol: string | null,
): ReadonlySet<string> | null {
  const topics = new Set<string>();
  if (members.length > 0 && protocol === null) return null;
  for (const member of members) {
    const subscribed = subscribedTopics(metadataFor(member, protocol));
    if (subscribed === null) return null;
    for (const topic of subscribed) topics.add(topic);
  }
  return topics;
}

/** The topics, or null when the bytes are not the consumer protocol's. */
function subscribedTopics(metadata: Buffer): readonly string[] | null {
  try {
    const reader = new Reader(metadata, REQUESTED_ELEMENTS_MAX);
    reader.int16();
    return subscription.at(0).decode(reader).topics;
  } catch (error) {
    // A client may call itself a consumer and send what it likes; then the group counts as subscribed to
    // everything.
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}
