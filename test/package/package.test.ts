import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../support/free-port.ts';
import { run } from '../support/kafka-tools.ts';

const ROOT = join(import.meta.dirname, '../..');
const ENVIRONMENT = { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) };

const MEGABYTE = 1024 * 1024;

/** Without a network npm tries again and again, in hundreds of requests. */
const NPM_MS = 480_000;

interface Lock {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

let folder: string;

/**
 * `npm pack`, and the package installed into an empty folder, as a user has it. What it depends on has the
 * versions that the tests run with, so npm needs no registry for what it has fetched before.
 */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-package-'));
  await npm(ROOT, 'pack', '--pack-destination', folder);
  const [archive = ''] = readdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'package-lock.json'), lockOfDependencies());
  await npm(folder, 'install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, archive));
});

async function npm(cwd: string, ...args: string[]): Promise<void> {
  const { status, stdout, stderr } = await run('npm', args, { cwd, env: ENVIRONMENT, timeoutMs: NPM_MS });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
}

/** The project's lock without the project, and without what only its development needs. */
function lockOfDependencies(): string {
  const { lockfileVersion, packages }: Lock = JSON.parse(
    readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
  );
  const dependencies = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev);
  return JSON.stringify({ lockfileVersion, packages: { '': {}, ...Object.fromEntries(dependencies) } });
}

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('`millrace up` of the package makes its cluster and stops at Ctrl-C', async () => {
  const child = spawn(
    process.execPath,
    [
      join(folder, 'node_modules/.bin/millrace'),
      'up',
      ...['--json', '--brokers', '1', '--port', '0', '--kafka-port', String(await freePorts())],
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise((done) => child.once('exit', done));
  const events: { event: string; clusters?: unknown }[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    events.push(JSON.parse(line));
    if (events.at(-1)?.event === 'ready') child.kill('SIGINT');
  }
  expect(await ended).toBe(0);
  const ready = events.find(({ event }) => event === 'ready');
  expect(ready).toMatchObject({ api: expect.stringMatching(/^http:/), clusters: [{ name: 'demo' }] });
  expect(events.at(-1)).toEqual({ event: 'stopped' });
  expect(readdirSync(folder)).toContain('millrace-data');
});

test('it is small enough for the tests of an application', () => {
  const [archive = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  expect(statSync(join(folder, archive)).size).toBeLessThan(MEGABYTE);
  const files = readdirSync(join(folder, 'node_modules'), { recursive: true, withFileTypes: true });
  const bytes = files
    .filter((file) => file.isFile())
    .map((file) => statSync(join(file.parentPath, file.name)).size)
    .reduce((sum, size) => sum + size, 0);
  expect(bytes).toBeLessThan(20 * MEGABYTE);
});

test('it can be imported, with its types', () => {
  const program = 'const { startCluster } = await import("millrace"); console.log(typeof startCluster)';
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(printed).toBe('function\n');
  expect(readdirSync(join(folder, 'node_modules/millrace/dist'))).toContain('index.d.ts');
});

test('it can be required', () => {
  const program = 'const { startCluster } = require("millrace"); console.log(typeof startCluster)';
  const printed = execFileSync(process.execPath, ['--input-type=commonjs', '-e', program], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(printed).toBe('function\n');
});

test('a broker loads some forty files of it, where src has more than six hundred', () => {
  const chunks = join(folder, 'node_modules/millrace/dist/chunks');
  const loaded = new Set(['broker.js', 'node-process.js', 'node-world.js']);
  for (const name of loaded) {
    const text = readFileSync(join(chunks, name), 'utf8');
    for (const [, other = ''] of text.matchAll(/^import [^;]*"\.\/([^"]+)";$/gm)) loaded.add(other);
  }
  expect(loaded.size).toBeGreaterThan(20);
  expect(loaded.size).toBeLessThan(60);
});

test('nothing of it is compiled at install, and no test is in it', () => {
  const files = readdirSync(join(folder, 'node_modules/millrace'), { recursive: true, encoding: 'utf8' });
  expect(
    files.filter(
      (name) => /\.test\.|(^|\/)testing\/|binding\.gyp|\.c?ts$/.test(name) && !/\.d\.c?ts$/.test(name),
    ),
  ).toEqual([]);
});
