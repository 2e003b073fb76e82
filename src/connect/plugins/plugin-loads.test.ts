import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silent } from '../../base/log.ts';
import { isApiError } from '../../control/aws/api-error.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { ConnectStore } from '../state/connect-store.ts';
import type { Plugin } from '../state/plugin.ts';
import { ClassArchives } from '../worker/class-archives.ts';
import type { Installation, NoInstallation } from '../worker/installation.ts';
import { PluginFolder } from './plugin-folder.ts';
import { PluginLoads } from './plugin-loads.ts';

const ARN = 'arn:aws:kafkaconnect:us-east-1:000000000000:custom-plugin/p/uuid-1';
const FOUND =
  '{\\"class\\":\\"com.acme.Sink\\",\\"type\\":\\"sink\\",\\"version\\":\\"1\\",\\"named\\":true}';
const PLUGIN: Plugin = {
  ...{ arn: ARN, uuid: 'uuid', name: 'p', description: null, contentType: 'JAR' },
  ...{ bucketArn: 'arn:aws:s3:::b', fileKey: 'p.jar', createdAt: 0, tags: { old: 'tag' } },
  ...{ state: 'CREATING', stateInfo: null, fileMd5: '', fileSize: 1, hasManifests: false },
  classes: [{ class: 'com.acme.Sink', type: 'sink', version: '1' }],
};
const world = nodeWorld(silent);
let folder: string;
let store: ConnectStore;
let loads: PluginLoads;
/** Runs when the installation is asked for, before the Java process is started. */
let onInstallation: () => void;
let installation: Installation | NoInstallation;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-loads-'));
  mkdirSync(join(folder, 'libs'));
  mkdirSync(join(folder, 'plugins/uuid/content'), { recursive: true });
  writeFileSync(join(folder, 'libs/connect-runtime-4.3.1.jar'), '');
  store = ConnectStore.open(folder);
  store.execute((state) => state.createPlugin(PLUGIN));
  onInstallation = () => undefined;
  installation = {
    ...{ java: join(folder, 'java'), javaRelease: 17, version: '4.3.1' },
    ...{ libs: join(folder, 'libs'), classPath: join(folder, 'libs/*'), isLinked: false },
  };
  loads = new PluginLoads(
    {
      ...{ world, store, plugins: new PluginFolder(folder), archives: new ClassArchives(world, folder) },
      installation: async () => {
        onInstallation();
        return installation;
      },
      user: () => null,
    },
    folder,
  );
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** A Java that does this; `$word` stands before its answer. */
function java(does: string): void {
  const word = 'for one; do word=$third; third=$second; second=$one; done';
  writeFileSync(join(folder, 'java'), `#!/bin/sh\n${word}\n${does}\n`);
  chmodSync(join(folder, 'java'), 0o700);
}

function plugin(): Plugin {
  const found = store.state.plugins.get(ARN);
  if (isApiError(found)) throw new Error(found.message);
  return found;
}

test('tags that a plugin gets while it is loaded stay', async () => {
  java(
    `touch ${folder}/asked; until [ -e ${folder}/go ]; do sleep 0.05; done; echo "$word{\\"found\\":[${FOUND}],\\"failed\\":[]}"`,
  );
  const loaded = loads.load(ARN);
  await vi.waitFor(() => expect(existsSync(join(folder, 'asked'))).toBe(true), { timeout: 60_000 });
  store.execute((state) => state.setTags(ARN, { fresh: 'tag' }));
  writeFileSync(join(folder, 'go'), '');
  await loaded;
  expect(plugin()).toMatchObject({ state: 'ACTIVE', tags: { fresh: 'tag' } });
});

test('a process that is killed by the system is not told as one that took too long', async () => {
  java('kill -9 $$');
  await loads.load(ARN);
  expect(plugin()).toMatchObject({
    state: 'CREATE_FAILED',
    stateInfo: { message: 'Kafka Connect could not load it: Java ended with SIGKILL.' },
  });
});

test('a plugin that waits for Kafka Connect, which cannot be fetched, does not become ACTIVE without a load', async () => {
  installation = { missing: 'Kafka Connect could not be fetched.' };
  await loads.load(ARN);
  expect(plugin()).toMatchObject({
    state: 'CREATE_FAILED',
    stateInfo: { message: 'It could not be loaded: Kafka Connect could not be fetched.' },
  });
});

test('a plugin whose process is about to start when the control plane stops holds that up no longer', async () => {
  java('exec sleep 600');
  let stopped: Promise<void> | null = null;
  onInstallation = () => {
    stopped = loads.stop();
  };
  void loads.load(ARN);
  await vi.waitFor(() => expect(stopped).not.toBeNull(), 60_000);
  await stopped;
  expect(plugin().state).toBe('CREATING');
});
