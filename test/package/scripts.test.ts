import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
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
  const without = commands
    .filter((text) => !/^ {2}(-\w, )?--json /m.test(text))
    .map((text) => text.split('\n')[0]);
  expect(without).toEqual(['millrace completion']);
});

test('a command that a page or a message names is there, with the options that it is named with', () => {
  const page = readFileSync(join(ROOT, 'docs/command-line.md'), 'utf8');
  const options = new Map(
    page
      .split(/^## millrace /m)
      .slice(1)
      .map((text) => [
        text.split('\n')[0] ?? '',
        new Set([...text.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)].map(([, name]) => name)),
      ]),
  );
  const rooms = new Set([...options.keys()].map((name) => name.split(' ')[0]));
  const files = ['README.md', 'SECURITY.md', ...under('docs'), ...under('deploy'), ...under('src')].filter(
    (file) => /\.(md|ts|ya?ml|service)$/.test(file) && !/command-line\.md$|\.test\.ts$/.test(file),
  );
  const wrong: string[] = [];
  let seen = 0;
  for (const file of files)
    for (const [, typed = ''] of readFileSync(join(ROOT, file), 'utf8').matchAll(NAMED_COMMAND)) {
      seen++;
      const words = typed.trim().split(/\s+/);
      const name = [3, 2, 1].map((depth) => words.slice(0, depth).join(' ')).find((one) => options.has(one));
      const isOfAll = /^(help|--?\w+)$/.test(words[0] ?? '') || (words.length === 1 && rooms.has(words[0]));
      if (name === undefined && !isOfAll) wrong.push(`${file}: millrace ${typed}`);
      for (const word of words) {
        const option = /^--([\w-]+)/.exec(word)?.[1];
        if (
          name !== undefined &&
          option !== undefined &&
          option !== 'help' &&
          !options.get(name)?.has(option)
        )
          wrong.push(`${file}: millrace ${name} has no --${option}`);
      }
    }
  expect(wrong).toEqual([]);
  expect(seen).toBeGreaterThan(100);
});

/** The word after `millrace` in code, quotes and lines of a session. */
const NAMED_COMMAND = /(?:`|"|\$ |^|npx |-- |&& )millrace (?:-- )?([a-z-][^`"\n|#;)]*)/gm;

function under(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
    join(folder, name),
  );
}

/** A run of one file installs only what the file needs; a run of all files installs everything. */
test.each([
  [['src/base/immutable-map.test.ts'], ''],
  [['src/protocol/conformance.test.ts'], 'kafka-definitions'],
  [['test/aws/http.test.ts:120'], ''],
  [['test/library/running-cluster.test.ts', '-t', 'reset'], ''],
  [['test/clients/python.test.ts'], 'python-clients'],
  [['test/aws/python.test.ts'], 'aws-tools'],
  [['test/clients/go.test.ts'], 'go-clients'],
  [['test/clients/round-trip.test.ts'], 'kafka-tools kcat'],
  [['--project', 'sim'], ''],
  [['--project', 'unit'], 'kafka-connect kafka-definitions shells'],
  [['src/cli/completion'], 'shells'],
  [
    [],
    'kafka-tools kafka-connect kafka-tests kafka-definitions kcat nft shells python-clients aws-tools iam-clients go-clients test-runners',
  ],
  [
    ['-t', 'a name that no file has'],
    'kafka-tools kafka-connect kafka-tests kafka-definitions kcat nft shells python-clients aws-tools iam-clients go-clients test-runners',
  ],
])('%j needs "%s"', (args, tools) => {
  expect(execFileSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' }).trim()).toBe(tools);
});
