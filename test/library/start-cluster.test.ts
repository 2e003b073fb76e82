import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startCluster } from '../../src/index.ts';
import { compareRecords, textRecords } from '../clients/client.ts';
import { kafkaJs } from '../clients/kafkajs.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-library-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a cluster whose data folder is kept finds its records again', async () => {
  const records = textRecords(500, 'kept');
  {
    await using cluster = await startCluster({ dataDirectory: folder });
    await kafkaJs.produce(cluster.bootstrap, 'kept', 'none', records);
  }
  await using cluster = await startCluster({ dataDirectory: folder });
  const read = await kafkaJs.consume(cluster.bootstrap, 'kept', 'readers', records.length);
  expect(compareRecords(records, read)).toEqual([]);
});

test('three brokers hold three copies of what is written to a topic that a client made', async () => {
  await using cluster = await startCluster({ brokers: 3 });
  await kafkaJs.produce(cluster.bootstrap, 'copied', 'none', textRecords(10, 'copied'));
  expect(await kafkaJs.replicas?.(cluster.bootstrap, 'copied')).toEqual([3]);
});
