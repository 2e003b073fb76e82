import { at, attribute, checkBatch, compressionId } from '../protocol/records/batch.ts';
import { recompress } from '../protocol/records/recompress.ts';
import { MAX_DECOMPRESSED_BYTES } from '../protocol/records/record.ts';
import type { AppendProblem } from './append-problem.ts';
import type { LogConfig } from './log-config.ts';
import { OpeningBudget } from './opening-budget.ts';

/**
 * A checked batch as its topic stores it: the same bytes where `compression.type` is `producer` or the codec
 * is the topic's already, else a new batch with the same header otherwise. What is opened for it is judged
 * like an uncompressed batch, and what comes out may be too large where the producer's was not, as in Kafka's
 * LogValidator.
 */
export function storedBatch(
  bytes: Buffer,
  config: LogConfig,
  opening = new OpeningBudget(),
): Buffer | AppendProblem {
  const { compressionType: compression, compressionLevel: level, maxMessageBytes } = config;
  if (compression === 'producer') return bytes;
  const attributes = bytes.readInt16BE(at.attributes);
  if ((attributes & attribute.compression) === compressionId(compression)) return bytes;
  // Kafka compresses no control records that were not written so.
  if ((attributes & attribute.control) !== 0) return bytes;
  const maxBytes = MAX_DECOMPRESSED_BYTES;
  const isPlain = (attributes & attribute.compression) === 0;
  const plain = isPlain
    ? bytes
    : opening.open(bytes, () => recompress(bytes, { compression: 'none', maxBytes }));
  if (!Buffer.isBuffer(plain)) return plain;
  const unsound = isPlain ? null : checkBatch(plain);
  if (unsound) return { error: unsound, message: 'the compressed records are not sound' };
  const stored = recompress(plain, { compression, level, maxBytes });
  if (stored.length <= maxMessageBytes) return stored;
  const message = `the batch has ${stored.length} bytes as ${compression}, max.message.bytes is ${maxMessageBytes}`;
  return { error: 'MESSAGE_TOO_LARGE', message };
}
