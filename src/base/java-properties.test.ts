import { expect, test } from 'vitest';
import { readJavaProperties } from './java-properties.ts';

const read = (text: string) => {
  const properties = readJavaProperties(text);
  return properties instanceof Map ? Object.fromEntries(properties) : properties;
};

// The examples of java.util.Properties.load's own documentation, and what follows from its rules.
test.each<[string, string, object]>([
  ['=', 'Truth = Beauty', { Truth: 'Beauty' }],
  [':', ' Truth:Beauty', { Truth: 'Beauty' }],
  ['spaces around the separator', 'Truth                    :Beauty', { Truth: 'Beauty' }],
  ['a space alone', 'num.partitions\t3', { 'num.partitions': '3' }],
  [
    'continuation lines',
    'fruits                           apple, banana, pear, \\\n   cantaloupe, watermelon, \\\n   kiwi, mango',
    { fruits: 'apple, banana, pear, cantaloupe, watermelon, kiwi, mango' },
  ],
  ['a key alone', 'cheeses', { cheeses: '' }],
  ['comments and blank lines', '# one\n! two\n   # three\n\n \t\na=1', { a: '1' }],
  ['CRLF and CR', 'a=1\r\nb=2\rc=3', { a: '1', b: '2', c: '3' }],
  ['CRLF behind a continuation', 'a=1,\\\r\n  2', { a: '1,2' }],
  ['a # behind a continuation is text', 'a=1\\\n#2', { a: '1#2' }],
  ['an even number of backslashes does not go on', 'a=1\\\\\nb=2', { a: '1\\', b: '2' }],
  ['escaped separators belong to the key', 'a\\=b\\:c\\ d=e', { 'a=b:c d': 'e' }],
  ['a second separator belongs to the value', 'a==b', { a: '=b' }],
  ['escapes', 'a=\\t\\n\\r\\f\\z\\u0041', { a: '\t\n\r\fzA' }],
  ['spaces at the end stay', 'a=1 ', { a: '1 ' }],
  ['the last value counts', 'a=1\na=2', { a: '2' }],
  ['a backslash at the very end', 'a=1\\', { a: '1' }],
  ['a byte order mark before the first key', '\ufeffa=1', { a: '1' }],
  ['nothing', '', {}],
])('%s', (_, text, properties) => {
  expect(read(text)).toEqual(properties);
});

test('a malformed \\u is refused with its line', () => {
  expect(read('a=1\nb=\\u12')).toEqual({ reason: expect.stringContaining('b=\\u12') });
});
