import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'scripts/needed-tools.mjs');

test('docs/command-line.md is what `node scripts/command-line-page.mjs` writes', () => {
  const page = execFileSync(process.execPath, [join(ROOT, 'scripts/command-line-page.mjs')], {
    encoding: 'utf8',
  });
  expect(readFileSync(join(ROOT, 'docs/command-line.md'), 'utf8')).toBe(page);
});

test('every command can print JSON, but for the scripts of shells', () => {
  const [, ...commands] = readFileSync(join(ROOT, 'docs/command-line.md'), 'utf8').split(/^## /m);
  expect(commands.length).toBeGreaterThan(50);
  const without = commands.filter((text) => !/^ {2}(-\w, )?--json /m.test(text)).map((text) => text.split('\n')[0]);
  expect(without).toEqual(['millrace completion']);
});

/** A run of one file installs nothing that the file does not need; a run of all, everything. */
test.each([
  [['src/base/immutable-map.test.ts'], ''],
  [['src/protocol/conformance.test.ts'], 'kafka-definitions'],
  [['test/aws/api.test.ts:120'], ''],
  [['test/library/running-cluster.test.ts', '-t', 'reset'], ''],
  [['test/clients/python.test.ts'], 'python-clients'],
  [['test/aws/python.test.ts'], 'aws-tools'],
  [['test/clients/go.test.ts'], 'go-clients'],
  [['test/clients/round-trip.test.ts'], 'kafka-tools kcat'],
  [['--project', 'sim'], ''],
  [['--project', 'unit'], 'kafka-definitions'],
  [
    [],
    'kafka-tools kafka-connect kafka-definitions kcat nft python-clients aws-tools go-clients test-runners',
  ],
  [
    ['-t', 'a name that no file has'],
    'kafka-tools kafka-connect kafka-definitions kcat nft python-clients aws-tools go-clients test-runners',
  ],
])('%j needs "%s"', (args, tools) => {
  expect(execFileSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' }).trim()).toBe(tools);
});
