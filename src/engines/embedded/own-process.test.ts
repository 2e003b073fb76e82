import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silent } from '../../base/log.ts';
import { FolderLock } from '../../control/folder-lock.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { Supervisor } from '../../processes/supervisor.ts';
import type { NodeReport } from './control-socket.ts';
import { PROCESS_FILES } from './layout.ts';
import { configDigest } from './node-config.ts';
import { OwnProcess } from './own-process.ts';

const PROGRAM = join(import.meta.dirname, 'testing/bare-node.ts');
const world = nodeWorld(silent);

let folder: string;
let supervisor: Supervisor;
let deaths: NodeReport[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-supervisor-'));
  const config = join(folder, PROCESS_FILES.config);
  writeFileSync(config, JSON.stringify({ kind: 'broker', cluster: 'c', options: { brokerId: 1 } }));
  deaths = [];
  supervisor = supervised();
  supervisor.start();
  await until(() => supervisor.ready);
});

function supervised(): Supervisor {
  const config = join(folder, PROCESS_FILES.config);
  const process1 = new OwnProcess(world, {
    name: 'Broker 1',
    folder,
    digest: configDigest(readFileSync(config, 'utf8')),
    command: [process.execPath, PROGRAM, config],
    hungAfterMs: 30_000,
    logLevel: 'info',
    onDeath: (last) => deaths.push(last),
  });
  return new Supervisor(world, process1, () => {});
}

afterEach(async () => {
  await supervisor.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function until(condition: () => boolean): Promise<void> {
  const deadline = world.clock.monotonic() + 60_000;
  while (!condition()) {
    if (world.clock.monotonic() > deadline) expect.fail('not in time');
    await new Promise<void>((done) => world.clock.after(5, done));
  }
}

test('a process that is killed is reported once, as the life that it was, and followed by another', async () => {
  const { pid } = supervisor;
  process.kill(pid ?? expect.fail('it does not run'), 'SIGKILL');
  await until(() => supervisor.ready && supervisor.pid !== pid);
  expect(deaths).toMatchObject([{ pid, brokerEpoch: 7 }]);
});

test('a process that is killed to be kept down is reported, too', async () => {
  const { pid } = supervisor;
  await supervisor.hold();
  expect(deaths).toMatchObject([{ pid, brokerEpoch: 7 }]);
});

test('a process that dies before it served is reported, too: the controller knows it from its registration on', async () => {
  await supervisor.stop();
  writeFileSync(join(folder, 'never-ready'), '');
  supervisor = supervised();
  supervisor.start();
  await until(() => supervisor.pid !== null);
  const { pid } = supervisor;
  process.kill(pid ?? expect.fail('it does not run'), 'SIGKILL');
  await until(() => deaths.length > 0);
  expect(deaths).toMatchObject([{ pid, state: 'starting', brokerEpoch: 7 }]);
});

test('a stop during the start leaves no process, and is over when it says so', async () => {
  for (const afterMs of [0, 1, 20, 60, 120]) {
    await supervisor.stop();
    supervisor = supervised();
    supervisor.start();
    await new Promise<void>((done) => world.clock.after(afterMs, done));
    await supervisor.stop();
    const lock = FolderLock.acquire(folder);
    expect(lock).not.toBeNull();
    lock?.release();
  }
});

test('a process that was asked to stop is not reported: it hands over what it leads itself', async () => {
  await supervisor.stop();
  expect(deaths).toEqual([]);
});

test('a process that others kill again and again is in no crash loop', async () => {
  for (let deaths = 0; deaths < 5; deaths++) {
    const { pid } = supervisor;
    process.kill(pid ?? expect.fail('it does not run'), deaths % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
    await until(() => supervisor.pid !== pid);
    expect(supervisor.problem).toBeNull();
    await until(() => supervisor.ready);
  }
});
