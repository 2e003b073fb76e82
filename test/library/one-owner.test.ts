import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startCluster } from '../../src/index.ts';
import { compareRecords, textRecords } from '../clients/client.ts';
import { kafkaJs } from '../clients/kafkajs.ts';
import { freePorts } from '../support/free-port.ts';
import { Millrace } from '../support/millrace.ts';

/** Two owners of one folder overwrite each other's acknowledged records. */

const LIBRARY = join(import.meta.dirname, '../../src/index.ts');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-owner-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a second cluster in the folder of a running one is refused, and the records of the first are all there', async () => {
  const records = textRecords(100, 'kept');
  {
    await using cluster = await startCluster({ dataDirectory: folder });
    await expect(startCluster({ dataDirectory: folder })).rejects.toThrow(
      `The data folder ${folder} is in use by another Millrace`,
    );
    await kafkaJs.produce(cluster.bootstrap, 'kept', 'none', records);
  }
  await using cluster = await startCluster({ dataDirectory: folder });
  const read = await kafkaJs.consume(cluster.bootstrap, 'kept', 'readers', records.length);
  expect(compareRecords(records, read)).toEqual([]);
});

test('another process is refused the folder of a running cluster', async () => {
  await using _cluster = await startCluster({ dataDirectory: folder });
  const program = `
    const { startCluster } = await import(${JSON.stringify(LIBRARY)});
    await startCluster({ dataDirectory: ${JSON.stringify(folder)} }).catch((error) => console.log(error.message));
  `;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  expect(printed).toMatch(/^The data folder .* is in use by another Millrace/);
});

test('`millrace up` refuses the folder of a running cluster', async () => {
  await using _cluster = await startCluster({ dataDirectory: folder });
  await expect(Millrace.up([], { data: folder, port: 0 })).rejects.toThrow(
    `The data folder ${folder} is in use by another Millrace`,
  );
});

test('the folders of a running `millrace up` are refused: its own, and that of a cluster in it', async () => {
  const ports = ['--kafka-port', String(await freePorts())];
  await using millrace = await Millrace.up(['--brokers', '1', ...ports], { data: folder, port: 0 });
  await expect(startCluster({ dataDirectory: millrace.data })).rejects.toThrow('in use by another Millrace');
  const clusters = join(millrace.data, 'clusters');
  const [cluster = ''] = readdirSync(clusters);
  await expect(startCluster({ dataDirectory: join(clusters, cluster) })).rejects.toThrow(
    'in use by another Millrace',
  );
  await millrace.stop();
  await expect(startCluster({ dataDirectory: millrace.data })).rejects.toThrow(
    'the data folder of "millrace up"',
  );
});

test('a folder that cannot be made is one sentence', async () => {
  await expect(startCluster({ dataDirectory: '/proc/x' })).rejects.toThrow(
    /^The data folder \/proc\/x cannot be used \(.*\): choose another dataDirectory\.$/,
  );
});
