import { expect, test } from 'vitest';
import { ResponseReader } from './response-reader.ts';

const LARGE = 100_000;

function reading(): { reader: ResponseReader; responses: Buffer[]; receive: (stream: Buffer) => void } {
  const responses: Buffer[] = [];
  const reader = new ResponseReader(10_000_000, (response) => responses.push(response));
  const receive = (stream: Buffer) => {
    for (let at = 0; at < stream.length; ) {
      const into = reader.buffer();
      const bytes = stream.copy(into, 0, at, at + into.length);
      at += bytes;
      reader.received(bytes);
    }
  };
  return { reader, responses, receive };
}

function response(length: number, content: string): Buffer {
  const stream = Buffer.alloc(4 + length, content);
  stream.writeInt32BE(length);
  return stream;
}

test('a large response that was given back lends its memory to the next one', () => {
  const { reader, responses, receive } = reading();
  receive(response(LARGE, 'a'));
  const [first = Buffer.alloc(0)] = responses;
  reader.reuse(first.subarray(10, 20));
  receive(response(LARGE - 1, 'b'));
  expect(responses[1]?.buffer).toBe(first.buffer);
  expect(responses[1]).toEqual(Buffer.alloc(LARGE - 1, 'b'));
});

test('responses that were not given back keep their bytes', () => {
  const { responses, receive } = reading();
  receive(Buffer.concat([response(LARGE, 'a'), response(LARGE, 'b'), response(20, 'c')]));
  expect(responses).toEqual([Buffer.alloc(LARGE, 'a'), Buffer.alloc(LARGE, 'b'), Buffer.alloc(20, 'c')]);
});

test('memory is taken once, and only if a response of this reader lies in it', () => {
  const { reader, responses, receive } = reading();
  receive(response(20, 'a'));
  const [small = Buffer.alloc(0)] = responses;
  reader.reuse(small);
  receive(response(LARGE, 'b'));
  expect(responses[1]?.buffer).not.toBe(small.buffer);
  const [, large = Buffer.alloc(0)] = responses;
  reader.reuse(large);
  reader.reuse(large);
  receive(Buffer.concat([response(LARGE, 'c'), response(LARGE, 'd')]));
  expect(responses[2]).toEqual(Buffer.alloc(LARGE, 'c'));
  expect(responses[3]).toEqual(Buffer.alloc(LARGE, 'd'));
});
