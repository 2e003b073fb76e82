import { expect, test } from 'vitest';
import { createTopics } from './messages/19-create-topics.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

function told(version: number, errorMessage: string | null): string | null | undefined {
  const topics = [{ name: 'x', errorCode: 17, errorMessage }];
  const writer = new Writer();
  createTopics.response(version).encode(writer, { topics });
  return createTopics.response(version).decode(new Reader(writer.done())).topics[0]?.errorMessage;
}

// A client may send names of 32,767 bytes, and is told which of them is wrong.
test.each([2, 7])('a message that no string has room for is told as far as there is (v%i)', (version) => {
  for (const letter of ['x', '\u20ac', '\u{1f984}']) {
    const message = `Topic name is invalid: ${letter.repeat(32_767)}`;
    const text = told(version, message) ?? '';
    expect(text.slice(0, 5000)).toBe(message.slice(0, 5000));
    expect(text.length).toBeLessThan(message.length);
  }
  expect(told(version, 'short')).toBe('short');
  expect(told(version, null)).toBeNull();
});
