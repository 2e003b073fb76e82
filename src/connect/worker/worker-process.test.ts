import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { silent } from '../../base/log.ts';
import { NodeClock } from '../../platform/node-clock.ts';
import type { LifeReport } from '../../processes/process-port.ts';
import { ClassArchives } from './class-archives.ts';
import { markOf } from './running-workers.ts';
import { WorkerFiles } from './worker-files.ts';
import { WorkerProcess } from './worker-process.ts';
import type { WorkerProgram } from './worker-program.ts';

let folder: string;
let taken: Server;
let takenPort: number;
const world = { clock: new NodeClock(), log: silent };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-worker-'));
  taken = createServer((socket) => socket.destroy());
  takenPort = await listening(taken);
});
afterEach(() => {
  taken.close();
  rmSync(folder, { recursive: true });
});

/** The port of a server that listens on a free one. */
async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A program that runs the script as a worker, with `PORT` as the port that it was given. */
function program(script: string, kind: WorkerProgram['kind']): WorkerProgram {
  return {
    kind,
    identity: script,
    plugin: null,
    installation: null,
    command: (files) => [
      process.execPath,
      '-e',
      `const [, PORT] = /"port":(\\d+)/.exec(require('node:fs').readFileSync('life.json', 'utf8')); ${script}`,
      '--',
      markOf(files.folder),
    ],
    write: (files, properties, password, life, isShared) =>
      files.writeBuiltIn(properties, password, life, isShared),
  };
}

const SERVES = "require('node:http').createServer((_, to) => to.end('{}')).listen(PORT, '127.0.0.1');";

function worker(
  script: string,
  ports: readonly number[],
  kind: WorkerProgram['kind'] = 'node',
  more: Partial<WorkerProgram> = {},
) {
  const left = [...ports];
  const made = new WorkerProcess(world, {
    name: 'Worker 1 of orders',
    files: new WorkerFiles(join(folder, 'worker-1')),
    program: { ...program(script, kind), ...more },
    archives: new ClassArchives(world, folder),
    heapMegabytes: 64,
    properties: {},
    user: null,
    password: 'password',
    values: {},
    freePort: async () => left.shift() ?? takenPort,
    ranOutOfMemory: () => {},
  });
  return { made, left };
}

test('a worker whose port another process took meanwhile starts with another one, in the same life', async () => {
  const { made } = worker(SERVES, [takenPort, takenPort, await freePort()]);
  const reports: LifeReport[] = [];
  const life = made.live((report) => reports.push(report), new AbortController().signal);
  await vi.waitFor(() => expect(reports.at(-1)?.isReady).toBe(true), 60_000);
  expect(new Set(reports.map(({ pid }) => pid)).size).toBe(3);
  await made.kill();
  expect(await life).toEqual({ why: 'it was ended by SIGKILL' });
});

test('another program that has the ports of a worker is sent nothing', async () => {
  const sent: Buffer[] = [];
  let closed = 0;
  const stranger = createServer((socket) => {
    socket.on('data', (bytes) => sent.push(bytes)).on('close', () => closed++);
  });
  const port = await listening(stranger);
  // It lives, and does not listen yet.
  const { made } = worker('setInterval(() => {}, 1000);', [port, port], 'java');
  const reports: LifeReport[] = [];
  const life = made.live((report) => reports.push(report), new AbortController().signal);
  await vi.waitFor(() => expect(reports).toHaveLength(1), 60_000);
  expect(await made.metrics()).toBeNull();
  // The first looks have all ended by then.
  await vi.waitFor(() => expect(closed).toBeGreaterThan(2), 60_000);
  expect(Buffer.concat(sent).toString()).toBe('');
  expect(reports.map(({ isReady }) => isReady)).toEqual([false]);
  await made.kill();
  await life;
  stranger.close();
});

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'a worker that others end by %s was killed, which is told at once',
  async (signal) => {
    const { made } = worker(SERVES, [await freePort()]);
    const reports: LifeReport[] = [];
    const life = made.live((report) => reports.push(report), new AbortController().signal);
    await vi.waitFor(() => expect(reports.at(-1)?.isReady).toBe(true), 60_000);
    process.kill(reports.at(-1)?.pid ?? 0, signal);
    expect(await life).toEqual({ why: `it was ended by ${signal}`, isKilled: true });
  },
);

test('a worker whose program is not there never serves', async () => {
  const nowhere = join(folder, 'no-java');
  const { made } = worker('', [await freePort()], 'node', { command: () => [nowhere] });
  const reports: LifeReport[] = [];
  const end = await made.live((report) => reports.push(report), new AbortController().signal);
  expect(end).toEqual({ why: `it could not be started: spawn ${nowhere} ENOENT` });
  expect(reports.map(({ isReady }) => isReady)).toEqual([false]);
});

test('a start that finds every port taken ends', async () => {
  const { made } = worker(SERVES, []);
  expect(await made.live(() => {}, new AbortController().signal)).toEqual({
    why: 'it ended with status 1',
  });
  expect(readFileSync(made.log, 'utf8').match(/EADDRINUSE: address already in use/g)).toHaveLength(5);
});

test('a start that fails of something else is one life, whatever an earlier one said', async () => {
  const { made } = worker(SERVES, [takenPort, takenPort, takenPort, takenPort, takenPort]);
  await made.live(() => {}, new AbortController().signal);
  const other = worker('process.exit(3);', [takenPort, takenPort]);
  expect(await other.made.live(() => {}, new AbortController().signal)).toEqual({
    why: 'it ended with status 3',
  });
  expect(other.left).toHaveLength(1);
});
