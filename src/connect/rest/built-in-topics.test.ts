import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answered } from '../../../test/support/answered.ts';
import { ActiveTopics } from '../../connectors/worker/active-topics.ts';
import type { ConnectControl } from '../api/connect-operation.ts';
import { ConnectorEntry } from '../connectors/connector-entry.ts';
import { builtInPlugin } from '../plugins/built-in-plugin.ts';
import { ConnectStore } from '../state/connect-store.ts';
import type { Connector } from '../state/connector.ts';
import { BuiltInConnector } from '../worker/built-in-connector.ts';
import { RestError, type WorkerHttp } from '../worker/worker-http.ts';
import { restAnswer } from './rest-answers.ts';

/** A worker process, as its door answers. */
class HandWorker {
  readonly topics = new ActiveTopics();
  readonly asked: string[] = [];
  isOld = false;
  isAway = false;
  /** Awaited after the topics were read, before they are told. */
  tells: Promise<void> = Promise.resolve();

  async send(method: string, path: string): Promise<unknown> {
    if (this.isAway) throw new RestError('nobody answers', null);
    this.asked.push(`${method} ${path}`);
    const report = { assignment: null, tasks: [] };
    if (path === '/tasks') return this.isOld ? report : { ...report, topicsDigest: this.topics.digest };
    if (path !== '/topics' || this.isOld) throw new RestError(`there is no ${method} ${path}`, 400);
    if (method === 'DELETE') this.topics.clear();
    const told = this.topics.report;
    if (method === 'GET') await this.tells;
    return told;
  }
}

const NAME = 'c';
let folder: string;
let store: ConnectStore;
/** Those that serve. */
let workers: HandWorker[];
let builtIn: BuiltInConnector;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-topics-'));
  store = ConnectStore.open(folder);
  const { arn } = builtInPlugin({ region: 'us-east-1', account: '000000000000' });
  const connector = { name: NAME, arn: 'arn', state: 'RUNNING', hasRun: true, plugin: { arn, revision: 1 } };
  store.execute(() => ({
    records: [{ type: 'ConnectorRecord', connector: connector as unknown as Connector }],
    answer: null,
  }));
  workers = [new HandWorker(), new HandWorker()];
  // A control plane that begins knows nothing of what workers told another one.
  builtIn = new BuiltInConnector(() =>
    workers.map((one, at) => ({
      ...{ number: at + 1, address: `here:${at}`, http: one as unknown as WorkerHttp },
    })),
  );
  builtIn.plan = { workerCount: 2, values: {} };
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

function asks(method: 'GET' | 'PUT', ...rest: string[]) {
  const control = {
    store,
    worker: () => (workers.length === 0 ? null : builtIn),
  } as unknown as ConnectControl;
  const path = ['connectors', NAME, 'topics', ...rest];
  return restAnswer(control, { method, path, query: '', body: undefined });
}

/** What Kafka Connect answers. */
const told = (...topics: string[]) => ({ status: 200, body: { [NAME]: { topics } } });

/** As the runner does when it looks. */
function kept(): void {
  new ConnectorEntry(store, 'arn').usesTopics(builtIn.activeTopics);
}

test('the topics of a connector are those of all of its workers', async () => {
  expect(await asks('GET')).toEqual(told());
  workers[0]?.topics.add('b');
  workers[1]?.topics.add('a');
  workers[1]?.topics.add('b');
  expect(await asks('GET')).toEqual(told('a', 'b'));
});

test('topics are told also when the workers are others, and when none serves and Millrace has begun again', async () => {
  workers[0]?.topics.add('a');
  await builtIn.look(NAME);
  kept();
  workers = [new HandWorker(), new HandWorker()];
  workers[0]?.topics.add('b');
  expect(await asks('GET')).toEqual(told('a', 'b'));
  kept();
  workers = [];
  store.close();
  store = ConnectStore.open(folder);
  expect(await asks('GET')).toEqual(told('a', 'b'));
});

test('topics that workers told before are told while they do not answer', async () => {
  workers[0]?.topics.add('a');
  await builtIn.look(NAME);
  for (const worker of workers) worker.isAway = true;
  expect(await asks('GET')).toEqual(told('a'));
});

test('a reset forgets them until they are used again', async () => {
  workers[0]?.topics.add('a');
  await builtIn.look(NAME);
  kept();
  expect(await asks('PUT', 'reset')).toEqual({ status: 202, body: null });
  await builtIn.look(NAME);
  kept();
  expect(await asks('GET')).toEqual(told());
  workers[0]?.topics.add('a');
  expect(await asks('GET')).toEqual(told('a'));
});

test('what a worker was asked before a reset is not told after it', async () => {
  const [worker] = workers;
  worker?.topics.add('a');
  let tell = (): void => undefined;
  if (worker)
    worker.tells = new Promise((resolve) => {
      tell = resolve;
    });
  const looking = builtIn.look(NAME);
  while (!worker?.asked.includes('GET /topics')) await new Promise((done) => setImmediate(done));
  await answered(202, asks('PUT', 'reset'));
  tell();
  await looking;
  expect([...builtIn.activeTopics]).toEqual([]);
  worker.topics.add('a');
  expect(await asks('GET')).toEqual(told('a'));
});

test('a reset that a worker cannot follow is refused, and changes nothing that is told', async () => {
  workers[0]?.topics.add('a');
  await builtIn.look(NAME);
  kept();
  const away = workers.splice(1);
  expect(await asks('PUT', 'reset')).toMatchObject({
    status: 503,
    body: { message: /topics of the connector c are not reset, .*1 of 2 workers serve/ },
  });
  expect(await asks('GET')).toEqual(told('a'));
  workers.push(...away);
  if (away[0]) away[0].isAway = true;
  await answered(503, asks('PUT', 'reset'));
  expect(await asks('GET')).toEqual(told('a'));
});

test('workers are asked for names only when they have others', async () => {
  const [worker] = workers;
  worker?.topics.add('a');
  for (let times = 0; times < 5; times++) await builtIn.look(NAME);
  worker?.topics.add('b');
  for (let times = 0; times < 5; times++) await builtIn.look(NAME);
  expect(worker?.asked.filter((one) => one === 'GET /topics')).toHaveLength(2);
  expect([...builtIn.activeTopics].sort()).toEqual(['a', 'b']);
});

test('a worker of an older release, which tells no topics, is not asked for them', async () => {
  for (const worker of workers) worker.isOld = true;
  expect(await asks('GET')).toEqual(told());
  await answered(202, asks('PUT', 'reset'));
});
