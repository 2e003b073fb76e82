import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../../test/coordinator/manual-clock.ts';
import { SealedStore } from '../../control/sealed/sealed-store.ts';
import type { ConnectControl } from '../api/connect-operation.ts';
import { PluginFolder } from '../plugins/plugin-folder.ts';
import { SealedValues } from '../secrets/sealed-values.ts';
import { ConnectStore } from '../state/connect-store.ts';
import type { Connector } from '../state/connector.ts';
import type { Plugin } from '../state/plugin.ts';
import { creation } from './connector-creation.ts';
import { ANSWER_MS, type RestAnswer } from './rest-answer.ts';
import { restAnswer } from './rest-answers.ts';

const CLASS = 'com.acme.Sink';
const PLUGIN: Plugin = {
  ...{ arn: 'arn:plugin', uuid: 'p', name: 'acme', description: null, contentType: 'JAR' },
  ...{ bucketArn: 'arn:aws:s3:::b', fileKey: 'p.jar', createdAt: 0, tags: {} },
  ...{ state: 'ACTIVE', stateInfo: null, fileMd5: '', fileSize: 1, hasManifests: true },
  classes: [{ class: CLASS, type: 'sink', version: '1' }],
};
const ASKED = { name: 'orders', config: { 'connector.class': CLASS, topics: 'orders', secret: 'staple' } };

let folder: string;
let clock: ManualClock;
let store: ConnectStore;
let control: ConnectControl;
let answer: RestAnswer | null;

/** Before workers that say nothing: the connector does not find out whether its configuration is valid. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-creation-'));
  clock = new ManualClock();
  store = ConnectStore.open(folder);
  store.execute((state) => state.createPlugin(PLUGIN));
  const sealed = SealedStore.open(folder);
  control = {
    options: { dataDirectory: folder, region: 'us-east-1', account: '000000000000' },
    ...{ store, sealed, clock, values: new SealedValues(sealed), plugins: new PluginFolder(folder) },
    pluginArrivals: {
      bring: () => new Promise(() => undefined),
      complete: async () => undefined,
      waits: () => null,
    },
    pluginLoads: { load: async () => undefined },
    installation: async () => ({ java: 'java', javaRelease: 17, coming: 'It comes.', version: null }),
    pluginRights: async () => '',
    logs: () => [],
    worker: () => null,
    clusters: () => [{ name: 'demo', clusterId: 'id', plaintext: '127.0.0.1:1', tls: null }],
    now: () => clock.now(),
  };
  answer = null;
  void creation(control, ASKED).then((said) => {
    answer = said;
  });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

function change(more: Partial<Connector>): void {
  const [connector] = store.state.connectors.all();
  if (connector === undefined) throw new Error('there is no connector');
  store.execute(() => ({
    records: [{ type: 'ConnectorRecord', connector: { ...connector, ...more } }],
    answer: null,
  }));
}

describe('POST /connectors', () => {
  test('answers after seven seconds with the connector, whose configuration nobody has validated yet', async () => {
    await clock.advance(ANSWER_MS - 300);
    expect(answer).toBeNull();
    await clock.advance(600);
    expect(answer).toMatchObject({ status: 201, body: { name: 'orders', config: { secret: '[hidden]' } } });
    expect(store.state.connectors.all().map(({ state }) => state)).toEqual(['CREATING']);
  });

  test('answers as soon as the configuration is known to be valid', async () => {
    await clock.advance(1_000);
    change({ knowsPasswords: true });
    await clock.advance(300);
    expect(answer).toMatchObject({ status: 201 });
  });

  test('answers 400 with the reason where it is not valid, and there is no connector', async () => {
    await clock.advance(1_000);
    change({ state: 'FAILED', stateInfo: { code: 'INVALID_CONFIGURATION', message: 'topics: no' } });
    await clock.advance(300);
    expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining('topics: no') } });
    expect(store.state.connectors.all().map(({ state }) => state)).toEqual(['DELETING']);
  });
});

/** What a client is told by now that asks for this below `/connectors/orders`; null: it still waits. */
function asked(...path: readonly string[]): () => RestAnswer | null {
  let said: RestAnswer | null = null;
  const request = { method: 'GET', path: ['connectors', 'orders', ...path], query: '', body: undefined };
  void restAnswer(control, request).then((one) => {
    said = one;
  });
  return () => said;
}

describe('GET of a connector that has not said yet which of its properties are passwords', () => {
  test('is answered as soon as it has, and tells the values that are none', async () => {
    await clock.advance(500);
    const answers = [asked(), asked('config')];
    await clock.advance(1_000);
    expect(answers.map((one) => one())).toEqual([null, null]);
    const [connector] = store.state.connectors.all();
    const configuration = { ...connector?.configuration, topics: 'orders', other: 'plain' };
    change({ knowsPasswords: true, configuration });
    await clock.advance(300);
    const config = { other: 'plain', topics: 'orders', secret: '[hidden]', name: 'orders' };
    expect(answers.map((one) => one())).toMatchObject([
      { status: 200, body: { name: 'orders', config } },
      { status: 200, body: config },
    ]);
  });

  test('is a conflict after seven seconds: hidden values would look like changed ones', async () => {
    await clock.advance(500);
    const answers = [asked(), asked('config')];
    await clock.advance(ANSWER_MS + 600);
    for (const one of answers)
      expect(one()).toEqual({
        status: 409,
        body: { error_code: 409, message: expect.stringContaining('The connector orders is CREATING') },
      });
  });

  test('tells its state at any time, that it has no tasks yet, and what it is in a list of all', async () => {
    await clock.advance(500);
    const status = asked('status');
    await clock.advance(0);
    expect(status()).toMatchObject({ status: 200, body: { connector: { state: 'UNASSIGNED' } } });
    const nothing = [asked('tasks'), asked('topics')];
    await clock.advance(0);
    expect(nothing.map((one) => one())).toEqual([
      { status: 200, body: [] },
      { status: 200, body: { orders: { topics: [] } } },
    ]);
    const list = { method: 'GET', path: ['connectors'], query: 'expand=info', body: undefined };
    expect(await restAnswer(control, list)).toMatchObject({
      body: { orders: { info: { config: { secret: '[hidden]' } } } },
    });
  });

  test('of one that has failed before it could say so, they are told as hidden', async () => {
    await clock.advance(500);
    change({ state: 'FAILED', stateInfo: { code: 'WORKER_FAILED', message: 'no memory' } });
    const config = asked('config');
    await clock.advance(0);
    expect(config()).toMatchObject({ status: 200, body: { secret: '[hidden]' } });
  });

  test('of one that is deleted meanwhile is that there is none', async () => {
    await clock.advance(500);
    const config = asked('config');
    await clock.advance(300);
    change({ state: 'DELETING' });
    await clock.advance(300);
    expect(config()).toMatchObject({ status: 404 });
  });
});
