import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { silent } from '../../base/log.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { endWorker } from './end-worker.ts';
import { markOf } from './running-workers.ts';

/** Says that it is there, and ends in order when it is asked to. */
const WORKER = `
process.on('SIGTERM', () => process.exit(0));
setInterval(() => {}, 60_000);
console.log('there');
`;

test('a worker that was paused goes on, and stops in order, when it is asked to', async () => {
  const folder = `/nowhere/worker-${process.pid}`;
  const worker = spawn(process.execPath, ['-e', WORKER, '--', markOf(folder)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void worker.kill('SIGKILL'));
  const end = once(worker, 'exit');
  await once(worker.stdout, 'data');
  worker.kill('SIGSTOP');
  await endWorker(nodeWorld(silent).clock, folder);
  expect(await end).toEqual([0, null]);
});
