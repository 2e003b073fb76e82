import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConnectStore } from './connect-store.ts';

/** As the release of version 3 stored it, in which the file of a plugin was there from the beginning. */
const PLUGIN_OF_VERSION_3 =
  '{"type":"PluginRecord","plugin":{"arn":"arn:aws:kafkaconnect:us-east-1:000000000000:custom-plugin/acme/p","uuid":"p","name":"acme","description":null,"contentType":"JAR","bucketArn":"arn:aws:s3:::b","fileKey":"acme.jar","createdAt":1,"tags":{},"state":"ACTIVE","stateInfo":null,"fileMd5":"0cc175b9c0f1b6a831c399e269772661","fileSize":1,"classes":[{"class":"com.acme.Sink","type":"sink","version":null}],"hasManifests":true}}';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-connect-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = () => join(folder, 'connect.db');

/** A file as a release of this version leaves it. */
function stored(version: number, records: readonly string[]): void {
  const database = new DatabaseSync(file());
  database.exec('CREATE TABLE records (position INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT');
  for (const record of records) database.prepare('INSERT INTO records (record) VALUES (?)').run(record);
  database.exec(`PRAGMA user_version = ${version}`);
  database.close();
}

function versionNow(): unknown {
  const database = new DatabaseSync(file());
  const { user_version: version } = database.prepare('PRAGMA user_version').get() ?? {};
  database.close();
  return version;
}

test('plugins of version 3 are read, and that release refuses the store from then on: it would take a file that is on its way for one that is there', () => {
  stored(3, [PLUGIN_OF_VERSION_3]);
  const store = ConnectStore.open(folder);
  expect(store.state.plugins.all()).toMatchObject([{ name: 'acme', state: 'ACTIVE', fileSize: 1 }]);
  store.close();
  expect(versionNow()).toBeGreaterThan(3);
});

test('a store of a newer Millrace is refused with what to do, and left as it is', () => {
  const newer = 1_000;
  stored(newer, ['{"type":"OfTomorrow"}']);
  expect(() => ConnectStore.open(folder)).toThrow(
    `${file()} cannot be read (it was written by a newer Millrace, with version ${newer} of the store): update Millrace.`,
  );
  expect(versionNow()).toBe(newer);
});
