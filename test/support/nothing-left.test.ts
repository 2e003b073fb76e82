import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { eventually, processesNaming } from './millrace.ts';

/** A test file that cleans up nothing: a folder, a child, and a process of its own that works in the folder. */
const FORGETFUL = `
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
const folder = mkdtempSync(join(tmpdir(), 'millrace-forgotten-'));
const waits = ['-e', 'setInterval(() => {}, 1000)'];
spawn(process.execPath, [...waits, 'server', folder + '/data'], { detached: true, stdio: 'ignore' }).unref();
const child = spawn(process.execPath, waits, { stdio: 'ignore' });
process.stdout.write(JSON.stringify({ folder, pid: child.pid }) + '\\n');
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
    const { folder, pid } = await new Promise<{ folder: string; pid: number }>((resolve) => {
      createInterface({ input: file.stdout }).once('line', (line) => resolve(JSON.parse(line)));
    });
    await eventually('both run', () => isRunning(pid) && processesNaming(folder).length === 1);
    if (by === 'its own end') file.stdin.end('end\n');
    else file.kill(by);
    await eventually('nothing is left', () => !isRunning(pid) && !existsSync(folder));
    expect(processesNaming(folder)).toEqual([]);
  },
);

test('a program that is not there is told to who starts it', async () => {
  const child = spawn('/nowhere/program');
  const error = await new Promise((resolve) => child.once('error', resolve));
  expect(error).toMatchObject({ code: 'ENOENT' });
});
