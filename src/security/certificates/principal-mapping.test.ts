import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { principalMapping } from './principal-mapping.ts';

interface Row {
  readonly rules: string;
  readonly name: string;
  readonly is?: string;
  /**
   * `invalid`: Kafka does not start with these rules; `none`: no rule is for the name; `throws`: Kafka fails
   * at this name.
   */
  readonly fails?: 'invalid' | 'none' | 'throws';
}

/** Written by scripts/principal-mapping.ts: what Kafka's SslPrincipalMapper makes of rules and names. */
const ROWS: readonly Row[] = JSON.parse(
  readFileSync(join(import.meta.dirname, 'principal-mapping.vector.json'), 'utf8'),
);

async function ours({ rules, name }: Row): Promise<Pick<Row, 'is' | 'fails'>> {
  const mapping = await principalMapping(rules);
  if ('error' in mapping) return { fails: 'invalid' };
  const is = mapping.nameOf(name);
  return is === null ? { fails: 'none' } : { is };
}

describe('names of principals by ssl.principal.mapping.rules', () => {
  test('are what Kafka makes of them', async () => {
    // Rules that throw at a name that they are for are refused here before any client comes.
    const throwing = new Set(ROWS.filter(({ fails }) => fails === 'throws').map(({ rules }) => rules));
    expect(throwing.size).toBeGreaterThan(0);
    for (const rules of throwing) expect(await principalMapping(rules)).toHaveProperty('error');
    const wrong: unknown[] = [];
    for (const row of ROWS.filter(({ rules }) => !throwing.has(rules))) {
      const answer = await ours(row);
      if (answer.is !== row.is || answer.fails !== row.fails) wrong.push({ ...row, ours: answer });
    }
    expect(wrong).toEqual([]);
  });

  test('take linear time, whatever the pattern', async () => {
    const mapping = await principalMapping('RULE:^CN=(a+)+b$/$1/,DEFAULT');
    if ('error' in mapping) throw new Error(mapping.error);
    const name = `CN=${'a'.repeat(100_000)}c`;
    expect(mapping.nameOf(name)).toBe(name);
  });

  test.each([
    ['RULE:^CN=(?=a).*$/x/', 'the pattern ^CN=(?=a).*$: '],
    ['RULE:^CN=(.*)$/$1', 'invalid rule: RULE:^CN=(.*)$/$1'],
    ['RULE:.*/$/', 'the replacement $: a $ without the number of a group'],
    [`${'DEFAULT,'.repeat(101)}`, 'there are more than 100 rules'],
  ])('%s is refused in a sentence', async (rules, sentence) => {
    expect(await principalMapping(rules)).toEqual({ error: expect.stringContaining(sentence) });
  });
});
