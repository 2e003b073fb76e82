import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { Millrace } from '../support/millrace.ts';
import { killBrokerWhenWriting } from './killed-broker.ts';
import { succeed } from './program.ts';

const TOOLS = join(import.meta.dirname, '../../.test-tools/python');
const PYTHON = join(TOOLS, 'bin/python');

/** By program: its functions, and the rule that each of them protects. */
const RULES = {
  kafka_python_client: {
    records:
      'every compression, null keys and values, headers and timestamps come back; offsets are found by time',
    group_of_three: 'three members share the partitions of a group',
    static_members: 'static members stay when they close, until an admin removes them',
    transactions: 'read_committed sees committed transactions only, with their offsets',
    administration: 'topics, configs, groups, offsets and records are administered',
    large_records: 'a record of 1 MB is taken, one beyond max.message.bytes is MESSAGE_TOO_LARGE',
  },
  confluent_client: {
    records: 'every compression with every acks comes back: nulls, headers and timestamps',
    eager_group: 'three members share the partitions of a group',
    cooperative_group: 'three members share the partitions cooperatively (KIP-429)',
    static_members: 'three static members share the partitions (KIP-345)',
    transactions: 'read_committed sees committed transactions only; the older of two producers is fenced',
    administration: 'topics, configs, groups, offsets and records are administered',
    large_records: 'a record of 1 MB is taken, one beyond max.message.bytes is MESSAGE_TOO_LARGE',
  },
  aiokafka_client: {
    records: 'every compression, null keys and values, headers and timestamps come back',
    group_of_three: 'three members share the partitions of a group',
    transactions: 'read_committed sees committed transactions only, with their offsets',
    large_records: 'a record of 1 MB is taken, one beyond max.message.bytes is MESSAGE_TOO_LARGE',
  },
} as const;

const missing = !existsSync(join(TOOLS, 'installed.txt'));
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

function run(program: string, rule: string, onLine?: (line: string) => void): Promise<void> {
  const script = join(import.meta.dirname, `python/${program}.py`);
  return succeed(PYTHON, [script, bootstrap, rule], onLine ? { onLine } : {});
}

for (const [program, rules] of Object.entries(RULES)) {
  describe.skipIf(missing)(program.replace('_client', ''), () => {
    test.concurrent.each(Object.entries(rules))('%s: %s', (rule) => run(program, rule));
  });
}

describe.skipIf(missing)('after the others', () => {
  test('confluent: an idempotent producer loses and repeats nothing while a broker is killed', () =>
    run('confluent_client', 'killed_broker', killBrokerWhenWriting(millrace, 2)));
});
