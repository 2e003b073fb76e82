import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesInParallel } from './parallel-match.ts';
import { wildcard } from './wildcard.ts';
import { matchesWildcard } from './wildcard-match.ts';

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
  const letters = (of: readonly string[], maxLength: number) =>
    fc.array(fc.constantFrom(...of), { maxLength }).map((all) => all.join(''));
  fc.assert(
    fc.property(
      letters(['a', 'b', '*', '?', '\u{1f600}'], 12),
      letters(['a', 'b', '\u{1f600}'], 12),
      fc.constantFrom('', 'x'.repeat(40), 'ab'.repeat(400)),
      (pattern, text, long) => {
        const expression = pattern.replaceAll('*', '.*').replaceAll('?', '.');
        const is = new RegExp(`^${expression}$`, 'u').test(text);
        expect(matches(pattern, text)).toBe(is);
        expect(matchesInParallel(wildcard(pattern), text)).toBe(is);
        // The same at the end and beyond a long text, and of a pattern of many words.
        expect(matches(`*|${pattern}`, `${long}|${text}`)).toBe(is);
        expect(matchesInParallel(wildcard(`${long}${pattern}`), `${long}${text}`)).toBe(is);
      },
    ),
    { numRuns: 1000 },
  );
});

test('neither many * nor a long text after one make a pattern take long', () => {
  const text = 'a'.repeat(32_767);
  for (const pattern of [`${'*a'.repeat(1_000)}b`, `*${'a'.repeat(2_000)}b`, `*${'a?'.repeat(1_000)}b`])
    for (let times = 0; times < 10; times++) expect(matches(pattern, text)).toBe(false);
});
