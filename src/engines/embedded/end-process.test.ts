import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../../test/coordinator/manual-clock.ts';
import type { Clock } from '../../base/clock.ts';
import { silent } from '../../base/log.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { endProcessIn } from './end-process.ts';
import { NODE_EXIT } from './exit-status.ts';
import { PROCESS_FILES } from './layout.ts';
import { endProcesses, nodeProcesses } from './stray-nodes.ts';

const PROGRAM = join(import.meta.dirname, 'testing/bare-node.ts');
const { clock } = nodeWorld(silent);
/** A minute of it takes ten: a process that a busy machine keeps from its answer does not hang. */
const patient: Clock = {
  now: () => clock.now(),
  monotonic: () => clock.monotonic() / 10,
  after: (ms, run) => clock.after(ms > 1_000 ? ms * 10 : ms, run),
  soon: (run) => clock.soon(run),
};

let folders: string;
let folder: string;
let node: ChildProcess;
let end: Promise<unknown[]>;

beforeEach(async () => {
  folders = mkdtempSync(join(tmpdir(), 'millrace-end-process-'));
  folder = mkdtempSync(join(folders, 'broker-'));
  const config = join(folder, PROCESS_FILES.config);
  writeFileSync(config, JSON.stringify({ kind: 'broker', cluster: 'c', options: { brokerId: 1 } }));
  node = spawn(process.execPath, [PROGRAM, 'broker', '--config', config], { cwd: folder });
  end = once(node, 'exit');
  await until(() => existsSync(join(folder, 'serves')));
});

afterEach(async () => {
  node.kill('SIGKILL');
  await end;
  rmSync(folders, { recursive: true, force: true });
});

async function until(condition: () => boolean): Promise<void> {
  const deadline = clock.monotonic() + 60_000;
  while (!condition()) {
    if (clock.monotonic() > deadline) expect.fail('not in time');
    await new Promise<void>((done) => clock.after(5, done));
  }
}

test('a process that was paused goes on, and stops in order, when it is asked to', async () => {
  node.kill('SIGSTOP');
  await endProcessIn(patient, folder);
  expect(await end).toEqual([NODE_EXIT.stopped, null]);
});

test('a paused process that cannot be found by its folder stops in order, too', async () => {
  const [found, ...others] = nodeProcesses(folders);
  expect(others).toEqual([]);
  node.kill('SIGSTOP');
  await endProcesses(patient, found ? [found] : expect.fail('it was not found'));
  expect(await end).toEqual([NODE_EXIT.stopped, null]);
});

test('a process that hangs is killed long before one that is busy stopping would be', async () => {
  node.kill('SIGUSR2');
  await until(() => existsSync(join(folder, 'hangs')));
  const time = new ManualClock();
  let isOver = false;
  const ended = endProcessIn(time, folder).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    // Once it is killed, the system may take its time.
    await time.advance(time.monotonic() < 8_000 ? 200 : 10);
    await new Promise<void>((done) => clock.after(10, done));
  }
  await ended;
  expect(await end).toEqual([null, 'SIGKILL']);
  // So long its own deadline is, which one that stops is given.
  expect(time.monotonic()).toBeLessThan(25_000);
});

test('a process whose answer waits to be read, because who asked stood still, stops in order', async () => {
  writeFileSync(join(folder, 'busy'), '');
  const naps = new Int32Array(new SharedArrayBuffer(4));
  const standStill = (): void => {
    const deadline = clock.monotonic() + 60_000;
    // Its answer is out before it begins to stop.
    while (!existsSync(join(folder, 'stops')) && clock.monotonic() < deadline) Atomics.wait(naps, 0, 0, 5);
    Atomics.wait(naps, 0, 0, 200);
  };
  let isAsked = false;
  const stalling: Clock = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after(ms, run) {
      // It waits for an answer from now on.
      if (ms > 1_000 && !isAsked) process.nextTick(standStill);
      isAsked ||= ms > 1_000;
      // What is waited for an answer is over meanwhile.
      return clock.after(ms > 20_000 ? ms : ms / 60, run);
    },
    soon: (run) => clock.soon(run),
  };
  const ended = endProcessIn(stalling, folder);
  await until(() => isAsked);
  await new Promise<void>((done) => clock.after(200, done));
  rmSync(join(folder, 'busy'));
  await ended;
  expect(await end).toEqual([NODE_EXIT.stopped, null]);
});
