import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesWildcard, wildcard } from './wildcard.ts';

const matches = (pattern: string, text: string) => matchesWildcard(wildcard(pattern), text);

test('* stands for any characters, slashes and colons too, and for none', () => {
  expect(matches('topic/*', 'topic/a/b:c')).toBe(true);
  expect(matches('topic/*', 'topic/')).toBe(true);
  expect(matches('*', '')).toBe(true);
  expect(matches('a*c', 'abcd')).toBe(false);
  expect(matches('topic/*', 'topics/a')).toBe(false);
});

test('? stands for one character, however many units UTF-16 has for it', () => {
  expect(matches('a?c', 'abc')).toBe(true);
  expect(matches('a?c', 'ac')).toBe(false);
  expect(matches('a?c', 'abbc')).toBe(false);
  expect(matches('?', '\u{1f600}')).toBe(true);
});

test('every other character of a pattern is itself', () => {
  expect(matches('a.c', 'abc')).toBe(false);
  expect(matches('[ab]', 'a')).toBe(false);
  expect(matches('A', 'a')).toBe(false);
});

test('a pattern matches what the regular expression for it matches', () => {
  const letters = (of: string) =>
    fc.array(fc.constantFrom(...of), { maxLength: 12 }).map((all) => all.join(''));
  fc.assert(
    fc.property(letters('ab*?'), letters('ab'), (pattern, text) => {
      const expression = pattern.replaceAll('*', '.*').replaceAll('?', '.');
      expect(matches(pattern, text)).toBe(new RegExp(`^${expression}$`).test(text));
    }),
    { numRuns: 2000 },
  );
});

test('a pattern that makes regular expressions take years is done at once', () => {
  const text = 'a'.repeat(32_767);
  expect(matches(`${'*a'.repeat(60)}b`, text)).toBe(false);
});
