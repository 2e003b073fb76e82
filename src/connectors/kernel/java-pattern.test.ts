import { describe, expect, test } from 'vitest';
import { javaPattern, replaceFirst } from './java-pattern.ts';

function pattern(text: string) {
  const made = javaPattern(text);
  if ('problem' in made) throw new Error(made.problem);
  return made;
}

describe('a regular expression of Java', () => {
  // As `jshell` of Java 17 answers them.
  test.each([
    ['a|ab', 'ab', true],
    ['(?i)ORDERS-\\d+', 'orders-12', true],
    ['\\Qa.b\\E.*', 'a.bc', true],
    ['\\Qa.b\\E.*', 'axbc', false],
    ['\\p{Alpha}+', 'abc', true],
    ['[\\p{Upper}_]+', 'A_B', true],
    ['(?!__).*', '__consumer_offsets', false],
    ['[]a]+', 'a]', true],
    ['a\\-b\\_c', 'a-b_c', true],
    ['(?<x>a+)-\\k<x>', 'aa-aa', true],
    ['\\Aab\\z', 'ab', true],
    ['a}', 'a}', true],
  ])('%s matches %s: %s', (text, of, matches) => {
    expect(pattern(text).matches(of)).toBe(matches);
  });

  test.each(['a++', '[a&&[b]]', 'a(?x)b', '(', '[a', '\\'])('%s is refused with a reason', (text) => {
    expect(javaPattern(text)).toHaveProperty('problem');
  });

  test('the first match is replaced, and groups have as many digits as are one', () => {
    expect(replaceFirst(pattern('(a)(b)'), 'xabab', '$2$10\\$')).toBe('xba0$ab');
    expect(replaceFirst(pattern('(?<n>a)'), 'a', '${n}${n}')).toBe('aa');
    expect(() => replaceFirst(pattern('a'), 'a', '$1')).toThrow('No group 1');
  });
});
