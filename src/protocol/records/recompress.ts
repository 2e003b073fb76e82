import { at, attribute, compressionId, HEADER_BYTES, LOG_OVERHEAD_BYTES, readBatchHeader } from './batch.ts';
import { type Compression, codecs } from './compression.ts';
import { crc32c } from './crc32c.ts';
import { RecordError } from './record-error.ts';

/**
 * A checked batch with its records in another compression (topics whose compression.type is not `producer`);
 * the batch itself when it has that one already. Throws RecordError as `readRecords` does.
 */
export function recompress(
  batch: Buffer,
  options: {
    readonly compression: Compression;
    readonly level?: number | null;
    readonly maxBytes: number;
  },
): Buffer {
  const header = readBatchHeader(batch);
  const { compression: from } = header;
  if (from === options.compression) return batch;
  if (from === null) throw new RecordError('UNSUPPORTED_COMPRESSION_TYPE', `attributes ${header.attributes}`);
  const stored = batch.subarray(HEADER_BYTES);
  const records = from === 'none' ? stored : codecs[from].decompress(stored, options.maxBytes);
  const { compression: to, level } = options;
  const body = to === 'none' ? records : codecs[to].compress(records, level);
  const bytes = Buffer.concat([batch.subarray(0, HEADER_BYTES), body]);
  bytes.writeInt32BE(bytes.length - LOG_OVERHEAD_BYTES, at.batchLength);
  const attributes = (header.attributes & ~attribute.compression) | compressionId(to);
  bytes.writeInt16BE(attributes, at.attributes);
  bytes.writeUInt32BE(crc32c(bytes, at.attributes), at.crc);
  return bytes;
}
