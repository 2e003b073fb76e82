import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compareRecords, textRecords } from '../clients/client.ts';
import { kafkaJs } from '../clients/kafkajs.ts';
import { brokerProcess, Millrace } from '../support/millrace.ts';
import { hostileInputs } from './raw-frames.ts';
import { sendRaw } from './send-raw.ts';

const ROUNDS = 10;
/** What a broker may keep after an attack: buffers that are used again. The frames claim gigabytes. */
const KEPT_BYTES_MAX = 128 * 1024 * 1024;

test('a healthy client notices nothing while others send broken frames, and the broker keeps none of what they claim', async () => {
  await using millrace = await Millrace.up(['--cluster', 'attacked', '--brokers', '1']);
  const bootstrap = millrace.ready.clusters[0]?.bootstrap ?? '';
  await kafkaJs.createTopic?.(bootstrap, 'healthy', 1);
  await kafkaJs.createTopic?.(bootstrap, 'victim', 1);
  const broker = brokerProcess(millrace.data, 1) ?? 0;
  const before = residentBytes(broker);
  const records = textRecords(20_000, 'healthy');

  const attack = async () => {
    for (let round = 0; round < ROUNDS; round++)
      await Promise.all(
        hostileInputs('victim').map(({ bytes }) => sendRaw(bootstrap, bytes, { waitMs: 500 })),
      );
  };
  await Promise.all([attack(), kafkaJs.produce(bootstrap, 'healthy', 'none', records)]);

  const read = await kafkaJs.consume(bootstrap, 'healthy', 'healthy-readers', records.length);
  expect(compareRecords(records, read)).toEqual([]);
  expect(brokerProcess(millrace.data, 1)).toBe(broker);
  expect(residentBytes(broker) - before).toBeLessThan(KEPT_BYTES_MAX);
});

function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}
