import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silent } from '../../base/log.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { PluginArrivals } from '../plugins/plugin-arrivals.ts';
import { PluginFolder } from '../plugins/plugin-folder.ts';
import { PluginSource } from '../plugins/plugin-source.ts';
import { classBytes } from '../plugins/testing/class-bytes.ts';
import { zipBytes } from '../plugins/zip-bytes.ts';
import { ConnectStore } from '../state/connect-store.ts';
import type { ConnectControl } from './connect-operation.ts';
import { createCustomPlugin, deleteCustomPlugin, describeCustomPlugin } from './plugins.ts';

const WHY = 'Kafka Connect could not be fetched: it is tried again.';

let folder: string;
let store: ConnectStore;
let loads: string[];
let installation: Awaited<ReturnType<ConnectControl['installation']>>;
let control: ConnectControl;
let arrivals: PluginArrivals;
/** What the bucket waits for before it gives a file. */
let bucketOpens: Promise<void>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-plugins-'));
  mkdirSync(join(folder, 'buckets/bucket'), { recursive: true });
  const superclass = 'org.apache.kafka.connect.sink.SinkConnector';
  const jar = zipBytes([
    { name: `META-INF/services/${superclass}`, bytes: 'com.acme.Sink\n' },
    { name: 'com/acme/Sink.class', bytes: classBytes({ name: 'com.acme.Sink', superclass }) },
  ]);
  writeFileSync(join(folder, 'buckets/bucket/acme.jar'), jar);
  writeFileSync(join(folder, 'buckets/bucket/acme.zip'), zipBytes([{ name: 'lib/acme.jar', bytes: jar }]));
  store = ConnectStore.open(folder);
  loads = [];
  bucketOpens = Promise.resolve();
  const world = nodeWorld(silent);
  const { clock } = world;
  const plugins = new PluginFolder(folder);
  const pluginLoads = { load: async (arn: string) => void loads.push(arn) };
  class SlowSource extends PluginSource {
    override async file(...asked: Parameters<PluginSource['file']>) {
      await bucketOpens;
      return super.file(...asked);
    }
  }
  arrivals = new PluginArrivals({
    ...{ world, store, plugins, loads: pluginLoads, source: new SlowSource(folder, null) },
    installation: async () => installation,
  });
  control = {
    options: { dataDirectory: folder, region: 'us-east-1', account: '000000000000' },
    ...{ store, clock, plugins, pluginLoads, pluginArrivals: arrivals },
    installation: async () => installation,
    now: () => clock.now(),
  } as unknown as ConnectControl;
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** The state that CreateCustomPlugin answers with, and what DescribeCustomPlugin says then. */
async function made(fileKey = 'acme.jar', contentType: 'JAR' | 'ZIP' = 'JAR') {
  const s3Location = { bucketArn: 'arn:aws:s3:::bucket', fileKey };
  const input = { name: 'acme', description: '', contentType, location: { s3Location } };
  const answer = await createCustomPlugin.run(control, input);
  const [plugin] = store.state.plugins.all();
  return { answer, told: await describeCustomPlugin.run(control, { customPluginArn: plugin?.arn ?? '' }) };
}

test('a plugin that is made while fetching Kafka Connect fails and is tried again waits for its load', async () => {
  installation = { missing: WHY, comesFor: { java: 'java', javaRelease: 17 } };
  const { answer, told } = await made();
  expect(answer).toMatchObject({ customPluginState: 'CREATING' });
  expect(loads).toHaveLength(1);
  expect(told).toMatchObject({ stateDescription: { code: 'INSTALLING_KAFKA_CONNECT', message: WHY } });
});

test('a plugin is not loaded where Kafka Connect is not installed', async () => {
  installation = { missing: 'It is not installed.' };
  const { answer, told } = await made();
  expect(answer).toMatchObject({ customPluginState: 'ACTIVE' });
  expect(loads).toEqual([]);
  expect(told).not.toHaveProperty('stateDescription');
});

/** A bucket that gives nothing before the answer is called, and a patience that is over at once. */
function slowBucket(): () => void {
  let opens: () => void = () => undefined;
  bucketOpens = new Promise((resolve) => {
    opens = resolve;
  });
  const { clock } = control;
  const monotonic = () => clock.monotonic();
  const after = (_: number, run: () => void) => clock.after(0, run);
  control = { ...control, clock: { ...clock, monotonic, after } };
  return () => opens();
}

test('a file that takes longer than clients wait is CREATING meanwhile, and its name is taken', async () => {
  installation = { missing: 'It is not installed.' };
  const opens = slowBucket();
  const { answer, told } = await made();
  expect(answer).toMatchObject({ customPluginState: 'CREATING' });
  expect(told).toMatchObject({ stateDescription: { code: 'FETCHING_FILE' } });
  expect(told).not.toHaveProperty('latestRevision.fileDescription');
  expect((await made()).answer).toMatchObject({ error: 'ConflictException' });
  opens();
  await vi.waitFor(() => expect(store.state.plugins.all()).toMatchObject([{ state: 'ACTIVE' }]), 60_000);
  const [plugin] = store.state.plugins.all();
  expect(plugin?.classes).toMatchObject([{ class: 'com.acme.Sink', type: 'sink' }]);
  expect(plugin?.fileSize).toBeGreaterThan(0);
});

test('a file that is refused later makes its plugin CREATE_FAILED with the reason', async () => {
  installation = { missing: 'It is not installed.' };
  const opens = slowBucket();
  await made('none.jar');
  opens();
  await vi.waitFor(
    () =>
      expect(store.state.plugins.all()).toMatchObject([
        { state: 'CREATE_FAILED', stateInfo: { message: 'The bucket bucket has no object none.jar.' } },
      ]),
    60_000,
  );
});

test('a plugin that is deleted before its file is here leaves nothing behind', async () => {
  installation = { missing: 'It is not installed.' };
  const opens = slowBucket();
  await made();
  const [plugin] = store.state.plugins.all();
  const { uuid = '', arn = '' } = plugin ?? {};
  const brought = vi.spyOn(control.plugins, 'store');
  const removed = vi.spyOn(control.plugins, 'remove');
  await deleteCustomPlugin.run(control, { customPluginArn: arn });
  opens();
  await vi.waitFor(() => expect(removed).toHaveBeenCalledTimes(2), 60_000);
  await Promise.all(removed.mock.results.map(({ value }) => value));
  expect(brought).toHaveBeenCalled();
  expect(existsSync(control.plugins.path(uuid))).toBe(false);
  expect(store.state.plugins.all()).toEqual([]);
});

test('a start begins anew with the file that a crash broke off, also when half of it was unpacked', async () => {
  installation = { missing: WHY, comesFor: { java: 'java', javaRelease: 17 } };
  slowBucket();
  await made('acme.zip', 'ZIP');
  const [{ uuid } = { uuid: '' }] = store.state.plugins.all();
  for (const left of ['lib', 'of-another-version'])
    mkdirSync(join(control.plugins.path(uuid), 'content', left), { recursive: true });
  for (const left of ['archive.zip', 'content/lib/acme.jar', 'content/of-another-version/acme.jar'])
    writeFileSync(join(control.plugins.path(uuid), left), 'half');
  bucketOpens = Promise.resolve();
  arrivals.start();
  await vi.waitFor(() => expect(loads).toHaveLength(1), 60_000);
  expect(store.state.plugins.all()).toMatchObject([
    { state: 'CREATING', classes: [{ class: 'com.acme.Sink' }] },
  ]);
  expect(readdirSync(join(control.plugins.path(uuid), 'content'))).toEqual(['lib']);
});
