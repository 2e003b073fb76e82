/** RFC 8446, section 5.1: type, version and length of a record. */
const RECORD_HEAD_BYTES = 5;
const HANDSHAKE_RECORD = 22;
/** RFC 8446, section 4: type and length of a message, which may go on in further records. */
const MESSAGE_HEAD_BYTES = 4;
/** Far more than any client says; what is longer is left to TLS to refuse. */
const HELLO_BYTES_MAX = 16 * 1024;

/**
 * Whether the bytes with which a client begins hold all of its first message, so that the answer can be
 * computed from them. Also true of what is no TLS: more bytes would not make it so.
 */
export function isWholeHello(bytes: Buffer): boolean {
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE_RECORD) return true;
  const message = Buffer.alloc(MESSAGE_HEAD_BYTES);
  let messageBytes = 0;
  for (let at = 0; bytes.length >= at + RECORD_HEAD_BYTES; ) {
    const begin = at + RECORD_HEAD_BYTES;
    const recordBytes = bytes.readUInt16BE(begin - 2);
    if (messageBytes < MESSAGE_HEAD_BYTES) bytes.copy(message, messageBytes, begin, begin + recordBytes);
    messageBytes += recordBytes;
    at = begin + recordBytes;
    if (at > HELLO_BYTES_MAX) return true;
    if (bytes.length < at) return false;
    if (messageBytes >= MESSAGE_HEAD_BYTES + message.readUIntBE(1, 3) && messageBytes >= MESSAGE_HEAD_BYTES)
      return true;
  }
  return bytes.length > HELLO_BYTES_MAX;
}
