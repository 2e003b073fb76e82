import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { ApiHarness } from './api-harness.ts';
import { FakeAccess } from './fake-access.ts';

/**
 * Clusters that earlier releases made of a request without `encryptionInfo`, as these stored and described them: c82e47e said that
 * they are in plaintext, later ones said nothing. MSK's defaults are for clusters that come.
 */

const FOLDER = join(import.meta.dirname, 'old-stores');

interface OldStore {
  readonly version: number;
  readonly records: readonly object[];
  readonly clusterInfo: {
    readonly clusterArn: string;
    readonly currentVersion: string;
    readonly encryptionInfo?: { readonly encryptionInTransit: object };
  };
  readonly bootstrap: object;
}

test.each(readdirSync(FOLDER))(
  'a cluster of %s keeps its answers, and can be told to encrypt',
  async (file) => {
    const old: OldStore = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
    await using api = await ApiHarness.start(
      () => new FakeAccess([]),
      (data) => writeStore(data, old),
    );
    const { clusterArn, currentVersion } = old.clusterInfo;
    const path = `v1/clusters/${encodeURIComponent(clusterArn)}`;
    const get = async (url: string): Promise<Pick<OldStore, 'clusterInfo'>> =>
      JSON.parse(await (await fetch(`${api.control.url}/${url}`)).text());
    const { clusterInfo } = await get(path);
    expect(clusterInfo).toMatchObject(old.clusterInfo);
    expect(clusterInfo.encryptionInfo?.encryptionInTransit).toEqual(
      old.clusterInfo.encryptionInfo?.encryptionInTransit,
    );
    expect(await get(`${path}/bootstrap-brokers`)).toEqual(old.bootstrap);

    const change = async (encryptionInTransit: object, version: unknown) => {
      const { status } = await fetch(`${api.control.url}/${path}/security`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ currentVersion: version, encryptionInfo: { encryptionInTransit } }),
      });
      await api.control.settled();
      return status;
    };
    expect(await change({ inCluster: true }, currentVersion)).toBe(400);
    expect(await change({ clientBroker: 'TLS', inCluster: false }, currentVersion)).toBe(200);
    expect(await get(path)).toMatchObject({
      clusterInfo: { state: 'ACTIVE', encryptionInfo: { encryptionInTransit: { clientBroker: 'TLS' } } },
    });
    expect(await get(`${path}/bootstrap-brokers`)).toEqual({
      bootstrapBrokerStringTls: 'localhost:9094,localhost:9104,localhost:9114',
    });
  },
);

function writeStore(data: string, { version, records }: OldStore): void {
  const database = new DatabaseSync(join(data, 'control.db'));
  database.exec('CREATE TABLE records (position INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT');
  database.exec(`PRAGMA user_version = ${version}`);
  const insert = database.prepare('INSERT INTO records (record) VALUES (?)');
  for (const record of records) insert.run(JSON.stringify(record));
  database.close();
}
