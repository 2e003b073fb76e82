import { ProtocolError } from './reader.ts';

/** Every request and response is preceded by its length, an int32 that does not count itself. */
export const FRAME_LENGTH_BYTES = 4;

/**
 * The length of the frame that begins at `at`, where four bytes must be. Throws ProtocolError when it is
 * negative or more than the receiver takes (Kafka's socket.request.max.bytes): before memory is set aside for
 * it.
 */
export function frameLength(bytes: Buffer, at: number, bytesMax: number): number {
  const length = bytes.readInt32BE(at);
  if (length < 0) throw new ProtocolError(`frame of ${length} bytes`);
  if (length > bytesMax) throw new ProtocolError(`frame of ${length} bytes, more than ${bytesMax}`);
  return length;
}
