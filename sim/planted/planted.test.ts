import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { expect, test } from 'vitest';
import { PLANTED_BUGS } from './bugs.ts';
import { PlantedCopy, plantedSource } from './planted-copy.ts';

/** Compiles modules without running them, and prints those that do not compile. */
const COMPILE = `
const { SourceTextModule } = require('node:vm');
for (const [name, source] of JSON.parse(require('node:fs').readFileSync(0, 'utf8'))) {
  try { new SourceTextModule(source); } catch (error) { console.log(name + ': ' + error.message); }
}`;

test.each(PLANTED_BUGS)('$name: can be planted, and its tests are there', (bug) => {
  expect(plantedSource(bug)).not.toBe('');
  expect(bug.caughtBy.filter((file) => !existsSync(file))).toEqual([]);
});

test('each compiles: a test that fails for the sake of its syntax has noticed nothing', () => {
  const sources = PLANTED_BUGS.map((bug) => [bug.name, stripTypeScriptTypes(plantedSource(bug))]);
  const compiled = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', '--no-warnings', '-e', COMPILE],
    { input: JSON.stringify(sources), encoding: 'utf8' },
  );
  expect([compiled.status, compiled.stdout, compiled.stderr]).toEqual([0, '', '']);
});

test('there are at least twenty, each under its own name', () => {
  expect(new Set(PLANTED_BUGS.map(({ name }) => name)).size).toBe(PLANTED_BUGS.length);
  expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(20);
});

test('some are planted here and caught; the same tests pass without them', async () => {
  const copy = new PlantedCopy();
  try {
    for (const bug of PLANTED_BUGS.filter(({ caughtBy }) => caughtBy[0]?.endsWith('isr-rules.test.ts'))) {
      const [file = ''] = bug.caughtBy;
      copy.plant(bug);
      expect((await copy.test(file)).failed, bug.name).toBe(true);
      copy.mend(bug);
    }
    expect((await copy.test('src/replication/isr-rules.test.ts')).failed).toBe(false);
  } finally {
    copy.remove();
  }
});
