import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect as connectPlainly, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectSecurely } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silent } from '../../src/base/log.ts';
import { KafkaConnection } from '../../src/client/connection.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { unregisterBroker } from '../../src/protocol/messages/64-unregister-broker.ts';
import { answered } from '../support/answered.ts';
import { freePort, freePorts } from '../support/free-port.ts';
import { eventually, Millrace, processesOf } from '../support/millrace.ts';
import { secret } from '../support/secrets/secret.ts';

/** What another user of the machine can reach of a running installation with TLS and SCRAM. */

const world = nodeWorld(silent);
/** The uid of nobody on every system that has setpriv. */
const NOBODY = 65_534;
const canBeNobody = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0;

/** Runs a script with `sh -c` as a user that owns nothing here. */
function asNobody(script: string): { status: number | null; output: string } {
  const user = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
  const { status, stdout, stderr } = spawnSync('setpriv', [...user, 'sh', '-c', script], {
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

const password = secret('alice');
let millrace: Millrace;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-users-'));
  writeFileSync(join(folder, 'alice'), password, { mode: 0o600 });
  // The state that an older release left.
  // A short path, whatever TMPDIR is: a socket whose path is too long for the system is bound by another name.
  const data = mkdtempSync('/tmp/millrace-test-');
  writeFileSync(join(data, 'millrace.log'), '');
  chmodSync(join(data, 'millrace.log'), 0o644);
  chmodSync(data, 0o755);
  const options = ['--brokers', '1', '--scram', `alice:${join(folder, 'alice')}`];
  millrace = await Millrace.up([...options, '--kafka-port', String(await freePorts())], {
    data,
    port: await freePort(),
  });
});

afterAll(async () => {
  await millrace?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const pids = (): number[] => [millrace.child.pid ?? 0, ...processesOf(millrace.data).map(({ pid }) => pid)];
const entries = (): string[] => ['', ...readdirSync(millrace.data, { recursive: true, encoding: 'utf8' })];
const nodeOptions = (node: string) =>
  optionsOf(join(millrace.data, entries().find((name) => name.endsWith(`${node}/process.json`)) ?? ''));

test('no file and no socket of a running installation is open to other users, also in a folder of an older release', () => {
  const open = entries().filter((name) => {
    const entry = lstatSync(join(millrace.data, name), { throwIfNoEntry: false });
    return entry !== undefined && (entry.mode & 0o777) !== (entry.isDirectory() ? 0o700 : 0o600);
  });
  expect(open).toEqual([]);
  const socket = entries().find((name) => name.endsWith('process.sock')) ?? '';
  expect(socket).not.toBe('');

  // No file outside of the folder that these processes have open is writable for other users.
  const elsewhere = pids().flatMap((pid) =>
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const path = readlinkOrNothing(`/proc/${pid}/fd/${fd}`);
      const entry = path.startsWith('/') ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
      return entry?.isFile() && (entry.mode & 0o022) !== 0 ? path : [];
    }),
  );
  expect(elsewhere).toEqual([]);

  if (!canBeNobody) return;
  // The user can run programs and read what is open to everybody, so the refusals below come from the
  // folder's mode.
  expect(asNobody('ls /')).toMatchObject({ status: 0 });
  expect(asNobody(`ls ${millrace.data}`).output).toMatch(/Permission denied/);
  expect(asNobody(`cat ${millrace.data}/control.db ${millrace.data}/millrace.log`).output).toMatch(
    /Permission denied/,
  );
  expect(asNobody(`test -S ${join(millrace.data, socket)}`)).toMatchObject({ status: 1 });
  // Other users can see its processes and nothing more of them.
  for (const pid of pids()) {
    expect(asNobody(`cat /proc/${pid}/cmdline`)).toMatchObject({ status: 0 });
    for (const script of [`cat /proc/${pid}/environ`, `ls /proc/${pid}/fd/`, `cat /proc/${pid}/mem`])
      expect(asNobody(script).output).toMatch(/Permission denied/);
    for (const signal of ['TERM', 'USR1', 'USR2', 'HUP'])
      expect(asNobody(`kill -${signal} ${pid}`).output).toMatch(/not permitted/);
  }
});

test('it listens on this machine alone, where its nodes are and the one port for clients, and on sockets of its folder', () => {
  const [controller, broker] = [nodeOptions('controller'), nodeOptions('broker-1')];
  const listeners = broker.listeners ?? [];
  expect(listeners.map(({ name }) => name)).toEqual(['CLIENT_SASL_SCRAM', 'REPLICATION']);
  // The API does not authenticate clients, as docs/secrets.md says: users who must not use it must not have
  // access to this machine.
  const ports = [millrace.port, controller.port, ...listeners.map(({ port }) => port)];
  expect(listening().toSorted()).toEqual(ports.map((port) => `127.0.0.1:${port}`).toSorted());
  expect(unixSockets().filter((path) => !path.startsWith(`${millrace.data}/`))).toEqual([]);
});

test('no signal opens an inspector, through which other users could run programs in its processes', async () => {
  const before = listening().toSorted();
  for (const pid of pids()) process.kill(pid, 'SIGUSR1');
  // A process of Node's own that gets the signal later shows when there was time for it.
  const plain = spawn(process.execPath, ['-e', 'console.log("started"); setInterval(() => {}, 1000)']);
  const said = { text: '' };
  for (const stream of [plain.stdout, plain.stderr])
    stream.on('data', (bytes) => {
      said.text += String(bytes);
    });
  await eventually('a process of Node has started', () => said.text.includes('started'));
  plain.kill('SIGUSR1');
  await eventually('it opened an inspector', () => /Debugger listening|inspector .* failed/.test(said.text));
  plain.kill();
  await answered(200, fetch(`${millrace.ready.api}/v1/clusters`));
  expect(listening().toSorted()).toEqual(before);
  expect(processesOf(millrace.data)).toHaveLength(2);
});

test('a stranger is told nothing by the port of clients before signing in, and nothing at all by those of the nodes', async () => {
  const [controller, broker] = [nodeOptions('controller'), nodeOptions('broker-1')];
  const port = (name: string) => broker.listeners?.find((one) => one.name === name)?.port ?? 0;
  const serverCas = await (await fetch(`${millrace.ready.api}/ca.pem`)).text();
  const stranger = { host: '127.0.0.1', clientId: 'stranger', timeoutMs: 60_000 };
  const clients = {
    ...stranger,
    port: port('CLIENT_SASL_SCRAM'),
    tls: { serverCas, serverName: 'localhost' },
  };
  for (const ask of [
    (to: KafkaConnection) => to.send(metadata, { topics: null }),
    (to: KafkaConnection) => to.send(unregisterBroker, { brokerId: 1 }),
  ]) {
    const connection = await KafkaConnection.connect(world, clients);
    await expect(ask(connection)).rejects.toMatchObject({ code: 'CLOSED' });
  }
  for (const node of [controller.port, port('REPLICATION')]) {
    // Refused in plaintext, and by TLS without a certificate of a node, whatever CA the client trusts.
    expect(await answerOf(connectPlainly({ host: '127.0.0.1', port: node }))).toMatch(
      /^(1503[0-9a-f]{10})?$/,
    );
    expect(
      await answerOf(connectSecurely({ host: '127.0.0.1', port: node, rejectUnauthorized: false })),
    ).toBe('');
  }
  expect(processesOf(millrace.data)).toHaveLength(2);
});

/** The answer, in hexadecimal, to an ApiVersions request; empty if the connection just ends. */
function answerOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.write(Buffer.from('0000000a0012000000000001ffff', 'hex'));
    socket.once('data', (bytes) => {
      resolve(bytes.toString('hex'));
      socket.destroy();
    });
    // The connection is closed after that.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => resolve(''));
  });
}

/** The addresses and TCP ports that its processes listen on. */
function listening(): string[] {
  const own = ownInodes();
  return ['tcp', 'tcp6'].flatMap((file) =>
    linesOf(file).flatMap((fields) => {
      const [, local = '', , state] = fields;
      if (state !== '0A' || !own.has(fields[9] ?? '')) return [];
      const [address = '', hex = ''] = local.split(':');
      const bytes = address.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? [];
      const host = bytes.length === 4 ? bytes.toReversed().join('.') : address;
      return `${host}:${Number.parseInt(hex, 16)}`;
    }),
  );
}

/** The paths of the Unix sockets that its processes listen on. */
function unixSockets(): string[] {
  const own = ownInodes();
  return linesOf('unix').flatMap(([, , , flags, , , inode = '', path = '']) =>
    flags === '00010000' && own.has(inode) ? path : [],
  );
}

function linesOf(file: string): string[][] {
  const text = readFileSync(`/proc/${millrace.child.pid}/net/${file}`, 'utf8');
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
}

function ownInodes(): Set<string> {
  return new Set(
    pids().flatMap((pid) =>
      readdirSync(`/proc/${pid}/fd`).flatMap(
        (fd) => /^socket:\[(\d+)\]$/.exec(readlinkOrNothing(`/proc/${pid}/fd/${fd}`))?.[1] ?? [],
      ),
    ),
  );
}

/** Empty if it was closed meanwhile. */
function readlinkOrNothing(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

/** The options that a process was started with. */
function optionsOf(file: string): NodeOptions {
  const { options }: { options: NodeOptions } = JSON.parse(readFileSync(file, 'utf8'));
  return options;
}

interface NodeOptions {
  readonly port: number;
  readonly listeners?: readonly { readonly name: string; readonly port: number }[];
}
