import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock, settle } from '../../../test/coordinator/manual-clock.ts';
import { SealedStore } from '../../control/sealed/sealed-store.ts';
import type { ConnectControl } from '../api/connect-operation.ts';
import { SealedValues } from '../secrets/sealed-values.ts';
import { ConnectStore } from '../state/connect-store.ts';
import type { Connector } from '../state/connector.ts';
import type { Plugin } from '../state/plugin.ts';
import { ANSWER_MS, type RestAnswer } from './rest-answer.ts';
import { restAnswer } from './rest-answers.ts';

const CLASS = 'com.acme.Sink';
const PLUGIN: Plugin = {
  ...{ arn: 'arn:plugin', uuid: 'p', name: 'acme', description: null, contentType: 'JAR' },
  ...{ bucketArn: 'arn:aws:s3:::b', fileKey: 'p.jar', createdAt: 0, tags: {} },
  ...{ state: 'ACTIVE', stateInfo: null, fileMd5: '', fileSize: 1, hasManifests: true },
  classes: [{ class: CLASS, type: 'sink', version: '1' }],
};
const BEFORE = { 'connector.class': CLASS, topics: 'orders' };
const WANTED = { ...BEFORE, topics: 'returns' };

let folder: string;
let clock: ManualClock;
let store: ConnectStore;
let control: ConnectControl;
let isServed: boolean;
/** Runs while the connector validates a configuration. */
let duringValidation: () => Promise<void>;

/** Beside a connector that was made just now, and whose workers do not serve yet. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-changes-'));
  clock = new ManualClock();
  store = ConnectStore.open(folder);
  store.execute((state) => state.createPlugin(PLUGIN));
  const sealed = SealedStore.open(folder);
  isServed = false;
  duringValidation = async () => {};
  const worker = {
    validate: async () => {
      await duringValidation();
      return { errors: [], types: new Map() };
    },
  };
  control = {
    options: { dataDirectory: folder, region: 'us-east-1', account: '000000000000' },
    ...{ store, sealed, clock, values: new SealedValues(sealed) },
    installation: async () => ({ java: 'java', javaRelease: 17, coming: 'It comes.', version: null }),
    worker: () => (isServed ? worker : null),
    clusters: () => [{ name: 'demo', clusterId: 'id', plaintext: '127.0.0.1:1', tls: null }],
    now: () => clock.now(),
  } as unknown as ConnectControl;
  const made = { method: 'POST', path: ['connectors'], query: '', body: { name: 'orders', config: BEFORE } };
  const answered = restAnswer(control, made);
  await clock.advance(ANSWER_MS + 600);
  expect(await answered).toMatchObject({ status: 201 });
  // Told by the connector: nothing of it is a password.
  change({ configuration: BEFORE });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

function connector(): Connector {
  const [one] = store.state.connectors.all();
  if (one === undefined) throw new Error('there is no connector');
  return one;
}

function change(more: Partial<Connector>): void {
  const next = { ...connector(), ...more };
  store.execute(() => ({ records: [{ type: 'ConnectorRecord', connector: next }], answer: null }));
}

/** What the client is told by now; null: it still waits. */
function asked(
  method: 'PUT' | 'PATCH' | 'POST',
  body: object,
  what = 'config',
  query = '',
): () => RestAnswer | null {
  let said: RestAnswer | null = null;
  void restAnswer(control, { method, path: ['connectors', 'orders', what], query, body }).then((answer) => {
    said = answer;
  });
  return () => said;
}

test.each([
  ['PUT', WANTED],
  ['PATCH', { topics: 'returns' }],
] as const)(
  'a configuration that comes by %s while a connector is made is its own once it runs',
  async (method, body) => {
    const answer = asked(method, body);
    await clock.advance(2_000);
    change({ knowsPasswords: true });
    await clock.advance(1_000);
    expect(answer()).toBeNull();
    isServed = true;
    change({ state: 'RUNNING', hasRun: true });
    await clock.advance(300);
    const operation = store.state.operation(connector().operationArn ?? '');
    expect(operation).toMatchObject({
      type: 'UPDATE_CONNECTOR_CONFIGURATION',
      target: { configuration: WANTED },
    });
  },
);

test('the configuration that it has already is taken at once, also while it is made', async () => {
  change({ knowsPasswords: true });
  const answer = asked('PUT', { ...BEFORE, name: 'orders' });
  await clock.advance(0);
  expect(answer()).toMatchObject({ status: 200, body: { config: BEFORE } });
});

test('a connector that is still made after seven seconds is a conflict, upon which clients ask again', async () => {
  const answer = asked('PUT', WANTED);
  await clock.advance(ANSWER_MS + 600);
  expect(answer()).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('The connector orders is CREATING') },
  });
});

test('one that has failed before it ran is told with its reason and the way out', async () => {
  const answer = asked('PUT', WANTED);
  await clock.advance(1_000);
  change({ state: 'FAILED', stateInfo: { code: 'WORKER_FAILED', message: 'no memory' } });
  await clock.advance(300);
  expect(answer()).toMatchObject({
    status: 409,
    body: { message: expect.stringMatching(/has FAILED before it ran \(no memory\)\. Delete it/) },
  });
});

test('one that is deleted meanwhile is not there', async () => {
  const answer = asked('PUT', WANTED);
  await clock.advance(1_000);
  change({ state: 'DELETING' });
  await clock.advance(300);
  expect(answer()).toMatchObject({ status: 404 });
});

test.each([
  ['PUT', 'pause', 'PAUSE_CONNECTOR', 202],
  ['POST', 'restart', 'RESTART_CONNECTOR', 204],
] as const)('%s %s of a connector that is made is done once it runs', async (method, what, type, status) => {
  const answer = asked(method, {}, what);
  await clock.advance(2_000);
  expect(answer()).toBeNull();
  isServed = true;
  change({ state: 'RUNNING', hasRun: true, knowsPasswords: true });
  await clock.advance(300);
  expect(answer()).toMatchObject({ status });
  expect(store.state.operation(connector().operationArn ?? '')).toMatchObject({ type });
});

test.each(['pause', 'resume', 'stop', 'restart'])(
  '%s of one that is still made after seven seconds is a conflict',
  async (what) => {
    const answer = asked(what === 'restart' ? 'POST' : 'PUT', {}, what);
    await clock.advance(ANSWER_MS + 600);
    expect(answer()).toMatchObject({ status: 409 });
  },
);

test.each([
  ['pause', 'PAUSED'],
  ['resume', 'RUNNING'],
] as const)('%s of a connector that is %s is accepted, and begins nothing', async (what, state) => {
  change({ state, hasRun: true, knowsPasswords: true });
  const answer = asked('PUT', {}, what);
  await clock.advance(0);
  expect(answer()).toEqual({ status: 202, body: null });
  expect(connector().operationArn).toBeNull();
});

describe('while another change of the connector goes on', () => {
  beforeEach(async () => {
    isServed = true;
    change({ state: 'RUNNING', hasRun: true, knowsPasswords: true });
    const answer = asked('POST', {}, 'restart');
    await clock.advance(0);
    expect(answer()).toMatchObject({ status: 204 });
    expect(connector().state).toBe('RESTARTING');
  });

  test.each([
    ['PUT', 'pause', 'PAUSE_CONNECTOR'],
    ['PUT', 'stop', 'PAUSE_CONNECTOR'],
    ['POST', 'restart', 'RESTART_CONNECTOR'],
    ['PUT', 'config', 'UPDATE_CONNECTOR_CONFIGURATION'],
  ] as const)('%s %s is done after it, as Kafka Connect takes both', async (method, what, type) => {
    const { operationArn: before } = connector();
    const answer = asked(method, WANTED, what);
    await clock.advance(2_000);
    expect([answer(), connector().operationArn]).toEqual([null, before]);
    change({ state: 'RUNNING', operationArn: null });
    await clock.advance(300);
    expect(store.state.operation(connector().operationArn ?? '')).toMatchObject({ type });
    expect(connector().operationArn).not.toBe(before);
  });

  test.each([
    ['PUT', 'pause'],
    ['PUT', 'stop'],
    ['POST', 'restart'],
    ['PUT', 'config'],
  ] as const)(
    '%s %s is a conflict after seven seconds, upon which clients ask again',
    async (method, what) => {
      const answer = asked(method, WANTED, what);
      await clock.advance(ANSWER_MS + 600);
      expect(answer()).toMatchObject({
        status: 409,
        body: { message: 'The connector orders is RESTARTING. Ask again: it can be changed after that.' },
      });
    },
  );
});

describe('while another configuration of the connector comes to be', () => {
  beforeEach(async () => {
    isServed = true;
    change({ state: 'RUNNING', hasRun: true, knowsPasswords: true });
    asked('PUT', WANTED);
    await clock.advance(0);
    expect(connector()).toMatchObject({ state: 'UPDATING', configuration: BEFORE });
  });

  async function comesToBe(): Promise<void> {
    change({ state: 'RUNNING', operationArn: null, configuration: WANTED });
    await clock.advance(300);
  }

  test.each([
    ['PATCH', { 'errors.tolerance': 'all' }, { ...WANTED, 'errors.tolerance': 'all' }],
    ['PUT', BEFORE, BEFORE],
  ] as const)('a %s that comes meanwhile changes the one that came before it', async (method, body, then) => {
    const answer = asked(method, body);
    await clock.advance(2_000);
    expect(answer()).toBeNull();
    await comesToBe();
    const operation = store.state.operation(connector().operationArn ?? '');
    expect(operation).toMatchObject({ target: { configuration: then } });
  });

  test('the same one again is there once it has come to be, and changes nothing', async () => {
    const answer = asked('PUT', WANTED);
    await comesToBe();
    expect(answer()).toMatchObject({ status: 200, body: { config: WANTED } });
    expect(connector().operationArn).toBeNull();
  });
});

test.each([
  ['pause', /^The connector orders is PAUSING\. Ask again/],
  ['config', /^The connector orders is UPDATING\. Ask again/],
])(
  'a %s that begins while a configuration is validated is a conflict, and no fault of that',
  async (what, why) => {
    isServed = true;
    change({ state: 'RUNNING', hasRun: true, knowsPasswords: true });
    duringValidation = async () => {
      duringValidation = async () => {};
      asked('PUT', { ...BEFORE, topics: 'others' }, what);
      await settle();
    };
    const answer = asked('PUT', WANTED);
    await clock.advance(0);
    expect(answer()).toMatchObject({ status: 409, body: { message: expect.stringMatching(why) } });
  },
);

test('flags of a restart are taken as Python writes them', async () => {
  isServed = true;
  change({ state: 'RUNNING', hasRun: true, knowsPasswords: true });
  asked('POST', {}, 'restart', 'includeTasks=True&onlyFailed=True');
  await clock.advance(0);
  expect(store.state.operation(connector().operationArn ?? '')).toMatchObject({ onlyFailedTasks: true });
});
