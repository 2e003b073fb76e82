import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { Millrace } from '../support/millrace.ts';
import { killBrokerWhenWriting } from './killed-broker.ts';
import { succeed } from './program.ts';

const PROGRAM = join(import.meta.dirname, '../../.test-tools/go-clients');

const RULES = {
  'franz-go/records': 'every compression, null keys and values, headers and timestamps come back',
  'franz-go/group': 'three members share the partitions cooperatively (KIP-429)',
  'franz-go/transactions': 'read_committed sees committed transactions only',
  'franz-go/administration':
    'topics, configs, lag, groups, log directories and transactions are administered',
  'franz-go/large': 'a record of 1 MB is taken, one beyond max.message.bytes is MESSAGE_TOO_LARGE',
  'sarama/records': 'an idempotent producer’s records come back in every compression',
  'sarama/group': 'three members share the partitions of a group',
  'sarama/transactions': 'read_committed sees committed transactions only',
  'sarama/administration': 'topics, configs, partitions, records and groups are administered',
} as const;

const missing = !existsSync(PROGRAM);
let millrace: Millrace;
let bootstrap: string;

beforeAll(async () => {
  if (missing) return;
  millrace = await Millrace.up(['--brokers', '3']);
  bootstrap = millrace.ready.clusters[0]?.bootstrap ?? '';
});

afterAll(async () => {
  await millrace?.[Symbol.asyncDispose]();
});

describe.skipIf(missing)('Go', () => {
  test.concurrent.each(Object.entries(RULES))('%s: %s', (rule) => succeed(PROGRAM, [bootstrap, rule]));

  describe('after the others', () => {
    test('franz-go: an idempotent producer loses and repeats nothing while a broker is killed', () =>
      succeed(PROGRAM, [bootstrap, 'franz-go/killed'], { onLine: killBrokerWhenWriting(millrace, 1) }));
  });
});
