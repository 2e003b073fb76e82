import { randomBytes } from 'node:crypto';
import { constants, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { codecs } from './compression.ts';
import { RecordError } from './record-error.ts';

const MEGABYTE = 1 << 20;

function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RecordError) return error.error;
    throw error;
  }
  return 'none';
}

describe.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('%s', (name) => {
  const codec = codecs[name];
  const text = Buffer.from('offsets count up, leaders come and go; '.repeat(5000));

  test('what was compressed comes out again, at exactly the limit too', () => {
    expect(codec.decompress(codec.compress(text), text.length)).toEqual(text);
    expect(codec.decompress(codec.compress(text), text.length * 10)).toEqual(text);
  });

  test('one byte beyond the limit is MESSAGE_TOO_LARGE', () => {
    const compressed = codec.compress(text);
    expect(errorOf(() => codec.decompress(compressed, text.length - 1))).toBe('MESSAGE_TOO_LARGE');
    expect(errorOf(() => codec.decompress(compressed, 0))).toBe('MESSAGE_TOO_LARGE');
  });

  test('a bomb costs no more memory than the limit', () => {
    const bomb = codec.compress(Buffer.alloc(200 * MEGABYTE));
    const before = process.memoryUsage();
    expect(errorOf(() => codec.decompress(bomb, MEGABYTE))).toBe('MESSAGE_TOO_LARGE');
    const after = process.memoryUsage();
    expect(after.external + after.arrayBuffers - before.external - before.arrayBuffers).toBeLessThan(
      16 * MEGABYTE,
    );
  });

  test('what is not its format is CORRUPT_MESSAGE', () => {
    expect(errorOf(() => codec.decompress(Buffer.from('certainly not compressed'), MEGABYTE))).toBe(
      'CORRUPT_MESSAGE',
    );
  });

  test('every truncation gives an error', () => {
    const compressed = codec.compress(text.subarray(0, 600));
    for (let length = 1; length < compressed.length; length++) {
      const error = errorOf(() => codec.decompress(compressed.subarray(0, length), MEGABYTE));
      // A stream of blocks that ends behind a block cannot be told from a shorter one; its records will not
      // add up.
      if (name === 'snappy' && length === 16) continue;
      expect(error).toBe('CORRUPT_MESSAGE');
    }
  });

  test('every changed byte gives bytes or an error, never more than the limit', () => {
    const compressed = codec.compress(text.subarray(0, 600));
    for (let at = 0; at < compressed.length; at++) {
      for (const change of [0x01, 0x10, 0x80, 0xff]) {
        const flipped = Buffer.from(compressed);
        flipped[at] = (flipped[at] ?? 0) ^ change;
        errorOf(() => expect(codec.decompress(flipped, 1000).length).toBeLessThanOrEqual(1000));
      }
    }
  });
});

test('many small zstd frames are refused, because each costs the library a tenth of a millisecond', () => {
  const frame = zstdCompressSync(Buffer.from('x'));
  const of = (count: number) => Buffer.concat(Array.from({ length: count }, () => frame));
  expect(codecs.zstd.decompress(of(16), 1000).length).toBe(16);
  expect(errorOf(() => codecs.zstd.decompress(of(100_000), MEGABYTE))).toBe('CORRUPT_MESSAGE');
});

test('many small snappy blocks are refused, because each is a call of native code', () => {
  const header = codecs.snappy.compress(Buffer.alloc(0));
  const block = Buffer.from([0, 0, 0, 3, 1, 0, 0x78]);
  const of = (count: number) => Buffer.concat([header, ...Array.from({ length: count }, () => block)]);
  expect(codecs.snappy.decompress(of(64), 1000).length).toBe(64);
  expect(errorOf(() => codecs.snappy.decompress(of(150_000), MEGABYTE))).toBe('CORRUPT_MESSAGE');
});

describe('snappy framings', () => {
  // A raw block by the format description: length 11, a literal of 4 bytes, a copy of 7 at distance 4.
  const raw = Buffer.from([11, 3 << 2, 0x61, 0x62, 0x63, 0x64, ((7 - 4) << 2) | 1, 4]);

  test('a raw block without the header of snappy-java is read', () => {
    expect(codecs.snappy.decompress(raw, 100).toString()).toBe('abcdabcdabc');
  });

  test('streams that were concatenated are read as one', () => {
    const one = codecs.snappy.compress(Buffer.from('first, '));
    const two = codecs.snappy.compress(Buffer.from('second'));
    expect(codecs.snappy.decompress(Buffer.concat([one, two]), 100).toString()).toBe('first, second');
  });

  test('a raw block that states more than it can hold is refused before anything is reserved', () => {
    const lie = Buffer.concat([Buffer.from([0x80, 0x80, 0x80, 0x20]), raw.subarray(1)]);
    expect(errorOf(() => codecs.snappy.decompress(lie, 2 ** 31))).toBe('CORRUPT_MESSAGE');
  });
});

describe('zstd in several frames', () => {
  const part = (text: string, checksum = false) =>
    zstdCompressSync(Buffer.from(text), { params: { [constants.ZSTD_c_checksumFlag]: checksum ? 1 : 0 } });
  // RFC 8878, 3.1.2: magic 0x184D2A50 to 0x184D2A5F, the size, and bytes of any kind.
  const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

  test('they follow each other, with and without checksums, and with frames that are skipped', () => {
    const stream = Buffer.concat([
      skippable,
      part('one, '),
      part('two, ', true),
      skippable,
      part(''),
      part('three'),
    ]);
    expect(codecs.zstd.decompress(stream, MEGABYTE).toString()).toBe('one, two, three');
    expect(codecs.zstd.decompress(stream, 15).toString()).toBe('one, two, three');
    expect(codecs.zstd.decompress(skippable, MEGABYTE)).toEqual(Buffer.alloc(0));
  });

  test('frames of several blocks, raw, repeated and compressed, end where they end', () => {
    const large = Buffer.concat([
      Buffer.alloc(300_000, 7),
      randomBytes(300_000),
      Buffer.from('text '.repeat(50_000)),
    ]);
    const stream = Buffer.concat([zstdCompressSync(large), skippable, zstdCompressSync(large)]);
    expect(codecs.zstd.decompress(stream, 4 * MEGABYTE)).toEqual(Buffer.concat([large, large]));
  });

  test('the limit is that of all frames together', () => {
    const stream = Buffer.concat([part('12345'), part('67890')]);
    expect(errorOf(() => codecs.zstd.decompress(stream, 9))).toBe('MESSAGE_TOO_LARGE');
    expect(errorOf(() => codecs.zstd.decompress(stream, 5))).toBe('MESSAGE_TOO_LARGE');
  });

  test('what follows a frame must be one', () => {
    expect(
      errorOf(() => codecs.zstd.decompress(Buffer.concat([part('a'), Buffer.from('b')]), MEGABYTE)),
    ).toBe('CORRUPT_MESSAGE');
  });
});
