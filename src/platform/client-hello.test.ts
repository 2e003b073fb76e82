import { expect, test } from 'vitest';
import { isWholeHello } from './client-hello.ts';

/** A record of TLS around bytes of a handshake. */
function record(bytes: Buffer, type = 22): Buffer {
  const head = Buffer.from([type, 3, 1, 0, 0]);
  head.writeUInt16BE(bytes.length, 3);
  return Buffer.concat([head, bytes]);
}

function message(length: number): Buffer {
  const bytes = Buffer.alloc(4 + length, 'x');
  bytes.writeUInt32BE(length, 0);
  bytes[0] = 1;
  return bytes;
}

test('a first message is whole when its last byte is there', () => {
  const hello = record(message(300));
  for (let length = 0; length < hello.length; length++)
    expect(isWholeHello(hello.subarray(0, length))).toBe(false);
  expect(isWholeHello(hello)).toBe(true);
});

test('a first message that is cut into several records is whole with the last of them', () => {
  const whole = message(300);
  const cut = [0, 1, 3, 100].map((from, i, all) => record(whole.subarray(from, all[i + 1])));
  expect(isWholeHello(Buffer.concat(cut.slice(0, -1)))).toBe(false);
  expect(isWholeHello(Buffer.concat(cut))).toBe(true);
});

test('what is no TLS, or too long for a first message, is not waited for', () => {
  expect(isWholeHello(Buffer.from('GET / HTTP/1.1'))).toBe(true);
  expect(isWholeHello(record(message(20_000)).subarray(0, 100))).toBe(true);
  // Records without content never end a message.
  expect(isWholeHello(Buffer.concat(Array.from({ length: 3000 }, () => record(Buffer.alloc(0)))))).toBe(
    false,
  );
  expect(isWholeHello(Buffer.concat(Array.from({ length: 3300 }, () => record(Buffer.alloc(0)))))).toBe(true);
});
