import { expect, test } from 'vitest';
import { queryFlag } from './query-flag.ts';

// As Kafka Connect 4.3.1 answers GET /connector-plugins?connectorsOnly=… and POST …/restart?includeTasks=….
test.each([
  ['includeTasks=true', true],
  ['includeTasks=True', true],
  ['onlyFailed=false&includeTasks=TRUE', true],
  ['includeTasks=False', false],
  ['includeTasks=1', false],
  ['includeTasks=', false],
  ['onlyFailed=true', false],
])('%s says %s', (query, said) => {
  expect(queryFlag(query, 'includeTasks', false)).toBe(said);
});

test('a flag that is not named is what it is otherwise', () => {
  expect(queryFlag('', 'connectorsOnly', true)).toBe(true);
  expect(queryFlag('connectorsOnly=', 'connectorsOnly', true)).toBe(true);
  expect(queryFlag('connectorsOnly=False', 'connectorsOnly', true)).toBe(false);
  expect(queryFlag('connectorsOnly=banana', 'connectorsOnly', true)).toBe(false);
});
