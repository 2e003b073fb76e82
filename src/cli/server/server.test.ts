import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { FolderLock } from '../../control/folder-lock.ts';
import { run } from '../run.ts';
import { processIdentity } from './process-identity.ts';
import { serverIn, writeServerFile } from './server-file.ts';
import { status } from './status.ts';
import { stopCommand } from './stop.ts';

const SERVER = { api: 'http://127.0.0.1:7070', version: '1.2.3' };

let folder: string;
let lock: FolderLock | null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'server-'));
  lock = null;
});

afterEach(() => {
  lock?.release();
  rmSync(folder, { recursive: true, force: true });
});

async function millrace(...args: string[]): Promise<{ exit: number; lines: string[]; complaint: string }> {
  const lines: string[] = [];
  const complaints: string[] = [];
  const program = {
    version: '1',
    commands: [status, stopCommand(() => ({ count: 0, end: async () => {} }))].map((command) => ({
      ...command,
      load: async () => command,
    })),
  };
  const exit = await run(program, args, {
    line: (text) => void lines.push(text),
    complain: (text) => void complaints.push(text),
    onUnheard() {},
  });
  return { exit, lines, complaint: complaints.join('\n') };
}

describe('which process works in a data folder', () => {
  test('is what it said of itself, while it has the lock', () => {
    lock = FolderLock.acquire(folder);
    writeServerFile(folder, SERVER);
    expect(serverIn(folder)).toEqual({ ...SERVER, pid: process.pid, identity: processIdentity(process.pid) });
  });

  test('is none when the one that said it was killed', () => {
    writeServerFile(folder, SERVER);
    expect(serverIn(folder)).toBeNull();
  });

  test('is none that is known while a program has the folder', () => {
    lock = FolderLock.acquire(folder);
    expect(serverIn(folder)).toBeNull();
    writeFileSync(join(folder, 'server.json'), '{"pid":');
    expect(serverIn(folder)).toBeNull();
  });
});

describe('millrace stop', () => {
  test('of a folder in which nothing runs says so', async () => {
    expect(await millrace('stop', '--data', folder)).toMatchObject({
      exit: 3,
      complaint: `millrace: No Millrace runs in ${folder}.`,
    });
  });

  test('sends no signal to another process with the same number', async () => {
    lock = FolderLock.acquire(folder);
    writeServerFile(folder, SERVER);
    const file = join(folder, 'server.json');
    writeFileSync(file, JSON.stringify({ ...SERVER, pid: process.pid, identity: 'pid:[1] 2' }));
    const { exit, complaint } = await millrace('stop', '--data', folder);
    expect(exit).toBe(1);
    expect(complaint).toMatch(/runs in another container, or as another user/);
  });

  test('does not stop a program that works in the folder by itself', async () => {
    lock = FolderLock.acquire(folder);
    const { exit, complaint } = await millrace('stop', '--data', folder);
    expect(exit).toBe(3);
    expect(complaint).toMatch(/a program that called startCluster/);
  });
});

describe('millrace status', () => {
  const arn = 'arn:aws:kafka:us-east-1:000000000000:cluster/demo/1-1';
  const broker = { zone: 'az1', isUp: true, leaders: 1, replicas: 1, replicasNotInSync: 0, bytes: 0 };
  const healthy = {
    state: 'ACTIVE',
    health: {
      brokers: [
        { id: 1, ...broker },
        { id: 2, ...broker },
      ],
      partitions: 1,
      partitionsWithoutLeader: 0,
      partitionsNotInSync: 0,
    },
    disk: { usedPercent: 10, freeBytes: 1e9, level: null as number | null },
    stateInfo: undefined as { message: string } | undefined,
  };

  /** An API that answers so. */
  async function answering(of: typeof healthy, act: (url: string) => Promise<void>): Promise<void> {
    const cluster = { clusterArn: arn, clusterName: 'demo', numberOfBrokerNodes: 2, ...of };
    const server: Server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? '').replace(/\?$/, '');
      const answers: Record<string, object> = {
        '/millrace/v1/server': { version: '1.2.3', processId: 7, dataDirectory: folder, startedAt: 'today' },
        '/millrace/v1/disk': of.disk,
        '/v1/clusters': { clusterInfoList: [cluster] },
        [`/v1/clusters/${arn}/bootstrap-brokers`]: { bootstrapBrokerString: 'h:1' },
        [`/millrace/v1/clusters/${arn}/health`]: of.health,
      };
      response.end(JSON.stringify(answers[path] ?? {}));
    });
    const port = await freePort();
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
    try {
      await act(`http://127.0.0.1:${port}`);
    } finally {
      await new Promise((done) => server.close(done));
    }
  }

  test('is 0 when nothing is wrong', async () => {
    await answering(healthy, async (url) => {
      const { exit, lines } = await millrace('status', '--api', url);
      expect(exit).toBe(0);
      expect(lines).toContain('Nothing is wrong.');
      expect(lines).toContain('demo     ACTIVE  2 of 2   1           0            0               h:1');
    });
  });

  const one = { id: 1, ...broker };
  test.each([
    [
      'a broker that is down',
      { health: { ...healthy.health, brokers: [one, { ...one, id: 2, isUp: false }] } },
      'Broker 2 of demo is down.',
    ],
    [
      'a cluster that heals',
      { state: 'HEALING', stateInfo: { message: 'Broker 1 cannot start' } },
      'demo is HEALING: Broker 1 cannot start.',
    ],
    [
      'a disk that is nearly full',
      { disk: { ...healthy.disk, usedPercent: 92, level: 90 } },
      'The disk is 92 % full; brokers stop when nothing is left. Delete topics, or make room.',
    ],
    [
      'a partition without a leader',
      { health: { ...healthy.health, partitionsWithoutLeader: 1 } },
      '1 partition of demo has no leader.',
    ],
    [
      'partitions that are not in sync',
      { health: { ...healthy.health, partitionsNotInSync: 2 } },
      '2 partitions of demo are not fully in sync.',
    ],
  ])('is 5 with a sentence about %s', async (_, wrong, sentence) => {
    await answering({ ...healthy, ...wrong }, async (url) => {
      const { exit, lines } = await millrace('status', '--api', url);
      expect(exit).toBe(5);
      expect(lines.at(-1)).toBe(`Wrong: ${sentence}`);
      const { lines: json } = await millrace('status', '--api', url, '--json');
      expect(JSON.parse(json.join('')).problems).toEqual([sentence]);
    });
  });

  test('is 3 when nothing runs', async () => {
    expect((await millrace('status', '--data', folder)).exit).toBe(3);
    expect((await millrace('status', '--api', 'http://127.0.0.1:1')).exit).toBe(3);
  });
});
