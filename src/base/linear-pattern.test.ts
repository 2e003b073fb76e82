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

test.each([
  ['(.?){1000}'.repeat(100)],
  [`(${'a'.repeat(900)}[)]b){1000}`],
  [`(${'a'.repeat(900)}[^])]b){1000}`],
  [`(${'a'.repeat(900)}\\Q)\\Eb){1000}`],
  [`(${'a'.repeat(900)}\\)b){1000}`],
  [`(${'a'.repeat(900)}[[:alpha:])]b){1000}`],
])('what a pattern repeats is bounded before it is written out: %#', async (pattern) => {
  expect(await matches(pattern, 'orders')).toBe('what it repeats is too much');
});

test('a class without an end is looked through once, however many begin in it', async () => {
  const before = process.threadCpuUsage();
  for (let i = 0; i < 20; i++) expect(await matches('['.repeat(10_000), 'x')).toMatch(/missing closing/);
  // It was more than 5 s, and is 10 ms.
  expect(process.threadCpuUsage(before).user).toBeLessThan(2_000_000);
});

test('patterns that people write are within the limits', async () => {
  const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
  expect(await matches(uuid, '01234567-89ab-cdef-0123-456789abcdef')).toBe(true);
  expect(await matches('(eu|us)-(\\d{4}-\\d{2}-){1,3}[a-z]{1,100}', 'eu-2026-11-orders')).toBe(true);
  const names = Array.from({ length: 200 }, (_, i) => `topic-of-some-length-${i}`).join('|');
  expect(await matches(names, 'topic-of-some-length-77')).toBe(true);
});

test('a pattern has a limit', async () => {
  expect(await matches('(.?){1000}(.?){1000}', 'orders')).toBe('it is more than 5000 instructions');
  expect(await matches('a'.repeat(10_001), 'a')).toBe('it is longer than 10000 characters');
});
