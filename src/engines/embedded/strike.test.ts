import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silent } from '../../base/log.ts';
import { withDefaults } from '../../control/api/provisioned.ts';
import { isApiError } from '../../control/aws/api-error.ts';
import { Clusters } from '../../control/state/clusters.ts';
import { createCluster } from '../../control/state/create-cluster.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { EmbeddedEngine } from './embedded-engine.ts';
import { PROCESS_FILES } from './layout.ts';

const PROGRAM = join(import.meta.dirname, 'testing/bare-node.ts');

const cluster = (() => {
  const clusters = new Clusters();
  const { records, answer } = createCluster(clusters, {
    name: 'orders',
    uuid: '8a1b6c2e-5d0f-4f53-9a3e-0c4b7e1d2f36',
    arn: 'arn:aws:kafka:us-east-1:000000000000:cluster/orders/8a1b6c2e-5d0f-4f53-9a3e-0c4b7e1d2f36-1',
    clusterId: 'id',
    region: 'us-east-1',
    now: 0,
    spec: withDefaults({
      kafkaVersion: '3.9.x.kraft',
      numberOfBrokerNodes: 1,
      brokerNodeGroupInfo: { instanceType: 'kafka.m5.large', clientSubnets: ['a'] },
      encryptionInfo: { encryptionInTransit: { clientBroker: 'PLAINTEXT', inCluster: false } },
    }),
    tags: {},
    brokerConfig: {},
    busy: new Set<number>(),
  });
  for (const record of records) clusters.replay(record);
  if (isApiError(answer)) throw new Error(answer.message);
  return answer;
})();

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
