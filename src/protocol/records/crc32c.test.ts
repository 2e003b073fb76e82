import { expect, test } from 'vitest';
import { crc32c, crc32cInJavaScript } from './crc32c.ts';

// RFC 3720, appendix B.4.
const RFC_3720: readonly (readonly [string, Buffer, number])[] = [
  ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
  ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['ascending', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
  ['descending', Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c],
];

test.each(RFC_3720)('the checksum of %s is that of RFC 3720', (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
  expect(crc32cInJavaScript(bytes, 0, bytes.length)).toBe(expected);
});

test('native code and the table agree at every length and alignment', () => {
  const bytes = Buffer.from(Array.from({ length: 400 }, (_, i) => (i * 151) & 0xff));
  for (let start = 0; start < 5; start++) {
    for (let end = start; end < bytes.length; end++) {
      expect(crc32c(bytes, start, end)).toBe(crc32cInJavaScript(bytes, start, end));
    }
  }
});
