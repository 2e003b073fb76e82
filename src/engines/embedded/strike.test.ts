import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silent } from '../../base/log.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { EmbeddedEngine } from './embedded-engine.ts';
import { PROCESS_FILES } from './layout.ts';
import { createdCluster } from './testing/created-cluster.ts';

const PROGRAM = join(import.meta.dirname, 'testing/bare-node.ts');

const cluster = createdCluster(['a'], { clientBroker: 'PLAINTEXT', inCluster: false });

const world = nodeWorld(silent);
let data: string;
let engine: EmbeddedEngine;
let earlier: ChildProcess[];

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'millrace-strike-'));
  engine = new EmbeddedEngine(world, {
    dataDirectory: data,
    program: [process.execPath, PROGRAM],
    hungAfterMs: 30_000,
    advertised: [{ host: '127.0.0.1', name: 'localhost' }],
  });
  earlier = [];
});

afterEach(async () => {
  await engine.stop(cluster);
  for (const one of earlier) one.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

/** Started as by a control plane that is gone: its parent, a shell, asks after it when it has died. */
async function startedEarlier(kind: 'controller' | 'broker'): Promise<number> {
  const [config = ''] = globSync(join(data, `clusters/*/${kind}*/${PROCESS_FILES.config}`));
  const words = [process.execPath, PROGRAM, kind, '--config', config].map((word) => `'${word}'`);
  earlier.push(spawn('sh', ['-c', `${words.join(' ')} & wait`], { stdio: 'ignore' }));
  const until = world.clock.monotonic() + 60_000;
  while (!existsSync(join(config, '../serves'))) {
    if (world.clock.monotonic() > until) expect.fail(`the ${kind} does not serve`);
    await new Promise<void>((done) => world.clock.after(5, done));
  }
  return JSON.parse(readFileSync(join(config, '..', PROCESS_FILES.identity), 'utf8')).pid;
}

test('a blow at a broker whose death was not seen yet says that it does not run', async () => {
  await engine.prepare(cluster);
  await startedEarlier('controller');
  const pid = await startedEarlier('broker');
  await engine.start(cluster, new AbortController().signal);
  process.kill(pid, 'SIGKILL');
  // Nothing is read from its socket meanwhile.
  const naps = new Int32Array(new SharedArrayBuffer(4));
  const until = world.clock.monotonic() + 60_000;
  while (existsSync(`/proc/${pid}`)) {
    if (world.clock.monotonic() > until) expect.fail('it does not die');
    Atomics.wait(naps, 0, 0, 5);
  }
  await expect(engine.strike(cluster, 1, 'pause')).rejects.toMatchObject({
    code: 'NOT_RUNNING',
    message: 'Broker 1 of orders does not run now.',
  });
});
