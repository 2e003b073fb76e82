import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silent } from '../../base/log.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { PluginFolder } from '../plugins/plugin-folder.ts';
import { PluginSource } from '../plugins/plugin-source.ts';
import { classBytes } from '../plugins/testing/class-bytes.ts';
import { zipBytes } from '../plugins/zip-bytes.ts';
import { ConnectStore } from '../state/connect-store.ts';
import type { ConnectControl } from './connect-operation.ts';
import { createCustomPlugin, describeCustomPlugin } from './plugins.ts';

const WHY = 'Kafka Connect could not be fetched: it is tried again.';

let folder: string;
let store: ConnectStore;
let loads: string[];
let installation: Awaited<ReturnType<ConnectControl['installation']>>;
let control: ConnectControl;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-plugins-'));
  mkdirSync(join(folder, 'buckets/bucket'), { recursive: true });
  const superclass = 'org.apache.kafka.connect.sink.SinkConnector';
  const jar = zipBytes([
    { name: `META-INF/services/${superclass}`, bytes: 'com.acme.Sink\n' },
    { name: 'com/acme/Sink.class', bytes: classBytes({ name: 'com.acme.Sink', superclass }) },
  ]);
  writeFileSync(join(folder, 'buckets/bucket/acme.jar'), jar);
  store = ConnectStore.open(folder);
  loads = [];
  const { clock } = nodeWorld(silent);
  control = {
    options: { dataDirectory: folder, region: 'us-east-1', account: '000000000000' },
    ...{ store, clock, plugins: new PluginFolder(folder), pluginSource: new PluginSource(folder, null) },
    pluginLoads: { load: async (arn: string) => void loads.push(arn) },
    installation: async () => installation,
    now: () => clock.now(),
  } as unknown as ConnectControl;
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** The state that CreateCustomPlugin answers with, and what DescribeCustomPlugin says then. */
async function made() {
  const s3Location = { bucketArn: 'arn:aws:s3:::bucket', fileKey: 'acme.jar' };
  const input = { name: 'acme', description: '', contentType: 'JAR', location: { s3Location } } as const;
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
