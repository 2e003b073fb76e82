import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SmallDisk } from '../faults/small-disk.ts';
import { freePort, freePorts } from '../support/free-port.ts';

/** `millrace doctor` as a user starts it, on this machine, with one fault after the other. */

const PROGRAM = join(import.meta.dirname, '../../bin/millrace.mjs');

let data: string;
let ports: string[];

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'millrace-doctor-'));
  ports = ['--port', String(await freePort()), '--kafka-port', String(await freePorts())];
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

interface Report {
  readonly ok: boolean;
  readonly findings: readonly { readonly check: string; readonly level: string; readonly found: string }[];
}

/** The command's findings and its exit status. `before`: shell commands that run first. */
async function doctor({
  before = ':',
  words = [],
  environment = {},
}: {
  readonly before?: string;
  readonly words?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
} = {}): Promise<Report & { readonly status: number | null }> {
  const args = [process.execPath, PROGRAM, 'doctor', '--json', '--data', data, ...ports, ...words];
  // This process may hold a port that the command probes, so it must not block.
  const child = spawn('sh', ['-c', `${before}; exec "$@"`, 'sh', ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const status = await new Promise<number | null>((done) => child.once('close', done));
  const report: Report = JSON.parse(printed);
  return { ...report, status };
}

function levelOf({ findings }: Report, check: string): string | undefined {
  return findings.find((one) => one.check === check)?.level;
}

test('without a fault of ours, the checks that this test breaks are well', async () => {
  const report = await doctor();
  for (const check of ['open files', 'data folder', 'ports', 'disk speed', 'clock'])
    expect(levelOf(report, check), JSON.stringify(report)).not.toBe('error');
});

test('a limit of 64 open files', async () => {
  const report = await doctor({ before: 'ulimit -n 64' });
  expect(report).toMatchObject({ ok: false, status: 5 });
  expect(report.findings).toContainEqual(
    expect.objectContaining({
      check: 'open files',
      level: 'error',
      found: 'A process may have 64 files and connections open.',
    }),
  );
});

test('a port of the API that another process has', async () => {
  const [, port = ''] = ports;
  const intruder = createServer();
  await new Promise<void>((done) => intruder.listen(Number(port), '127.0.0.1', done));
  try {
    const report = await doctor();
    expect(report).toMatchObject({ ok: false, status: 5 });
    expect(report.findings).toContainEqual(
      expect.objectContaining({
        check: 'ports',
        level: 'error',
        found: expect.stringContaining(`Port ${port}, for the API, is in use by`),
      }),
    );
  } finally {
    await new Promise((done) => intruder.close(done));
  }
});

test('a clock that was set back since the last start', async () => {
  const log = join(data, 'millrace.log');
  writeFileSync(log, '');
  utimesSync(log, new Date(), new Date(Date.now() + 3_600_000));
  const report = await doctor();
  expect(report).toMatchObject({ ok: false, status: 5 });
  expect(levelOf(report, 'clock')).toBe('error');
});

test('a Java that is too old, where connectors are wanted', async () => {
  const home = join(data, 'kafka');
  mkdirSync(join(home, 'libs'), { recursive: true });
  for (const jar of ['connect-runtime-3.7.2.jar', 'connect-basic-auth-extension-3.7.2.jar'])
    writeFileSync(join(home, 'libs', jar), '');
  mkdirSync(join(data, 'java/bin'), { recursive: true });
  writeFileSync(join(data, 'java/bin/java'), '#!/bin/sh\necho \'openjdk version "11.0.2"\' >&2\n', {
    mode: 0o755,
  });
  const report = await doctor({
    words: ['--kafka-home', home],
    environment: { JAVA_HOME: join(data, 'java') },
  });
  expect(report).toMatchObject({ ok: false, status: 5 });
  expect(levelOf(report, 'Kafka Connect')).toBe('error');
  expect(JSON.stringify(report.findings)).toContain('11.0.2');
});

test('a data folder that is a file', async () => {
  rmSync(data, { recursive: true });
  writeFileSync(data, '');
  const report = await doctor();
  expect(report).toMatchObject({ ok: false, status: 5 });
  expect(levelOf(report, 'data folder')).toBe('error');
});

// Only root can mount a file system.
if (process.getuid?.() === 0)
  test('a disk that is full', async () => {
    const disk = SmallDisk.under(data, 8);
    try {
      await disk.fill();
      const report = await doctor();
      expect(report).toMatchObject({ ok: false, status: 5 });
      expect(levelOf(report, 'disk space')).toBe('error');
    } finally {
      disk.remove();
    }
  });

test('colours are for terminals, unless NO_COLOR is set', () => {
  // If CI is set, Node shows colours only in the logs of some CI systems.
  const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...environment } = process.env;
  const command = `'${process.execPath}' '${PROGRAM}' doctor --data '${data}' ${ports.join(' ')}`;
  const printed = (shell: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    spawnSync(shell[0] ?? '', shell.slice(1), {
      encoding: 'utf8',
      env: { ...environment, TERM: 'xterm-256color', ...more },
    }).stdout;
  const isColoured = (text: string) => text.includes('\x1b[');
  expect(isColoured(printed(['sh', '-c', command]))).toBe(false);
  // script(1) of util-linux gives it a terminal.
  if (spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux')) {
    const onTerminal = ['script', '--quiet', '--command', command, '/dev/null'];
    expect(isColoured(printed(onTerminal))).toBe(true);
    expect(isColoured(printed(onTerminal, { NO_COLOR: '1' }))).toBe(false);
  }
});
