import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort, freePorts } from '../../../test/support/free-port.ts';
import { run } from '../run.ts';
import { clockFinding } from './checks/clock-check.ts';
import { connectFinding } from './checks/connect-check.ts';
import { diskSpaceFinding, diskSpeedFinding, fileSystemFinding, speedFinding } from './checks/disk-check.ts';
import { folderFinding } from './checks/folder-check.ts';
import { localhostFinding } from './checks/localhost-check.ts';
import { memoryFinding } from './checks/memory-check.ts';
import { nodeFinding } from './checks/node-check.ts';
import { openFilesFinding } from './checks/open-files-check.ts';
import { doctor } from './doctor.ts';
import { examine } from './examine.ts';
import { redacted } from './redact.ts';

const GB = 1024 ** 3;
const SECRETS = ['hunter2', 's3cr3t', 'topsecret', 'MIIEvQ'];

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  ['Windows', nodeFinding({ version: '24.0.0', platform: 'win32', arch: 'x64' }), 'error'],
  ['macOS', nodeFinding({ version: '24.0.0', platform: 'darwin', arch: 'arm64' }), 'note'],
  ['64 open files', openFilesFinding(64), 'error'],
  ['256 open files', openFilesFinding(256), 'warning'],
  ['4096 open files', openFilesFinding(4096), 'ok'],
  ['little memory', memoryFinding({ availableBytes: 500 * 1024 ** 2, processes: 5 }), 'warning'],
  ['no memory', memoryFinding({ availableBytes: 100 * 1024 ** 2, processes: 5 }), 'error'],
  [
    'a disk that is 80 % full',
    diskSpaceFinding({ totalBytes: 100 * GB, freeBytes: 20 * GB, type: 0 }),
    'warning',
  ],
  [
    'a disk that is 95 % full',
    diskSpaceFinding({ totalBytes: 100 * GB, freeBytes: 5 * GB, type: 0 }),
    'error',
  ],
  ['a very small disk', diskSpaceFinding({ totalBytes: GB, freeBytes: GB / 2, type: 0 }), 'error'],
  ['NFS', fileSystemFinding({ type: 0x6969 }), 'warning'],
  ['memory for a disk', fileSystemFinding({ type: 0x01021994 }), 'note'],
  ['a slow disk', speedFinding(200), 'warning'],
  ['localhost that is ::1 alone', localhostFinding(['::1']), 'warning'],
  ['localhost that is ::1 first', localhostFinding(['::1', '127.0.0.1']), 'note'],
  ['localhost that is nothing', localhostFinding([]), 'warning'],
  ['a clock of 1970', clockFinding({ now: 5000, lastWriteAt: null, isSynchronised: null }), 'error'],
  [
    'a clock that nobody sets',
    clockFinding({ now: Date.now(), lastWriteAt: null, isSynchronised: false }),
    'warning',
  ],
  [
    'a clock that was set back',
    clockFinding({ now: Date.now(), lastWriteAt: Date.now() + 1e6, isSynchronised: true }),
    'error',
  ],
  [
    'no Java, and nobody wants connectors',
    connectFinding({ missing: 'It needs Java 17: install it.' }, false),
    'note',
  ],
  ['no Java', connectFinding({ missing: 'It needs Java 17: install it.' }, true), 'error'],
])('%s', (_, { level, found, advice }, expected) => {
  expect(level).toBe(expected);
  expect(found).toMatch(/^[A-Z].*\.$/);
  if (level === 'ok') expect(advice).toBeNull();
  else expect(advice).toMatch(/[.]$/);
});

describe('the data folder', () => {
  test('that is not there yet, is a file, cannot be made, or has files of another user', () => {
    const uid = process.getuid?.() ?? 0;
    expect(folderFinding(join(folder, 'a/b'), uid).level).toBe('ok');
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(folderFinding(file, uid)).toMatchObject({ level: 'error', found: `${file} is a file.` });
    expect(folderFinding(folder, uid).level).toBe('ok');
    expect(folderFinding(folder, uid + 1)).toMatchObject({
      level: 'error',
      advice: expect.stringContaining('chown'),
    });
    if (uid !== 0) return;
    chownSync(file, 12_345, 12_345);
    expect(folderFinding(folder, 0).found).toBe(
      `${file} belongs to another user, a first start with sudo mostly.`,
    );
  });

  test('in which nothing can be written', () => {
    expect(diskSpeedFinding('/proc')).toMatchObject({
      level: 'error',
      advice: expect.stringContaining('--data'),
    });
    expect(diskSpeedFinding(folder).level).not.toBe('error');
  });
});

interface Answer {
  readonly exit: number;
  readonly lines: string[];
}

/** The command on a data folder with one cluster of one broker, which listens on these ports. */
async function millrace(ports: { port: number; kafkaPort: number }, ...args: string[]): Promise<Answer> {
  const node = join(folder, 'broker-1');
  mkdirSync(node, { recursive: true });
  const files = {
    cluster: 'demo',
    node: 'broker-1',
    log: join(node, 'process.log'),
    config: join(node, 'process.json'),
  };
  const options = { listeners: [{ port: ports.kafkaPort }], config: { 'ssl.keystore.password': SECRETS[0] } };
  writeFileSync(files.config, JSON.stringify({ kind: 'broker', options }));
  writeFileSync(files.log, `a line\nsasl.jaas.config=Module required password="${SECRETS[1]}";\n`);
  writeFileSync(join(folder, 'millrace.log'), `{"msg":"secretToken: ${SECRETS[2]}"}\n`);
  const command = doctor({
    version: '1.2.3',
    openFiles: 4096,
    nodeFiles: () => [files],
    findConnect: async () => ({ missing: 'It is not there: install it.' }),
  });
  const lines: string[] = [];
  const program = { version: '1', commands: [{ ...command, load: async () => command }] };
  const exit = await run(program, ['doctor', '--data', folder, '--port', String(ports.port), ...args], {
    line: (text) => void lines.push(text),
    complain: (text) => void lines.push(text),
    onUnheard() {},
  });
  return { exit, lines };
}

describe('millrace doctor', () => {
  test('a port of a cluster that another process has is an error that names both', async () => {
    const kafkaPort = await freePorts();
    const ports = { port: await freePort(), kafkaPort };
    const intruder = createServer();
    await new Promise<void>((done) => intruder.listen(kafkaPort, '127.0.0.1', done));
    try {
      const { exit, lines } = await millrace(ports, '--json');
      expect(exit).toBe(5);
      const { ok, findings } = JSON.parse(lines.join(''));
      expect(ok).toBe(false);
      expect(findings).toContainEqual({
        check: 'ports',
        level: 'error',
        found: expect.stringMatching(
          new RegExp(
            `^Port ${kafkaPort}, for broker-1 of demo, is in use by another process( \\(.+, ${process.pid}\\))?\\.$`,
          ),
        ),
        advice: 'End that process, or choose another port with --kafka-port.',
      });
    } finally {
      await new Promise((done) => intruder.close(done));
    }
  });

  test('a clock that was set back is seen by the files of the data folder', async () => {
    const ports = { port: await freePort(), kafkaPort: await freePorts() };
    await millrace(ports);
    utimesSync(join(folder, 'millrace.log'), new Date(), new Date(Date.now() + 3_600_000));
    const machine = {
      version: '1',
      openFiles: 4096,
      nodeFiles: () => [],
      findConnect: async () => ({ missing: 'a: b.' }),
    };
    const findings = await examine(machine, folder, { ...ports, kafkaHome: undefined });
    expect(findings.find(({ check }) => check === 'clock')).toMatchObject({ level: 'error' });
  });

  test('its bundle is an archive with everything but secrets', async () => {
    const ports = { port: await freePort(), kafkaPort: await freePorts() };
    const bundle = join(folder, 'report.tar.gz');
    const { lines } = await millrace(ports, '--bundle', bundle);
    expect(lines.at(-1)).toMatch(/can be attached to a report/);
    const tar = (...args: string[]): string =>
      execFileSync('tar', [...args, '-zf', bundle], { encoding: 'utf8' });
    expect(tar('-t').trim().split('\n').sort()).toEqual([
      'millrace-report/configs/demo/broker-1.json',
      'millrace-report/findings.json',
      'millrace-report/logs/demo/broker-1.log',
      'millrace-report/logs/server.log',
      'millrace-report/machine.json',
      'millrace-report/status.json',
    ]);
    const all = tar('-x', '-O');
    expect(all).toContain('a line\n');
    expect(all).toContain('"millrace": "1.2.3"');
    for (const secret of SECRETS) expect(all).not.toContain(secret);
    expect(readFileSync(bundle).length).toBeGreaterThan(100);
  });
});

test.each([
  ['{"password": "hunter2", "user": "a"}', '{"password": "(removed)", "user": "a"}'],
  [String.raw`{"ssl.key.password":"a\"b","x":1}`, '{"ssl.key.password":"(removed)","x":1}'],
  ['ssl.keystore.password=hunter2', 'ssl.keystore.password=(removed)'],
  ['Module required password="hunter2";', 'Module required password=(removed);'],
  [String.raw`{"msg":"a password=\"hunter2\" b"}`, '{"msg":"a password=(removed) b"}'],
  ['{"api.key":"hunter2","x":1}', '{"api.key":"(removed)","x":1}'],
  ['basic.auth.user.info=ann:hunter2', 'basic.auth.user.info=(removed)'],
  ['SecretString: hunter2, Name: b', 'SecretString: (removed), Name: b'],
  ['https://user:hunter2@host/path', 'https://user:(removed)@host/path'],
  ['-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----', '(removed)'],
  ['{"peerSecretFile": "/data/peer-secret"}', '{"peerSecretFile": "/data/peer-secret"}'],
  ['{"authorization":"AWS4-HMAC-SHA256 Credential=a"}', '{"authorization":"(removed)"}'],
])('%s becomes %s', (text, expected) => {
  expect(redacted(text)).toBe(expected);
});
