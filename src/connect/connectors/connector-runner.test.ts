import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Clock } from '../../base/clock.ts';
import { silent } from '../../base/log.ts';
import { isApiError } from '../../control/aws/api-error.ts';
import { SealedStore } from '../../control/sealed/sealed-store.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { SealedValues } from '../secrets/sealed-values.ts';
import { ConnectStore } from '../state/connect-store.ts';
import type { Connector } from '../state/connector.ts';
import { BuiltInConnector } from '../worker/built-in-connector.ts';
import type { GroupPlan, WorkerGroup } from '../worker/worker-group.ts';
import { RestError, type WorkerHttp } from '../worker/worker-http.ts';
import { ConnectorRunner } from './connector-runner.ts';

const UUID = 'uuid';
let folder: string;
let store: ConnectStore;
let values: SealedValues;
let runner: ConnectorRunner;
/** What the workers are asked by. */
let rest: object;
/** Runs while the workers are brought to what is planned, the first time. */
let onApply: () => void;
let applied: number;
/** What the logs say of the old password when they are delivered. */
let delivered: string[];
/** Whether the targets of logs take them. */
let takesLogs: boolean;
/** Milliseconds by which time has gone on at once. */
let later: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-runner-'));
  store = ConnectStore.open(folder);
  values = new SealedValues(SealedStore.open(folder));
  onApply = () => undefined;
  applied = 0;
  delivered = [];
  takesLogs = true;
  later = 0;
  rest = {
    status: async () => {
      throw new RestError('nobody answers', null);
    },
    validate: async () => {
      throw new RestError('The operation was aborted due to timeout', null);
    },
  };
  sealed('staple');
  save({ configuration: sealed('horse'), revision: 1, operationArn: null });
  const group = {
    apply: async () => {
      applied++;
      if (applied === 1) onApply();
    },
    get rest() {
      return rest;
    },
    stop: async () => undefined,
    ...{ problem: null, outOfMemory: null, isWhole: true, addresses: new Set() },
  };
  const world = nodeWorld(silent);
  const clock: Clock = {
    now: () => world.clock.now(),
    monotonic: () => world.clock.monotonic() + later,
    after: (ms, run) => world.clock.after(ms, run),
    soon: (run) => world.clock.soon(run),
  };
  runner = new ConnectorRunner(
    {
      ...{ world: { ...world, clock }, store, values, group: group as unknown as WorkerGroup },
      plan: async () => ({}) as GroupPlan,
      deliverLogs: async () => {
        delivered.push(values.without(UUID, 'signs in with staple'));
        return takesLogs;
      },
    },
    'arn',
  );
});
afterEach(async () => {
  await runner.stop();
  store.close();
  rmSync(folder, { recursive: true });
});

/** A configuration with this password, which takes the place of the one before. */
function sealed(password: string): Readonly<Record<string, string>> {
  const answer = values.seal(UUID, { password }, {}, new Set());
  if (isApiError(answer)) throw new Error(answer.message);
  return answer.configuration;
}

function save(more: Partial<Connector>): void {
  const connector = {
    ...{ arn: 'arn', uuid: UUID, name: 'n', state: 'RUNNING', stateInfo: null },
    ...{ hasRun: true, knowsPasswords: true, ...more },
  } as unknown as Connector;
  store.execute(() => ({ records: [{ type: 'ConnectorRecord', connector }], answer: null }));
}

/** Its worker serves and has not been asked about the configuration. */
const CREATING: Partial<Connector> = {
  ...{ state: 'CREATING', hasRun: false, knowsPasswords: false, operationArn: null },
};

const known = () => Object.values(values.of(UUID)).sort();

test('a password that was replaced is hidden in the logs that are delivered before it is forgotten', async () => {
  expect(known()).toEqual(['horse', 'staple']);
  runner.start();
  await vi.waitFor(() => expect(known()).toEqual(['horse']), { timeout: 60_000 });
  expect(delivered).toEqual(['signs in with [hidden]']);
});

test('a password that was replaced is hidden for as long as the targets of logs take nothing', async () => {
  takesLogs = false;
  runner.start();
  await vi.waitFor(() => expect(applied).toBeGreaterThan(2), { timeout: 60_000 });
  expect(known()).toEqual(['horse', 'staple']);
  // Each try may wait for an answer that does not come.
  expect(delivered).toHaveLength(1);
  takesLogs = true;
  later = 60_000;
  await vi.waitFor(() => expect(known()).toEqual(['horse']), { timeout: 60_000 });
  expect(delivered).toEqual(['signs in with [hidden]', 'signs in with [hidden]']);
});

test('a password of an update that begins while workers are looked at is not forgotten', async () => {
  onApply = () => {
    sealed('battery');
    save({ configuration: sealed('horse'), revision: 2, operationArn: 'operation' });
  };
  runner.start();
  await vi.waitFor(() => expect(applied).toBeGreaterThan(1), { timeout: 60_000 });
  expect(known()).toContain('battery');
});

test('a connector that is never asked, because its worker does not answer, fails with that reason', async () => {
  save({ ...CREATING, configuration: sealed('horse') });
  runner.start();
  await vi.waitFor(() => expect(applied).toBeGreaterThan(1), { timeout: 60_000 });
  later = 400_000;
  await vi.waitFor(
    () =>
      expect(store.state.connectors.all()).toMatchObject([
        {
          state: 'FAILED',
          stateInfo: {
            code: 'TIMED_OUT',
            message: expect.stringContaining('The operation was aborted due to timeout'),
          },
        },
      ]),
    { timeout: 60_000 },
  );
});

test('the topics that workers of a built-in connector tell of are in the store', async () => {
  const send = async (_method: string, path: string) =>
    path === '/topics'
      ? { digest: 'of a', topics: ['a'] }
      : { assignment: null, tasks: [], topicsDigest: 'of a' };
  const http = { send } as unknown as WorkerHttp;
  const builtIn = new BuiltInConnector(() => [{ number: 1, address: 'here:1', http }]);
  await builtIn.setConfig('n', {});
  rest = builtIn;
  runner.start();
  const stored = () => store.state.connectors.all().map(({ activeTopics }) => activeTopics);
  await vi.waitFor(() => expect(stored()).toEqual([['a']]), { timeout: 60_000 });
});
