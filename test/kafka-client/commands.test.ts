import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silent } from '../../src/base/log.ts';
import { brokers } from '../../src/cli/kafka/brokers.ts';
import { configsDescribe } from '../../src/cli/kafka/configs-describe.ts';
import { configsSet } from '../../src/cli/kafka/configs-set.ts';
import { configsUnset } from '../../src/cli/kafka/configs-unset.ts';
import { consume } from '../../src/cli/kafka/consume.ts';
import { groupsDelete } from '../../src/cli/kafka/groups-delete.ts';
import { groupsDescribe } from '../../src/cli/kafka/groups-describe.ts';
import { groupsList } from '../../src/cli/kafka/groups-list.ts';
import { groupsReset } from '../../src/cli/kafka/groups-reset.ts';
import type { ConnectKafka } from '../../src/cli/kafka/kafka-target.ts';
import { produce } from '../../src/cli/kafka/produce.ts';
import { topicsAlter } from '../../src/cli/kafka/topics-alter.ts';
import { topicsCreate } from '../../src/cli/kafka/topics-create.ts';
import { topicsDelete } from '../../src/cli/kafka/topics-delete.ts';
import { topicsDescribe } from '../../src/cli/kafka/topics-describe.ts';
import { topicsList } from '../../src/cli/kafka/topics-list.ts';
import { run } from '../../src/cli/run.ts';
import { type StartedCluster, startCluster } from '../../src/index.ts';
import { KafkaClient } from '../../src/kafka-client/kafka-client.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';

const connect: ConnectKafka = (options) => new KafkaClient(nodeWorld(silent), options);
const commands = [
  ...[topicsList, topicsDescribe, topicsCreate, topicsAlter, topicsDelete],
  ...[groupsList, groupsDescribe, groupsReset, groupsDelete, configsDescribe, configsSet, configsUnset],
  ...[brokers, produce, consume],
].map((made) => made(connect));

let cluster: StartedCluster & { readonly api: string };
let folder: string;

beforeAll(async () => {
  cluster = await startCluster({ brokers: 3, api: true, config: { 'auto.create.topics.enable': false } });
  folder = mkdtempSync(join(tmpdir(), 'commands-'));
});

afterAll(async () => {
  await cluster?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

async function millrace(...args: string[]): Promise<{ status: number; lines: string[]; complaint: string }> {
  const lines: string[] = [];
  const complaints: string[] = [];
  const program = {
    version: '1',
    commands: commands.map((command) => ({ ...command, load: async () => command })),
  };
  const status = await run(program, [...args, '--api', cluster.api], {
    line: (text) => void lines.push(text),
    complain: (text) => void complaints.push(text),
    onUnheard() {},
  });
  return { status, lines, complaint: complaints.join('\n') };
}

/** The output lines of a command that succeeds. */
async function ok(...args: string[]): Promise<string[]> {
  const { status, lines, complaint } = await millrace(...args);
  expect(complaint).toBe('');
  expect(status).toBe(0);
  return lines;
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test('a topic from its creation to its deletion', async () => {
  expect(await ok('topics', 'create', 'life', '--partitions', '2', 'retention.ms=60000')).toEqual([
    'life is there, with 2 partitions and 3 replicas of each.',
  ]);
  expect(await ok('topics', 'alter', 'life', '--partitions', '3')).toEqual(['life has 3 partitions.']);
  const [list = ''] = await ok('topics', 'list', '--json');
  expect(JSON.parse(list)).toMatchObject([{ name: 'life', partitions: 3, replicationFactor: 3 }]);
  const described = await ok('topics', 'describe', 'life');
  expect(described[0]).toMatch(/^life \(id [\w-]{22}\) has 3 partitions of 3 replicas\.$/);
  expect(described).toHaveLength(8);
  expect(described.at(-1)).toBe('retention.ms  60000');
  await ok('configs', 'set', 'topic', 'life', 'retention.ms=1000', 'cleanup.policy=compact');
  await ok('configs', 'unset', 'topic', 'life', 'cleanup.policy');
  expect(await ok('configs', 'describe', 'topic', 'life')).toEqual([
    'CONFIG        VALUE  FROM',
    'retention.ms  1000   topic',
  ]);
  expect(await ok('topics', 'delete', 'life')).toEqual(['life is deleted.']);
  expect(await millrace('topics', 'describe', 'life')).toMatchObject({
    status: 4,
    complaint: 'millrace: Topic life: UNKNOWN_TOPIC_OR_PARTITION: There is no such topic.',
  });
});

test.each([
  [['topics', 'create', '--topic', 'x'], 'did you mean TOPIC, without --topic?'],
  [['groups', 'reset', 'g', '--to-earliest'], 'did you mean --to-beginning?'],
  [['groups', 'reset', 'g', '--to-latest'], 'did you mean --to-end?'],
  [['groups', 'reset', 'g', '--to-datetime', 'now'], 'did you mean --to-time?'],
  [['groups', 'reset', 'g', '--shift-by', '1'], 'did you mean --by?'],
  [['consume', 'x', '--max-messages', '1'], 'did you mean --max?'],
  [['consume', 'x', '--from-beginning'], 'did you mean --from?'],
  [['consume', 'x', '--bootstrap-server', 'a:1'], 'did you mean --bootstrap?'],
  [['topics', 'create', 'x', '--config', 'retention.ms=1'], 'without an option before them: KEY=VALUE.'],
  [['produce', 'x', '/nowhere'], 'The file /nowhere cannot be read: there is no such file.'],
  [['produce', 'x', '/'], 'The file / cannot be read: it is a folder.'],
  [['configs', 'set', 'orders', 'retention.ms=1'], 'as topic TOPIC, or broker ID, or brokers: not "orders'],
  [['configs', 'set', 'topic', 'orders'], 'Say behind "topic orders" which configs change.'],
])('who types %j is told what to type', async (words, advice) => {
  const { status, lines, complaint } = await millrace(...words);
  expect(complaint).toContain(advice);
  expect(lines).toEqual([]);
  expect(status).toBeGreaterThan(0);
});

test('records go in from a file and come out from where it is told, in every format', async () => {
  await ok('topics', 'create', 'records', '--partitions', '1');
  const lines = file('lines', 'a:one\nb:two\nc:\nd:four\n');
  expect(
    await ok('produce', 'records', lines, '--key-separator', ':', '--tombstones', '--header', 'from=test'),
  ).toEqual(['4 records were written.']);
  const all = ['consume', 'records', '--from', 'beginning', '--to', 'end'];
  expect(await ok(...all)).toEqual(['one', 'two', 'null', 'four']);
  expect(await ok(...all, '--keys', '--max', '2')).toEqual(['a\tone', 'b\ttwo']);
  expect(await ok(...all, '--format', 'hex', '--headers', '--filter', 'ou')).toEqual([
    `from=${Buffer.from('test').toString('hex')}\t${Buffer.from('four').toString('hex')}`,
  ]);
  const [json = ''] = await ok(...all, '--json', '--key-filter', 'c');
  expect(JSON.parse(json)).toMatchObject({ offset: 2, key: 'c', value: null, headers: [{ key: 'from' }] });
  expect(await ok('consume', 'records', '--from=-1', '--to', 'end')).toEqual(['four']);
  expect(await ok('consume', 'records', '--from', '1', '--max', '1')).toEqual(['two']);
  expect(await ok('consume', 'records', '--from', '1h', '--max', '1')).toEqual(['one']);
  expect(await ok('consume', 'records', '--from', '2100-01-01T00:00:00Z', '--to', 'end')).toEqual([]);
});

test('a group reads, is described with its lag, reset after a preview, and deleted', async () => {
  await ok('topics', 'create', 'grouped', '--partitions', '1');
  await ok('produce', 'grouped', file('five', '1\n2\n3\n4\n5\n'));
  expect(await ok('consume', 'grouped', '--group', 'g', '--from', 'beginning', '--max', '2')).toEqual([
    '1',
    '2',
  ]);
  expect(await ok('groups', 'list')).toEqual(['GROUP  TYPE     STATE', 'g      classic  Empty']);
  const lag = async () => JSON.parse((await ok('groups', 'describe', 'g', '--json')).join('')).offsets[0].lag;
  expect(await lag()).toBe(3);
  const preview = await ok('groups', 'reset', 'g', '--to-offset', '4');
  expect(preview).toContain('grouped  0          2     4');
  expect(await lag()).toBe(3);
  await ok('groups', 'reset', 'g', '--by=-1', '--execute');
  expect(await lag()).toBe(4);
  expect(await ok('consume', 'grouped', '--group', 'g', '--max', '1')).toEqual(['2']);
  await ok('groups', 'reset', 'new', '--topic', 'grouped:0', '--to-end', '--execute');
  expect(await ok('groups', 'delete', 'g')).toEqual(['g is deleted.']);
  const [left = ''] = await ok('groups', 'list', '--json');
  expect(JSON.parse(left)).toMatchObject([{ groupId: 'new' }]);
});

test('brokers and their configs', async () => {
  const [answer = ''] = await ok('brokers', '--json');
  expect(JSON.parse(answer)).toMatchObject({
    brokers: [{ id: 1 }, { id: 2 }, { id: 3 }],
    down: [],
    notInSync: 0,
  });
  // What the file system of their folders has, as the operating system says.
  const { bsize, blocks } = statfsSync(tmpdir());
  for (const { volumeBytes, usableBytes } of JSON.parse(answer).brokers) {
    expect(volumeBytes).toBeGreaterThan(0);
    expect(volumeBytes).toBeLessThanOrEqual(bsize * blocks);
    expect(usableBytes).toBeLessThanOrEqual(volumeBytes);
  }
  const [title = '', first = ''] = await ok('brokers');
  expect(title).toMatch(/ BYTES +VOLUME$/);
  expect(first).toMatch(/ \d+ % of [\d.]+ [MGT]B/);
  await ok('configs', 'set', 'broker', '2', 'log.cleaner.threads=2');
  expect(await ok('configs', 'describe', 'broker', '2')).toEqual([
    'CONFIG               VALUE  FROM',
    'log.cleaner.threads  2      broker',
  ]);
});

test.each([
  [2, 'did you mean', ['topics', 'lst']],
  [2, 'did you mean', ['consume', 'records', '--form', '1']],
  [2, 'give one of them', ['topics', 'list', '--cluster', 'x', '--bootstrap', 'h:1']],
  [2, 'host:port', ['topics', 'list', '--bootstrap', 'nowhere']],
  [3, 'no broker of the cluster', ['topics', 'list', '--bootstrap', '127.0.0.1:1']],
  [4, 'There is no cluster other', ['topics', 'list', '--cluster', 'other']],
  [4, 'UNKNOWN_TOPIC', ['produce', 'missing', import.meta.filename]],
  [4, 'There is no such topic. Did you mean records?', ['topics', 'describe', 'recrods']],
  [4, 'There is no such group. Did you mean new?', ['groups', 'describe', 'nwe']],
  [1, 'INVALID_CONFIG', ['configs', 'set', 'topic', 'records', 'no.such.config=1']],
  [2, 'Give one of', ['groups', 'reset', 'g']],
] as const)('status %i, and a sentence: %s', async (status, part, args) => {
  const answer = await millrace(...args);
  expect(answer.status, answer.complaint).toBe(status);
  expect(answer.complaint.toLowerCase()).toContain(part.toLowerCase());
});

test('a port that answers and is none of Kafka is told apart from one where nobody is', async () => {
  const { host } = new URL(cluster.api);
  for (const [bootstrap, advised] of [
    [host, true],
    ['127.0.0.1:1', false],
  ] as const) {
    const { status, complaint } = await millrace('topics', 'list', '--bootstrap', bootstrap);
    expect({ status, advised: complaint.includes('Is it the port of a Kafka broker?') }).toEqual({
      status: 3,
      advised,
    });
  }
});

test('an error is JSON for who asked for JSON', async () => {
  const { complaint } = await millrace('groups', 'describe', 'nobody', '--json');
  expect(JSON.parse(complaint)).toMatchObject({ error: { code: 'GROUP_ID_NOT_FOUND' } });
});

test('a file of settings is read as kcat reads it, and what it does not know is refused by name', async () => {
  const good = file(
    'client',
    `# kcat\nbootstrap.servers=${cluster.bootstrap}\nsecurity.protocol=PLAINTEXT\n`,
  );
  expect(await ok('topics', 'list', '--config', good, '--json')).toHaveLength(1);
  const bad = file('bad', 'sasl.kerberos.service.name=x\n');
  expect(await millrace('topics', 'list', '--config', bad)).toMatchObject({
    status: 2,
    complaint: expect.stringContaining('line 1: "sasl.kerberos.service.name" is none of'),
  });
});
