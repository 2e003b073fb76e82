import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const LIBRARY = JSON.stringify(join(import.meta.dirname, '../../src/index.ts'));
const run = promisify(execFile);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-forgotten-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The environment without the variables that Vitest sets for this run. */
function environment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_OPTIONS$|NODE_ENV$)/.test(name),
  );
  return { ...Object.fromEntries(entries), TMPDIR: folder };
}

/** Runs a program with its own temporary folder; a run that hangs is ended and fails. */
async function node(program: string, timeout = 300_000): Promise<{ stdout: string; stderr: string }> {
  const file = join(folder, 'program.test.mjs');
  writeFileSync(file, program);
  return run(process.execPath, [file], { env: environment(), timeout });
}

test('a cluster that nobody stopped does not hang node:test: it is named, stopped, and its folder removed', async () => {
  const { stdout, stderr } = await node(`
    import { test } from 'node:test';
    import { startCluster } from ${LIBRARY};
    test('forgets its cluster', async () => { await startCluster(); });
    test('waits for something else afterwards', async () => { await new Promise((done) => setTimeout(done, 50)); });
  `);
  expect(stdout).toMatch(/pass 2/);
  expect(stderr).toMatch(
    /millrace: a cluster was not stopped, started at .*program\.test\.mjs:4.*: call its stop\(\) when the tests are over\./,
  );
  expect(readdirSync(folder)).toEqual(['program.test.mjs']);
});

test('a program that starts a cluster to have it is kept alive by it', async () => {
  const file = join(folder, 'program.mjs');
  writeFileSync(
    file,
    `
      import { startCluster } from ${LIBRARY};
      await startCluster();
      process.once('beforeExit', () => setTimeout(() => console.log('lives on'), 500).unref());
      process.on('exit', () => console.log('ended by itself'));
    `,
  );
  const child = spawn(process.execPath, [file], { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
  const printed: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    printed.push(line);
    child.kill('SIGKILL');
  }
  expect(printed).toEqual(['lives on']);
});

test('a program that lived for its cluster ends when that is stopped', async () => {
  const { stdout } = await node(`
    import { startCluster } from ${LIBRARY};
    const cluster = await startCluster();
    process.once('beforeExit', () => setTimeout(() => cluster.stop().then(() => console.log('stopped')), 500).unref());
  `);
  expect(stdout).toBe('stopped\n');
});

test('a cluster that was stopped keeps nothing alive', async () => {
  const { stdout } = await node(`
    import { startCluster } from ${LIBRARY};
    const cluster = await startCluster();
    await cluster.stop();
    console.log('stopped');
  `);
  expect(stdout).toBe('stopped\n');
});
