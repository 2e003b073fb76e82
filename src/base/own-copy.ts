/**
 * A copy in memory of its own, for bytes that are kept for long. A view keeps all of the request or read that
 * it is cut from, and a small `Buffer.from` keeps 64 KB: the part of Node's pool that it is made in.
 */
export function ownCopy(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
