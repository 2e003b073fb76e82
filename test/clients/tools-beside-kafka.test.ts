import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { startCluster } from '../../src/index.ts';
import { type ApacheKafka, startApacheKafka } from '../support/apache-kafka.ts';
import { run } from '../support/kafka-tools.ts';
import { WireClient } from '../workloads/wire-client.ts';
import { streamsAnswers } from './streams-script.ts';

/**
 * Runs the same commands of Apache Kafka's tools against one broker of Millrace and one of Apache Kafka, and
 * compares every line.
 */
const CONFIG = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
  // startCluster sets these in each broker.
  'unclean.leader.election.enable': 'false',
  'min.insync.replicas': '1',
  'num.network.threads': '3',
  'offsets.topic.num.partitions': '1',
  'group.streams.initial.rebalance.delay.ms': '0',
  'group.streams.assignment.interval.ms': '0',
} as const;

const TOPICS = 'org.apache.kafka.tools.TopicCommand';
const CONFIGS = 'kafka.admin.ConfigCommand';
const ACLS = 'org.apache.kafka.tools.AclCommand';
const GROUPS = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand';
const SHARE_GROUPS = 'org.apache.kafka.tools.consumer.group.ShareGroupCommand';
const TRANSACTIONS = 'org.apache.kafka.tools.TransactionsCommand';
const OFFSETS = 'org.apache.kafka.tools.GetOffsetShell';
const ALL_GROUPS = 'org.apache.kafka.tools.GroupsCommand';
const CLIENT_METRICS = 'org.apache.kafka.tools.ClientMetricsCommand';
const ELECTIONS = 'org.apache.kafka.tools.LeaderElectionCommand';
const RESET = 'org.apache.kafka.tools.StreamsResetter';

/**
 * These tools wait only 5 s for an answer by themselves. Apache Kafka makes the topic of share groups before
 * it answers the first command about them, which takes longer on a busy machine.
 */
const OWN_LIMIT = new Map([GROUPS, SHARE_GROUPS].map((tool) => [tool, ['--timeout', '120000']]));

/** Words are separated by spaces. */
// biome-ignore format: one command a line.
const commands: readonly (readonly [string, string])[] = [
  [TOPICS, '--create --topic orders --partitions 3 --replication-factor 1 --config retention.ms=100000'],
  [TOPICS, '--create --topic orders'],
  [TOPICS, '--create --topic orders --if-not-exists'],
  [TOPICS, '--create --topic a/b'],
  [TOPICS, '--create --topic wide --replication-factor 3'],
  [TOPICS, '--create --topic odd --config retention.mss=1'],
  [TOPICS, '--create --topic odd --config retention.ms=x'],
  [TOPICS, '--describe --topic orders'],
  [TOPICS, '--describe --topic absent'],
  [TOPICS, '--alter --topic orders --partitions 5'],
  [TOPICS, '--alter --topic orders --partitions 2'],
  [TOPICS, '--alter --topic absent --partitions 2'],
  [TOPICS, '--describe --topics-with-overrides'],
  [TOPICS, '--describe --unavailable-partitions'],
  [TOPICS, '--list'],
  [TOPICS, '--delete --topic absent'],
  [CONFIGS, '--describe --entity-type topics --entity-name orders'],
  [CONFIGS, '--alter --entity-type topics --entity-name orders --add-config max.message.bytes=2000,cleanup.policy=[compact,delete]'],
  [CONFIGS, '--alter --entity-type topics --entity-name orders --add-config segment.ms=0'],
  [CONFIGS, '--alter --entity-type topics --entity-name orders --add-config no.such=0'],
  [CONFIGS, '--alter --entity-type topics --entity-name absent --add-config segment.ms=100'],
  [CONFIGS, '--alter --entity-type topics --entity-name orders --delete-config retention.ms'],
  [CONFIGS, '--alter --entity-type topics --entity-name orders --delete-config retention.bytes'],
  [CONFIGS, '--describe --entity-type topics --entity-name orders --all'],
  [CONFIGS, '--describe --entity-type topics --entity-name absent'],
  [CONFIGS, '--alter --entity-type brokers --entity-default --add-config log.cleaner.threads=2'],
  [CONFIGS, '--alter --entity-type brokers --entity-name 1 --add-config log.roll.ms=0'],
  // Comes before the broker has a value of its own: Kafka checks the default of all brokers against the
  // values in force at the broker that is asked.
  [CONFIGS, '--alter --entity-type brokers --entity-default --add-config log.retention.ms=0'],
  [CONFIGS, '--alter --entity-type brokers --entity-name 1 --add-config log.retention.ms=5000000'],
  [CONFIGS, '--alter --entity-type brokers --entity-name 1 --add-config num.partitions=5'],
  [CONFIGS, '--alter --entity-type brokers --entity-name 1 --add-config num.network.threads=50'],
  [CONFIGS, '--alter --entity-type brokers --entity-name 1 --add-config log.retention.ms=soon'],
  [CONFIGS, '--describe --entity-type brokers --entity-default'],
  [CONFIGS, '--describe --entity-type brokers --entity-name 1'],
  [CONFIGS, '--describe --entity-type brokers --entity-name 7'],
  [CONFIGS, '--alter --entity-type brokers --entity-name 1 --delete-config log.retention.ms'],
  [CONFIGS, '--alter --entity-type users --entity-name alice --add-config producer_byte_rate=1000,consumer_byte_rate=2000'],
  [CONFIGS, '--alter --entity-type users --entity-name alice --entity-type clients --entity-name app --add-config controller_mutation_rate=2.5'],
  [CONFIGS, '--alter --entity-type clients --entity-default --add-config producer_byte_rate=5'],
  [CONFIGS, '--alter --entity-type ips --entity-name 10.0.0.1 --add-config connection_creation_rate=3'],
  [CONFIGS, '--alter --entity-type ips --entity-default --add-config connection_creation_rate=4'],
  [CONFIGS, '--alter --entity-type users --entity-name alice --add-config producer_byte_rate=0'],
  [CONFIGS, '--alter --entity-type users --entity-name alice --add-config producer_byte_rat=1'],
  [CONFIGS, '--describe --entity-type users'],
  [CONFIGS, '--describe --entity-type users --entity-name alice'],
  [CONFIGS, '--describe --entity-type users --entity-type clients'],
  [CONFIGS, '--describe --entity-type clients'],
  [CONFIGS, '--describe --entity-type ips'],
  [CONFIGS, '--alter --entity-type users --entity-name alice --delete-config producer_byte_rate'],
  [CONFIGS, '--alter --entity-type users --entity-name alice --delete-config producer_byte_rate'],
  [CONFIGS, '--alter --entity-type users --entity-name bob --add-config SCRAM-SHA-256=[iterations=8192,password=secret]'],
  [CONFIGS, '--alter --entity-type users --entity-name bob --add-config SCRAM-SHA-512=[iterations=100,password=secret]'],
  [CONFIGS, '--describe --entity-type users --entity-name bob'],
  [CONFIGS, '--alter --entity-type users --entity-name bob --delete-config SCRAM-SHA-256'],
  [CONFIGS, '--alter --entity-type users --entity-name bob --delete-config SCRAM-SHA-256'],
  [CONFIGS, '--alter --entity-type client-metrics --entity-name m --add-config interval.ms=1000,metrics=a'],
  [CONFIGS, '--alter --entity-type client-metrics --entity-name m --add-config interval.ms=5'],
  [CONFIGS, '--describe --entity-type client-metrics'],
  [CONFIGS, '--alter --entity-type groups --entity-name queue --add-config share.record.lock.duration.ms=14999'],
  [CONFIGS, '--alter --entity-type groups --entity-name queue --add-config share.delivery.count.limit=11'],
  [CONFIGS, '--alter --entity-type groups --entity-name queue --add-config share.delivery.count.limit=7'],
  [CONFIGS, '--describe --entity-type groups --entity-name queue --all'],
  [CONFIGS, '--alter --entity-type groups --entity-name queue --delete-config share.delivery.count.limit'],
  [CONFIGS, '--alter --entity-type brokers --entity-default --add-config group.share.assignment.interval.ms=15001'],
  [ACLS, '--add --allow-principal User:alice --operation Read --operation Describe --topic orders'],
  [ACLS, '--add --deny-principal User:bob --producer --topic team- --resource-pattern-type prefixed'],
  [ACLS, '--add --allow-principal User:carol --consumer --topic orders --group readers'],
  [ACLS, '--list'],
  [ACLS, '--list --topic team-events --resource-pattern-type match'],
  [ACLS, '--list --principal User:carol'],
  [ACLS, '--remove --force --topic team- --resource-pattern-type prefixed'],
  [ACLS, '--remove --force --topic absent'],
  [GROUPS, '--reset-offsets --group readers --topic orders --to-earliest --execute'],
  [GROUPS, '--list'],
  [GROUPS, '--list --state'],
  [GROUPS, '--describe --group readers'],
  [GROUPS, '--describe --group readers --state'],
  [GROUPS, '--describe --group readers --members'],
  [GROUPS, '--describe --group absent'],
  [GROUPS, '--reset-offsets --group readers --topic orders --shift-by 5 --dry-run'],
  [GROUPS, '--delete-offsets --group readers --topic orders'],
  [GROUPS, '--delete --group readers'],
  [GROUPS, '--delete --group absent'],
  [SHARE_GROUPS, '--list'],
  [SHARE_GROUPS, '--reset-offsets --group queue --topic orders --to-earliest --dry-run'],
  [SHARE_GROUPS, '--reset-offsets --group queue --topic orders --to-earliest --execute'],
  [SHARE_GROUPS, '--list --state'],
  [SHARE_GROUPS, '--describe --group queue'],
  [SHARE_GROUPS, '--describe --group queue --state'],
  [SHARE_GROUPS, '--describe --group queue --members'],
  [SHARE_GROUPS, '--describe --group absent'],
  [SHARE_GROUPS, '--delete-offsets --group queue --topic orders'],
  [SHARE_GROUPS, '--delete-offsets --group queue --topic absent'],
  [SHARE_GROUPS, '--delete --group queue'],
  [SHARE_GROUPS, '--delete --group absent'],
  [ALL_GROUPS, '--list --share'],
  [TRANSACTIONS, 'list'],
  [TRANSACTIONS, 'list --transactional-id-pattern orders.*'],
  [TRANSACTIONS, 'list --transactional-id-pattern (orders'],
  [TRANSACTIONS, 'describe --transactional-id absent'],
  [TRANSACTIONS, 'describe-producers --topic orders --partition 0'],
  [TRANSACTIONS, 'find-hanging --broker-id 1'],
  [TRANSACTIONS, 'find-hanging --topic orders --partition 0'],
  [OFFSETS, '--topic orders'],
  [OFFSETS, '--topic orders --time earliest'],
  [OFFSETS, '--topic orders --time max-timestamp'],
  [OFFSETS, '--topic orders --time earliest-local'],
  [OFFSETS, '--topic orders --time latest-tiered'],
  [OFFSETS, '--topic orders --time 0'],
  [OFFSETS, '--topic-partitions orders:0-2,orders:7'],
  [OFFSETS, '--topic absent'],
  [ALL_GROUPS, '--list'],
  [ALL_GROUPS, '--list --consumer'],
  [ALL_GROUPS, '--list --group-type classic'],
  [ALL_GROUPS, '--list --protocol absent'],
  [CLIENT_METRICS, '--list'],
  [CLIENT_METRICS, '--describe --name m'],
  [CLIENT_METRICS, '--alter --name n --metrics org.apache.kafka.producer. --interval 5000 --match client_id=a'],
  [CLIENT_METRICS, '--describe'],
  [CLIENT_METRICS, '--delete --name n'],
  [CLIENT_METRICS, '--delete --name absent'],
  [CLIENT_METRICS, '--list'],
  [ELECTIONS, '--election-type preferred --topic orders --partition 0'],
  [ELECTIONS, '--election-type unclean --topic orders --partition 0'],
  [ELECTIONS, '--election-type preferred --topic orders --partition 9'],
  [ELECTIONS, '--election-type preferred --all-topic-partitions'],
  [RESET, '--application-id words --input-topics orders --force'],
  [RESET, '--application-id words --input-topics orders --to-offset 3 --force'],
  [RESET, '--application-id words --input-topics orders,absent --force'],
  [RESET, '--application-id words --internal-topics words-counts-changelog --force'],
  [GROUPS, '--describe --group words'],
  [TOPICS, '--delete --topic orders'],
];

/** Kafka's output has the names of classes that passed the sentence on. */
const sentence =
  'Dynamic thread count update validation failed for num.network.threads=50, value should not be greater than double the current value 3';
const inKafkasWords = `Invalid value org.apache.kafka.common.config.ConfigException: ${sentence} for configuration Invalid dynamic configuration`;

const jars = kafkaJars('tools');
let cluster: Awaited<ReturnType<typeof startCluster>>;
let apache: ApacheKafka;

beforeAll(async () => {
  if (!jars) return;
  cluster = await startCluster({ brokers: 1, config: CONFIG });
  apache = await startApacheKafka(CONFIG);
});

afterAll(async () => {
  await apache?.stop();
  await cluster?.stop();
});

test.skipIf(!jars)(
  'members of streams groups are answered as by Apache Kafka, which keeps the same records',
  async () => {
    const [ours = [], theirs = []] = await Promise.all(
      [cluster.bootstrap, apache.bootstrap].map((bootstrap) => streamsAnswers(new WireClient([bootstrap]))),
    );
    expect(ours).toEqual(theirs);
  },
);

describe.skipIf(!jars)('Apache Kafka’s tools', () => {
  test('say the same of Millrace as of Apache Kafka', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-tools-'));
    try {
      const file = join(folder, 'commands.json');
      writeFileSync(
        file,
        JSON.stringify(
          commands.map(([main, words]) => [main, ...words.split(' '), ...(OWN_LIMIT.get(main) ?? [])]),
        ),
      );
      const outputs = await outputsOf(file);
      const differing = commands.flatMap(([main, words], i) => {
        const [ours = [], theirs = []] = (outputs[i] ?? []).map(lines);
        const here = ours.filter((line) => !theirs.includes(line)).map((line) => `+ ${line}`);
        const there = theirs.filter((line) => !ours.includes(line)).map((line) => `- ${line}`);
        return here.length + there.length === 0 ? [] : [`${main} ${words}`, ...there, ...here];
      });
      expect(differing).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

async function outputsOf(file: string): Promise<string[][]> {
  const java = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx512m', '-cp', `${jars}/*`];
  const program = join(import.meta.dirname, 'java/Tools.java');
  const { status, stdout, stderr } = await run(
    'java',
    [...java, program, file, cluster.bootstrap, apache.bootstrap],
    { timeoutMs: 480_000 },
  );
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

/**
 * Removes what differs from cluster to cluster, and sorts: the order means nothing where Kafka iterates a
 * hash map.
 */
function lines(output: string): string[] {
  return output
    .split('\n')
    .map((line) =>
      line
        .replaceAll(/127\.0\.0\.1:\d+/g, 'BOOTSTRAP')
        .replaceAll(/TopicId: \S{22}/g, 'TopicId: ID')
        .replaceAll(inKafkasWords, sentence)
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
    .filter((line) => line !== '' && !line.startsWith('SLF4J:'));
}
