import type { Random } from '../../src/base/random.ts';
import { Writer } from '../../src/protocol/writer.ts';

/** The fields of a request that has many. */
const MANY = 30_000;
const GREATEST = 2 ** 32 - 1;

/**
 * The same request with tagged fields at its end, where a flexible one has none: more than there are bytes,
 * very many, ones that are known, and sizes that are not theirs (KIP-482).
 */
export function addTaggedFields(frame: Buffer, random: Random): Buffer {
  const writer = new Writer();
  const field = (tag: number, size: number, bytes: Uint8Array): void => {
    writer.uvarint(tag);
    writer.uvarint(size);
    writer.raw(Buffer.from(bytes));
  };
  switch (random.uint32() % 5) {
    case 0:
      writer.uvarint(GREATEST);
      break;
    case 1:
      writer.uvarint(MANY);
      for (let tag = 0; tag < MANY; tag++) field(1000 + tag, 0, new Uint8Array());
      break;
    case 2: {
      const [tag, bytes] = [random.uint32() % 4, random.bytes(random.uint32() % 8)];
      writer.uvarint(MANY);
      for (let times = 0; times < MANY; times++) field(tag, bytes.length, bytes);
      break;
    }
    case 3:
      writer.uvarint(1);
      field(random.uint32() % 4, GREATEST, random.bytes(random.uint32() % 8));
      break;
    default: {
      writer.uvarint(1);
      const bytes = random.bytes(random.uint32() % 40);
      field(random.uint32() % 4, bytes.length, bytes);
    }
  }
  return Buffer.concat([frame.subarray(0, -1), writer.done()]);
}
