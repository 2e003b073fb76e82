import type { ProducerRecord } from '../../kafka-client/producer/producer-options.ts';

/** What a record takes beside its key and value. */
const OVERHEAD_BYTES = 100;

/** About what a record takes of a producer's buffer, in bytes. */
export function sizeOf({ key, value, headers = [] }: ProducerRecord): number {
  let bytes = OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  for (const header of headers) bytes += header.key.length * 3 + (header.value?.length ?? 0);
  return bytes;
}
