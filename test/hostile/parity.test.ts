import { afterAll, beforeAll, expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { type StartedCluster, startCluster } from '../../src/index.ts';
import { kafkaJs } from '../clients/kafkajs.ts';
import { type ApacheKafka, startApacheKafka } from '../support/apache-kafka.ts';
import { hostileInputs } from './raw-frames.ts';
import { sendRaw } from './send-raw.ts';

/** Where the two must differ, and why. */
const DIFFERENCES: Record<string, string> = {
  'ApiVersions v0': 'each lists what it serves',
  'a Metadata request of -2 topics': 'each names its own brokers',
  'a decompression bomb': 'a compressed batch is stored unopened unless its keys matter; Kafka opens it',
};

let kafka: ApacheKafka;
let ours: StartedCluster;

beforeAll(async () => {
  if (!kafkaJars('tools')) return;
  [kafka, ours] = await Promise.all([startApacheKafka(), startCluster({ brokers: 1 })]);
  for (const bootstrap of [kafka.bootstrap, ours.bootstrap])
    await kafkaJs.createTopic?.(bootstrap, 'victim', 1);
});

afterAll(async () => {
  await Promise.all([kafka?.stop(), ours?.stop()]);
});

for (const { name, bytes } of hostileInputs('victim'))
  test.skipIf(!kafkaJars('tools'))(`${name}: the same end as with Apache Kafka`, async () => {
    const theirs = await sendRaw(kafka.bootstrap, bytes);
    const outcome = await sendRaw(ours.bootstrap, bytes);
    if (name in DIFFERENCES) expect(outcome.closed).toBe(theirs.closed);
    else expect(outcome).toEqual(theirs);
  });
