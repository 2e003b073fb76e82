import { expect, test } from 'vitest';
import { checkBatch, readBatchHeader } from './batch.ts';
import { recompress } from './recompress.ts';
import { readRecords } from './record.ts';
import recorded from './vectors/kafka-clients.json' with { type: 'json' };

const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
const vectors = recorded.vectors.filter(({ name }) =>
  /^(none|gzip|snappy|lz4|zstd|transactional)$/.test(name),
);

test.each(vectors)('the records of a batch stay the same in every other compression: $name', ({ hex }) => {
  const batch = Buffer.from(hex, 'hex');
  const { crc: _, sizeInBytes: __, attributes: ___, compression: ____, ...rest } = readBatchHeader(batch);
  for (const compression of compressions) {
    const other = recompress(batch, { compression, maxBytes: 1 << 20 });
    expect(checkBatch(Buffer.from(other))).toBe(null);
    expect(readBatchHeader(other)).toMatchObject({ ...rest, compression });
    expect(readRecords(other)).toEqual(readRecords(batch));
  }
});

test('a batch that has the compression already is not touched', () => {
  const [vector] = vectors;
  const batch = Buffer.from(vector?.hex ?? '', 'hex');
  expect(recompress(batch, { compression: 'none', maxBytes: 1 })).toBe(batch);
});
