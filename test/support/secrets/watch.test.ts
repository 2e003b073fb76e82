import { spawn, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../millrace.ts';
import { PLANTED } from './end-of-run.ts';
import { FOUND_FILE, secret } from './secret.ts';

/**
 * The watch over all tests finds everything that shows a secret. The run fails at its end for all secrets but
 * those planted here.
 */

const PROGRAM = join(import.meta.dirname, '../../../bin/millrace.mjs');

const found = (kind: string): string[] =>
  (existsSync(FOUND_FILE) ? readFileSync(FOUND_FILE, 'utf8').split('\n') : []).filter((line) =>
    line.startsWith(`${PLANTED}-${kind} in `),
  );

function dataFolder(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-planted-'));
  writeFileSync(join(folder, 'control.db'), '');
  mkdirSync(join(folder, 'clusters', 'orders'), { recursive: true });
  writeFileSync(join(folder, 'clusters', 'orders', 'process.log'), text);
  return folder;
}

test('in a data folder that is removed, also far inside a file and between two reads of it', async () => {
  rmSync(dataFolder(`password=${secret(`${PLANTED}-folder`)}`), { recursive: true });
  expect(found('folder')).toEqual([expect.stringContaining('process.log')]);
  const cut = secret(`${PLANTED}-cut`);
  await rm(dataFolder(`${'x'.repeat(3 * 1024 * 1024 - 10)}${cut}`), { recursive: true });
  expect(found('cut')).toHaveLength(1);
  for (const [index, before] of ['', 'a', 'ab'].entries()) {
    const text = Buffer.from(`${before}${secret(`${PLANTED}-encoded`)}`).toString('base64');
    rmSync(dataFolder(text), { recursive: true });
    expect(found('encoded in base64')).toHaveLength(index + 1);
  }
});

test('in the file of IAM of a broker only where others may read it', () => {
  for (const mode of [0o600, 0o640]) {
    const folder = dataFolder('');
    writeFileSync(join(folder, 'clusters', 'iam.json'), secret(`${PLANTED}-iam`), { mode });
    rmSync(folder, { recursive: true });
    expect(found('iam')).toHaveLength(mode === 0o600 ? 0 : 1);
  }
});

test('in a folder of clients, which have to know their passwords, nothing is looked for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-planted-'));
  writeFileSync(join(folder, 'alice.conf'), secret(`${PLANTED}-client`));
  rmSync(folder, { recursive: true });
  expect(found('client')).toEqual([]);
});

test('in arguments, in an environment and in what a process says, at once or bit by bit', async () => {
  spawnSync(process.execPath, [PROGRAM, secret(`${PLANTED}-words`)]);
  // The watch over processes may have found it as well.
  expect(found('words')).toEqual(
    expect.arrayContaining([
      expect.stringContaining('the arguments of a process'),
      expect.stringContaining('the output'),
    ]),
  );
  const ask = `process.stdin.once('data', () => process.exit())`;
  const script = `${ask}; process.stdout.write('a'); setTimeout(() => process.stdout.write(process.env.SAID), 50)`;
  const env = { ...process.env, SAID: secret(`${PLANTED}-environment`) };
  const child = spawn(process.execPath, ['-e', script, 'dist/main.js'], { env });
  let heard = '';
  child.stdout.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
  });
  await eventually('it was said', () => heard.length > 1);
  await eventually('the process was looked at while it runs', () =>
    found('environment').some((line) => line.includes(`the environment of process ${child.pid}`)),
  );
  child.stdin.write('end');
  expect(found('environment')).toEqual(
    expect.arrayContaining([
      expect.stringContaining('the environment of a process'),
      expect.stringContaining('the output of -e'),
    ]),
  );
});

test('every password of the tests is one of those that are looked for', () => {
  /** Empty or wrong passwords. */
  const NONE = ['', 'wrong', 'SCRAM', 'of nobody', '[hidden]', 'staple'];
  const files = globSync(join(import.meta.dirname, '../../**/*.ts'));
  const unmarked = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\bpasswords?['"]?\s*[:=]\s*'([^']*)'/gi)]
      .filter(([, said = '']) => !NONE.includes(said))
      .map(([text]) => `${relative(import.meta.dirname, file)}: ${text}`),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(unmarked).toEqual([]);
});
