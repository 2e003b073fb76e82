import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { textRecords } from '../clients/client.ts';
import { kafkaJs } from '../clients/kafkajs.ts';
import { kafkaTool } from '../support/kafka-tools.ts';
import { Millrace } from '../support/millrace.ts';

/** The output of DumpLogSegments if an index or a batch is not as Kafka writes it. */
const COMPLAINTS = /mismatch|corrupt|invalid|exception|error|non-monotonic|out of order/i;

let millrace: Millrace;

beforeAll(async () => {
  if (!kafkaJars('tools')) return;
  millrace = await Millrace.up(['--cluster', 'formats', '--brokers', '1']);
  const bootstrap = millrace.ready.clusters[0]?.bootstrap ?? '';
  await kafkaJs.createTopic?.(bootstrap, 'dumped', 1);
  for (const compression of kafkaJs.compressions)
    await kafkaJs.produce(bootstrap, 'dumped', compression, textRecords(1000, compression));
  await kafkaJs.consume(bootstrap, 'dumped', 'dumped-group', 1000 * kafkaJs.compressions.length);
  await millrace.stop();
});

afterAll(async () => {
  await millrace?.[Symbol.asyncDispose]();
});

/** The files with one of the endings, of partitions whose folder begins so, below the data folder. */
function files(folder: string, endings: readonly string[]): string[] {
  const root = join(millrace.data, 'clusters');
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(
      (name) => name.split('/').at(-2)?.startsWith(folder) && endings.some((ending) => name.endsWith(ending)),
    )
    .map((name) => join(root, name));
}

/** Kafka's tools print that they found no logger. */
function withoutLoggingNotice(stderr: string): string {
  return stderr.replaceAll(/^SLF4J: .*\n/gm, '');
}

async function dump(paths: readonly string[], ...options: string[]): Promise<string> {
  expect(paths).not.toEqual([]);
  const { status, stdout, stderr } = await kafkaTool('kafka-dump-log', [
    '--files',
    paths.join(','),
    ...options,
  ]);
  expect(withoutLoggingNotice(stderr)).toBe('');
  expect(status).toBe(0);
  return stdout;
}

describe.skipIf(!kafkaJars('tools'))('DumpLogSegments of Apache Kafka', () => {
  test('prints every record of a partition, and finds its indexes in order', async () => {
    const text = await dump(files('dumped-0', ['.log']), '--deep-iteration', '--print-data-log');
    expect(text).not.toMatch(COMPLAINTS);
    for (const compression of kafkaJs.compressions)
      for (const { value } of textRecords(1000, compression)) expect(text).toContain(value);
    const indexes = await dump(files('dumped-0', ['.index', '.timeindex']), '--index-sanity-check');
    expect(indexes).not.toMatch(COMPLAINTS);
  });

  test('decodes the offsets that a group committed', async () => {
    const logs = files('__consumer_offsets-', ['.log']);
    const text = await dump(logs, '--offsets-decoder');
    expect(text).not.toMatch(COMPLAINTS);
    expect(text).toContain('dumped-group');
    expect(text).toContain('"offset":5000');
  });

  test('decodes the metadata log and its snapshots', async () => {
    const text = await dump(files('__cluster_metadata-0', ['.log']), '--cluster-metadata-decoder');
    expect(text).not.toMatch(COMPLAINTS);
    for (const record of ['REGISTER_BROKER_RECORD', 'TOPIC_RECORD', 'PARTITION_RECORD'])
      expect(text).toContain(record);
    expect(text).toContain('dumped');
    const snapshots = files('__cluster_metadata-0', ['.checkpoint']);
    expect(await dump(snapshots, '--cluster-metadata-decoder')).not.toMatch(COMPLAINTS);
  });
});
