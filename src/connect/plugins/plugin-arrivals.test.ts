import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ManualClock } from '../../../test/coordinator/manual-clock.ts';
import { silent } from '../../base/log.ts';
import type { ApiError } from '../../control/aws/api-error.ts';
import { ConnectStore } from '../state/connect-store.ts';
import type { Plugin } from '../state/plugin.ts';
import { PluginArrivals } from './plugin-arrivals.ts';
import { PluginFolder } from './plugin-folder.ts';
import { PluginSource } from './plugin-source.ts';
import { classBytes } from './testing/class-bytes.ts';
import { zipBytes } from './zip-bytes.ts';

/** A plugin whose file was on its way when Millrace ended. */
const COMING: Plugin = {
  ...{ arn: 'arn:plugin', uuid: 'p', name: 'acme', description: null, contentType: 'JAR' },
  ...{ bucketArn: 'arn:aws:s3:::bucket', fileKey: 'acme.jar', createdAt: 0, tags: {} },
  ...{ state: 'CREATING', stateInfo: null, fileMd5: null, fileSize: null, classes: [], hasManifests: false },
};
const NO_ANSWER: ApiError = {
  error: 'ServiceUnavailableException',
  message: 'GET s3://bucket/acme.jar at http://127.0.0.1:1 had no answer: ECONNREFUSED.',
};

let folder: string;
let store: ConnectStore;
let clock: ManualClock;
let arrivals: PluginArrivals;
let attempts: number;
/** What the bucket answers; null: the file. */
let fault: ApiError | null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-arrivals-'));
  mkdirSync(join(folder, 'buckets/bucket'), { recursive: true });
  const superclass = 'org.apache.kafka.connect.sink.SinkConnector';
  const jar = zipBytes([
    { name: `META-INF/services/${superclass}`, bytes: 'com.acme.Sink\n' },
    { name: 'com/acme/Sink.class', bytes: classBytes({ name: 'com.acme.Sink', superclass }) },
  ]);
  writeFileSync(join(folder, 'buckets/bucket/acme.jar'), jar);
  store = ConnectStore.open(folder);
  store.execute(() => ({ records: [{ type: 'PluginRecord', plugin: COMING }], answer: null }));
  clock = new ManualClock();
  attempts = 0;
  fault = NO_ANSWER;
  class FailingSource extends PluginSource {
    override async file(...asked: Parameters<PluginSource['file']>) {
      attempts++;
      return fault ?? super.file(...asked);
    }
  }
  arrivals = new PluginArrivals({
    ...{ world: { clock, log: silent }, store, plugins: new PluginFolder(folder) },
    ...{ loads: { load: async () => undefined }, source: new FailingSource(folder, null) },
    installation: async () => ({ missing: 'It is not installed.' }),
  });
});
afterEach(() => {
  arrivals.stop();
  store.close();
  rmSync(folder, { recursive: true });
});

const plugin = () => store.state.plugins.all()[0];

test('a bucket that does not answer while Millrace starts is asked again until it does', async () => {
  arrivals.start();
  await clock.advance(300_000);
  expect(plugin()).toEqual(COMING);
  expect(arrivals.waits(COMING.arn)).toBe(NO_ANSWER.message);
  fault = null;
  await clock.advance(60_000);
  await vi.waitFor(() => expect(plugin()).toMatchObject({ state: 'ACTIVE' }), 60_000);
  expect(plugin()?.classes).toMatchObject([{ class: 'com.acme.Sink' }]);
  expect(arrivals.waits(COMING.arn)).toBeNull();
});

test('a bucket that does not answer for half an hour makes the plugin CREATE_FAILED, and is not asked again', async () => {
  arrivals.start();
  await clock.advance(1_700_000);
  expect(plugin()).toMatchObject({ state: 'CREATING' });
  await clock.advance(200_000);
  expect(plugin()).toMatchObject({
    state: 'CREATE_FAILED',
    stateInfo: { code: 'FILE_OUT_OF_REACH', message: NO_ANSWER.message },
  });
  const before = attempts;
  await clock.advance(3_600_000);
  expect(attempts).toBe(before);
});

test('what the bucket refuses in the end is told at once', async () => {
  arrivals.start();
  await clock.advance(10_000);
  fault = { error: 'BadRequestException', message: 'It was refused with 404, NoSuchKey.' };
  await clock.advance(60_000);
  expect(plugin()).toMatchObject({ state: 'CREATE_FAILED', stateInfo: { code: 'FILE_REFUSED' } });
});

test('a plugin that is deleted, or a Millrace that stops, asks for nothing any more', async () => {
  arrivals.start();
  await clock.advance(10_000);
  store.execute((state) => state.deletePlugin(COMING.arn));
  await clock.advance(60_000);
  const before = attempts;
  await clock.advance(600_000);
  expect([attempts, plugin()]).toEqual([before, undefined]);

  store.execute(() => ({ records: [{ type: 'PluginRecord', plugin: COMING }], answer: null }));
  arrivals.start();
  await clock.advance(10_000);
  arrivals.stop();
  const stopped = attempts;
  await clock.advance(600_000);
  expect([attempts, plugin()]).toEqual([stopped, COMING]);
});
