import { expect, test } from 'vitest';
import { linearPattern } from './linear-pattern.ts';

async function matches(pattern: string, text: string): Promise<boolean | string> {
  const compiled = await linearPattern(pattern);
  return 'error' in compiled ? compiled.error : compiled.matches(text);
}

test('a pattern describes the whole text', async () => {
  expect(await matches('order', 'orders')).toBe(false);
  expect(await matches('order.*', 'orders')).toBe(true);
  expect(await matches('a|ab', 'ab')).toBe(true);
  expect(await matches('\\pL+', 'größe')).toBe(true);
});

test('what RE2 does not know is an error, as in Kafka', async () => {
  expect(await matches('(unclosed', 'x')).toMatch(/missing/);
  expect(await matches('(a)\\1', 'aa')).toMatch(/escape/);
  expect(await matches('(?=a)', 'a')).toMatch(/syntax|perl/);
  expect(await matches('(((a{100}){100}){100}){100}', 'a')).toMatch(/repe/);
});

test('no pattern takes more than linear time', async () => {
  expect(await matches('(a+)+b', `${'a'.repeat(100_000)}c`)).toBe(false);
});

test('a pattern has a limit', async () => {
  expect(await matches('a'.repeat(10_001), 'a')).toBe('it is longer than 10000 characters');
});
