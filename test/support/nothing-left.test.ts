import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { eventually, processesNaming } from './millrace.ts';

/** A test file that cleans up nothing: a folder, children, and a process of its own that works in the folder. */
const FORGETFUL = `
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
const folder = mkdtempSync(join(tmpdir(), 'millrace-forgotten-'));
const waits = ['-e', 'setInterval(() => {}, 1000)'];
spawn(process.execPath, [...waits, 'server', folder + '/data'], { detached: true, stdio: 'ignore' }).unref();
const promised = promisify(execFile)(process.execPath, waits);
promised.catch(() => {});
const children = [spawn(process.execPath, waits, { stdio: 'ignore' }), execFile(process.execPath, waits), promised.child];
process.stdout.write(JSON.stringify({ folder, pids: children.map(({ pid }) => pid) }) + '\\n');
process.stdin.once('data', () => process.exit(0)).resume();
`;

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.for(['its own end', 'SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'a test file that cleans up nothing leaves nothing, when it is ended by %s',
  async (by) => {
    const script = join(mkdtempSync(join(tmpdir(), 'millrace-forgetful-')), 'file.ts');
    writeFileSync(script, FORGETFUL);
    const args = ['--import', join(import.meta.dirname, 'nothing-left.ts'), script];
    const file = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const { folder, pids } = await new Promise<{ folder: string; pids: number[] }>((resolve) => {
      createInterface({ input: file.stdout }).once('line', (line) => resolve(JSON.parse(line)));
    });
    await eventually('all run', () => pids.every(isRunning) && processesNaming(folder).length === 1);
    if (by === 'its own end') file.stdin.end('end\n');
    else file.kill(by);
    await eventually('nothing is left', () => !pids.some(isRunning) && !existsSync(folder));
    expect(processesNaming(folder)).toEqual([]);
  },
);

test('a program that is not there is told to who starts it', async () => {
  const child = spawn('/nowhere/program');
  const error = await new Promise((resolve) => child.once('error', resolve));
  expect(error).toMatchObject({ code: 'ENOENT' });
});
