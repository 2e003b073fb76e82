import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SETUP = join(import.meta.dirname, 'synchronous-limit.ts');

/** Runs a program with the setup of test files and a limit of its own; what it prints. */
function printed(program: string, limitMs: number): string {
  return execFileSync(process.execPath, ['--import', SETUP, '--input-type=module', '-e', program], {
    env: { ...process.env, MILLRACE_TEST_SYNCHRONOUS_MS: String(limitMs) },
    encoding: 'utf8',
  });
}

const HANGS = `import { execFileSync, spawnSync } from 'node:child_process';
const hangs = ['-e', 'setInterval(() => {}, 1000)'];`;

test.each([
  ['spawnSync, without options', 'spawnSync(process.execPath, hangs).error'],
  ['spawnSync, with options', "spawnSync(process.execPath, hangs, { encoding: 'utf8' }).error"],
  [
    'execFileSync',
    '(() => { try { execFileSync(process.execPath, hangs); } catch (error) { return error; } })()',
  ],
])('a program that hangs is ended: %s', (_, call) => {
  expect(printed(`${HANGS} process.stdout.write(${call}.code);`, 500)).toBe('ETIMEDOUT');
});

test('what ends by itself, and a limit of its own, are as without it', () => {
  expect(spawnSync('echo', ['a'], { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: 'a\n' });
  expect(spawnSync('true')).toMatchObject({ status: 0, signal: null });
  const own = `${HANGS} process.stdout.write(spawnSync(process.execPath, hangs, { timeout: 300 }).error.code);`;
  expect(printed(own, 3_600_000)).toBe('ETIMEDOUT');
});
