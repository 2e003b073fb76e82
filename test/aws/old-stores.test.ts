import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { ApiHarness } from './api-harness.ts';
import { FakeAccess } from './fake-access.ts';

/**
 * Stores that earlier releases wrote, one of each version, with the answers of these releases: clusters with
 * their operations, tags, configurations and secrets, and one deleted cluster. This release finishes what was
 * running or waiting when the store was copied, and the times of that are not in the answers.
 */

const FOLDER = join(import.meta.dirname, 'old-stores');

interface OldStore {
  readonly release: string;
  readonly version: number;
  readonly records: readonly object[];
  /** Other files of the folder, in base64. */
  readonly files?: Readonly<Record<string, string>>;
  /** By the path of a GET request. */
  readonly answers: Readonly<Record<string, object>>;
}

const STORES = readdirSync(FOLDER).map((file): OldStore => {
  const stored: Omit<OldStore, 'release'> = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
  return { release: file.replace('.json', ''), ...stored };
});

test('there is a store of every version since 2', () => {
  expect(STORES.map(({ version }) => version).sort()).toEqual([2, 3, 4, 5, 6, 7]);
});

test.each(STORES)('the store of $release, version $version, answers as it did', async (old) => {
  await using api = await started(old);
  for (const [path, answer] of Object.entries(old.answers))
    expect(await get(api, path), path).toMatchObject(answer);
});

/**
 * Clusters requested without `encryptionInfo`: c82e47e answered that they are in plaintext, 702eecc answered
 * nothing. MSK's defaults apply to new clusters only.
 */
test.each(STORES.filter(({ release }) => ['c82e47e', '702eecc'].includes(release)))(
  'a cluster that $release made in plaintext stays so, and can be told to encrypt',
  async (old) => {
    await using api = await started(old);
    const [path = '', before] = Object.entries(old.answers)[0] ?? [];
    const { clusterInfo }: ClusterAnswer = await get(api, path);
    // The request had no such member, so the answers of this release have none either if the old release
    // answered none.
    expect(clusterInfo.encryptionInfo?.encryptionInTransit).toEqual(
      (before as ClusterAnswer).clusterInfo.encryptionInfo?.encryptionInTransit,
    );
    const change = async (encryptionInTransit: object) => {
      const { status } = await fetch(`${api.control.url}/${path}/security`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          currentVersion: clusterInfo.currentVersion,
          encryptionInfo: { encryptionInTransit },
        }),
      });
      await api.control.settled();
      return status;
    };
    expect(await change({ inCluster: true })).toBe(400);
    expect(await change({ clientBroker: 'TLS', inCluster: false })).toBe(200);
    expect(await get(api, path)).toMatchObject({
      clusterInfo: { state: 'ACTIVE', encryptionInfo: { encryptionInTransit: { clientBroker: 'TLS' } } },
    });
    expect(await get(api, `${path}/bootstrap-brokers`)).toEqual({
      bootstrapBrokerStringTls: 'localhost:9094,localhost:9104,localhost:9114',
    });
  },
);

interface ClusterAnswer {
  readonly clusterInfo: {
    readonly currentVersion: string;
    readonly encryptionInfo?: { readonly encryptionInTransit: object };
  };
}

/** Resolves when everything that was running or waiting is done. */
async function started(old: OldStore): Promise<ApiHarness> {
  const api = await ApiHarness.start(
    () => new FakeAccess([[1, 2, 3]]),
    (data) => writeFolder(data, old),
  );
  await api.control.settled();
  return api;
}

async function get<Answer>(api: ApiHarness, path: string): Promise<Answer> {
  return JSON.parse(await (await fetch(`${api.control.url}/${path}`)).text());
}

function writeFolder(data: string, { version, records, files = {} }: OldStore): void {
  const database = new DatabaseSync(join(data, 'control.db'));
  database.exec('CREATE TABLE records (position INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT');
  database.exec(`PRAGMA user_version = ${version}`);
  const insert = database.prepare('INSERT INTO records (record) VALUES (?)');
  for (const record of records) insert.run(JSON.stringify(record));
  database.close();
  for (const [name, bytes] of Object.entries(files))
    writeFileSync(join(data, name), Buffer.from(bytes, 'base64'), { mode: 0o600 });
}
