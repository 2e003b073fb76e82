import { expect, test } from 'vitest';
import { clientMatches } from './client-matches.ts';

const isTaken = (pattern: string) => clientMatches([`client_id=${pattern}`], 'match') === null;

/** What java.util.regex.Pattern.compile says of each. */
test.each([
  ...[
    '(?i)abc',
    '(?i-s)a',
    '(?i:ab)c',
    '(?>ab)c',
    'a++',
    'a*+',
    'a?+',
    'a{3}+',
    '\\Q[\\E',
    '\\Q[',
    '\\Qa\\Eb++',
  ],
  ...['(?<n>a)\\k<n>', '(?!a)b', 'a|', '\\p{Alpha}+', '[a-z&&[^b]]', '^[0-9]+$', '\\S+'],
])('a subscription to client metrics may match %s, which is an expression to Java', (pattern) => {
  expect(isTaken(pattern)).toBe(true);
});

test.each(['[', '(', 'a)', 'a+++', 'a**', '*a', '(?z)a', '[b-a]', '\\'])(
  'a subscription to client metrics cannot match %s, which is none to Java',
  (pattern) => {
    expect(isTaken(pattern)).toBe(false);
  },
);
