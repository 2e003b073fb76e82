import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { eventually, processesNaming } from './millrace.ts';

/**
 * A program like those of the tests: it starts another program, and registers a Millrace whose processes are
 * not its children.
 */
const PROGRAM = `
import { spawn } from 'node:child_process';
import { endsWithThis, folderEndsWithThis } from ${JSON.stringify(join(import.meta.dirname, 'ends-with-this.ts'))};
const [data] = process.argv.slice(2);
const waits = ['-e', 'setInterval(() => {}, 1000)'];
folderEndsWithThis(data);
spawn(process.execPath, [...waits, 'worker', data + '/connect'], { detached: true, stdio: 'ignore' }).unref();
const child = endsWithThis(spawn(process.execPath, [...waits, 'another'], { stdio: 'ignore' }));
process.stdout.write(child.pid + '\\n');
`;

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.for(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'a program that is ended by %s leaves nothing running, and no folder',
  async (signal) => {
    const data = mkdtempSync(join(tmpdir(), 'millrace-left-'));
    const script = join(data, 'program.ts');
    writeFileSync(script, PROGRAM);
    const program = spawn(process.execPath, [script, data], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => {
      createInterface({ input: program.stdout }).once('line', (line) => resolve(Number(line)));
    });
    await eventually('both run', () => isRunning(pid) && processesNaming(data).length === 2);
    program.kill(signal);
    await eventually('nothing is left', () => !isRunning(pid) && !existsSync(data));
    expect(processesNaming(data)).toEqual([]);
  },
);
