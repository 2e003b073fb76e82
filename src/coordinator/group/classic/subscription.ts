import { data } from '../../../protocol/data.ts';
import { array, string } from '../../../protocol/field.ts';
import { ProtocolError, REQUESTED_ELEMENTS_MAX, Reader } from '../../../protocol/reader.ts';

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

/** The topics, or null when the bytes are not the consumer protocol's. */
export function subscribedTopics(metadata: Buffer): readonly string[] | null {
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
