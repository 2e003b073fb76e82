import { expect, test } from 'vitest';
import { describeTransactions } from './messages/65-describe-transactions.ts';
import { ProtocolError, REQUESTED_ELEMENTS_MAX, Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** How many names a reader takes of a request with so many, each of so many bytes. */
function taken(names: number, bytes: number, elementsMax?: number): number {
  const codec = describeTransactions.request(0);
  const writer = new Writer();
  const transactionalIds = Array.from({ length: names }, (_, index) => String(index).padStart(bytes, 'x'));
  codec.encode(writer, { transactionalIds });
  return codec.decode(new Reader(writer.done(), elementsMax)).transactionalIds.length;
}

// V8 hashes strings of more than 16,383 characters by their length: a set of them compares each with all.
test('a client sends no more than a few names that maps cannot tell apart', () => {
  expect(taken(32, 16_384, REQUESTED_ELEMENTS_MAX)).toBe(32);
  expect(() => taken(33, 16_384, REQUESTED_ELEMENTS_MAX)).toThrow(ProtocolError);
  expect(() => taken(33, 32_767, REQUESTED_ELEMENTS_MAX)).toThrow(/more than 32 strings/);
  expect(taken(1000, 16_383, REQUESTED_ELEMENTS_MAX)).toBe(1000);
  // What brokers send each other is theirs to bound.
  expect(taken(33, 32_767)).toBe(33);
});

test('a string that would be too long as UTF-8 is refused where it is read', () => {
  const invalid = (bytes: number) => new Reader(Buffer.alloc(bytes, 0xff)).text(bytes);
  expect(invalid(10_922)).toBe('\ufffd'.repeat(10_922));
  expect(() => invalid(10_923)).toThrow(ProtocolError);
  expect(() => invalid(32_767)).toThrow(/no UTF-8/);
  expect(new Reader(Buffer.alloc(32_767, 'x')).text(32_767)).toHaveLength(32_767);
});
