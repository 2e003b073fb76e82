/** The partition of `__consumer_offsets` that a group's coordinator leads: Java's String.hashCode, modulo. */
export function partitionFor(id: string, partitionCount: number): number {
  let hash = 0;
  for (let i = 0; i < id.length; i++) hash = (Math.imul(hash, 31) + id.charCodeAt(i)) | 0;
  // Kafka's Utils.abs maps the one value without a positive counterpart to 0.
  const positive = hash === -2147483648 ? 0 : Math.abs(hash);
  return positive % partitionCount;
}
