import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silent } from '../../base/log.ts';
import { isApiError } from '../../control/aws/api-error.ts';
import { SealedStore } from '../../control/sealed/sealed-store.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { SealedValues } from '../secrets/sealed-values.ts';
import { ConnectStore } from '../state/connect-store.ts';
import type { Connector } from '../state/connector.ts';
import { ConnectRest } from '../worker/connect-rest.ts';
import { WorkerHttp } from '../worker/worker-http.ts';
import type { ConnectorHealth } from './connector-health.ts';
import { OperationProgress } from './operation-progress.ts';

const RUNNING: ConnectorHealth = { health: 'running', why: 'it runs', taskCount: 1 };
const STOPPED: ConnectorHealth = { health: 'pending', why: 'it is stopped', taskCount: 0, isStopped: true };
const FAILED: ConnectorHealth = { health: 'failed', why: 'the database is away', taskCount: 1 };

let folder: string;
let store: ConnectStore;
let said: string[];
let rest: ConnectRest;
let progress: OperationProgress;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-operation-'));
  store = ConnectStore.open(folder);
  const values = new SealedValues(SealedStore.open(folder));
  progress = new OperationProgress(nodeWorld(silent).clock, { store, values });
  rest = new ConnectRest(new WorkerHttp(1, 'nobody', { pid: 1, user: 0 }));
  said = [];
  for (const word of ['stop', 'resume', 'restart'] as const)
    vi.spyOn(rest, word).mockImplementation(async () => void said.push(word));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function begin(onlyFailedTasks: boolean): void {
  connects('RUNNING');
  store.execute((state) =>
    state.begin('arn', { type: 'RESTART_CONNECTOR', arn: 'operation', now: 1, onlyFailedTasks }),
  );
}

function connects(state: Connector['state']): void {
  const connector: Connector = {
    ...{ arn: 'arn', uuid: 'uuid', name: 'orders', description: null, createdAt: 0, tags: {} },
    ...{ capacity: { mcuCount: 1, workerCount: 1 }, configuration: {}, bootstrapServers: 'b:1' },
    ...{ vpc: { subnets: [], securityGroups: [] }, encryption: 'PLAINTEXT', networkType: 'IPV4' },
    ...{ kafkaConnectVersion: '4.3.1', plugin: { arn: 'plugin', revision: 1 }, workerConfiguration: null },
    ...{ serviceExecutionRoleArn: 'role', logDelivery: null, state, stateInfo: null },
    ...{ hasRun: true, operationArn: null, revision: 1 },
  };
  store.execute(() => ({ records: [{ type: 'ConnectorRecord', connector }], answer: null }));
}

/** What the operation is after a look at the workers. */
async function after(found: ConnectorHealth): Promise<string> {
  const connector = store.state.connectors.get('arn');
  if (isApiError(connector)) throw new Error(connector.message);
  await progress.step(connector, { rest, found, isWhole: true, isHopeless: false });
  const operation = store.state.operation('operation');
  return isApiError(operation) ? operation.message : operation.state;
}

test('a restart is not complete while the tasks of before run', async () => {
  begin(false);
  for (let look = 0; look < 3; look++) expect(await after(RUNNING)).toBe('RESTART_IN_PROGRESS');
  expect(said).toEqual(['stop']);
  expect(await after(STOPPED)).toBe('RESTART_IN_PROGRESS');
  expect(said).toEqual(['stop', 'resume']);
  // The workers have not heard of it.
  expect(await after(STOPPED)).toBe('RESTART_IN_PROGRESS');
  expect(await after({ ...RUNNING, taskCount: 0 })).toBe('RESTART_IN_PROGRESS');
  expect(await after(RUNNING)).toBe('RESTART_COMPLETE');
  expect(said).toEqual(['stop', 'resume']);
});

test('a restart after which tasks fail has failed', async () => {
  begin(false);
  await after(FAILED);
  await after(STOPPED);
  expect(await after(FAILED)).toBe('RESTART_FAILED');
});

test('a restart of failed tasks is complete once nothing is failed', async () => {
  begin(true);
  expect(await after(FAILED)).toBe('RESTART_IN_PROGRESS');
  expect(await after(FAILED)).toBe('RESTART_IN_PROGRESS');
  expect(await after(RUNNING)).toBe('RESTART_COMPLETE');
  expect(said).toEqual(['restart']);
});

const PLUGIN = { arn: 'newer', revision: 1 };
const WORKERS = { arn: 'workers', revision: 1 };

/** Begins an update to a newer plugin and a worker configuration, and comes to where workers have them. */
async function updatesWorkers(): Promise<void> {
  connects('RUNNING');
  store.execute((state) =>
    state.begin('arn', {
      ...{ type: 'UPDATE_WORKER_SETTING', arn: 'operation', now: 1 },
      target: {
        ...{ capacity: { mcuCount: 1, workerCount: 2 }, configuration: {} },
        ...{ plugin: PLUGIN, workerConfiguration: WORKERS },
      },
    }),
  );
  await vi.waitUntil(async () => {
    await after({ ...RUNNING, health: 'pending' });
    return store.state.connectors.all()[0]?.capacity.workerCount === 2;
  }, 60_000);
}

test('an update of workers gives the connector its new plugin and worker configuration', async () => {
  await updatesWorkers();
  const updated = { plugin: PLUGIN, workerConfiguration: WORKERS };
  expect(store.state.connectors.get('arn')).toMatchObject({ ...updated, state: 'UPDATING' });
});

test('an update of workers that end again and again gives the connector back what it had', async () => {
  await updatesWorkers();
  const connector = store.state.connectors.get('arn');
  if (isApiError(connector)) throw new Error(connector.message);
  const found = { ...FAILED, health: 'pending' } as const;
  await progress.step(connector, { rest: null, found, isWhole: false, isHopeless: true });
  expect(store.state.connectors.get('arn')).toMatchObject({
    ...{ capacity: { workerCount: 1 }, plugin: { arn: 'plugin' }, workerConfiguration: null },
  });
  expect(store.state.operation('operation')).toMatchObject({
    ...{ state: 'ROLLBACK_IN_PROGRESS', error: { message: 'the database is away' } },
  });
});

test('a connector that was stopped in Kafka Connect is PAUSED after its update, as it was before', async () => {
  connects('PAUSED');
  vi.spyOn(rest, 'validate').mockResolvedValue({ errors: [], types: new Map() });
  vi.spyOn(rest, 'setConfig').mockResolvedValue();
  store.execute((state) =>
    state.begin('arn', {
      ...{ type: 'UPDATE_CONNECTOR_CONFIGURATION', arn: 'operation', now: 1, skipHealthValidation: true },
      target: { capacity: { mcuCount: 1, workerCount: 1 }, configuration: { topics: 'orders' } },
    }),
  );
  await vi.waitUntil(async () => (await after(STOPPED)) === 'UPDATE_COMPLETE', 60_000);
  expect(store.state.connectors.get('arn')).toMatchObject({ state: 'PAUSED' });
  expect(said).toEqual([]);
});
