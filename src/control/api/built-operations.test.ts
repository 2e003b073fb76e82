import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BUILT } from './built-operations.ts';
import { DOCUMENTED, MODELLED } from './operations.ts';

const DIFFERENCES = readFileSync(new URL('../../../docs/differences.md', import.meta.url), 'utf8');

test('docs/differences.md lists the operations of MSK that are built', () => {
  const list = /Unimplemented operations [\s\S]* Built: ([\s\S]*?)\.\n\* /.exec(DIFFERENCES)?.[1] ?? '';
  const told = list
    .split(/,\s+/)
    .flatMap((name) => (name.endsWith('(V2)') ? [name.slice(0, -4), name.replace('(V2)', 'V2')] : [name]));
  const built = [...MODELLED, ...DOCUMENTED].map(([name]) => name).filter((name) => BUILT.has(name));
  expect(told.toSorted()).toEqual(built.toSorted());
});
