import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const LIBRARY = JSON.stringify(join(import.meta.dirname, '../../src/index.ts'));
const run = promisify(execFile);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-forgotten-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program with a temporary folder of its own; a run that hangs is ended, and fails. */
async function node(program: string, timeout = 60_000): Promise<{ stdout: string; stderr: string }> {
  const file = join(folder, 'program.test.mjs');
  writeFileSync(file, program);
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST') && name !== 'NODE_OPTIONS'),
  );
  return run(process.execPath, [file], { env: { ...environment, TMPDIR: folder }, timeout });
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
  await expect(
    node(
      `
      import { startCluster } from ${LIBRARY};
      await startCluster();
      console.log('started');
      process.on('exit', () => console.log('ended by itself'));
    `,
      8_000,
    ),
  ).rejects.toMatchObject({
    killed: true,
    stdout: 'started\n',
    stderr: expect.not.stringContaining('millrace:'),
  });
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
