import { request } from 'node:http';
import { connect } from 'node:net';
import {
  CreateClusterCommand,
  DescribeClusterCommand,
  DescribeClusterOperationCommand,
  GetBootstrapBrokersCommand,
  KafkaClient,
  UpdateMonitoringCommand,
} from '@aws-sdk/client-kafka';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PORT_OFFSET } from '../../src/control/state/ports.ts';
import { type StartedCluster, startCluster } from '../../src/index.ts';
import { alertRules, panels } from '../support/dashboards.ts';
import { eventually } from '../support/millrace.ts';
import { type Selector, selectors } from '../support/promql.ts';

/** The Prometheus endpoints of a cluster that was made through the API, under a little load. */

const RECORDS = 10;
const READ = 4;
const exporters = (jmx: boolean, node: boolean) => ({
  Prometheus: { JmxExporter: { EnabledInBroker: jmx }, NodeExporter: { EnabledInBroker: node } },
});

let library: StartedCluster & { readonly api: string };
let aws: KafkaClient;
let ClusterArn: string;
/** The first port of each broker. */
let bases: number[];

beforeAll(async () => {
  library = await startCluster({ api: true });
  aws = new KafkaClient({
    endpoint: library.api,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
  const made = await aws.send(
    new CreateClusterCommand({
      ClusterName: 'observed',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: {
        InstanceType: 'kafka.m5.large',
        ClientSubnets: ['subnet-1', 'subnet-2', 'subnet-3'],
      },
      EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'PLAINTEXT', InCluster: false } },
      EnhancedMonitoring: 'PER_TOPIC_PER_PARTITION',
      OpenMonitoring: exporters(true, true),
    }),
  );
  ClusterArn = made.ClusterArn ?? '';
  await eventually('it is ACTIVE', async () => (await described())?.State === 'ACTIVE');
  const { BootstrapBrokerString = '' } = await aws.send(new GetBootstrapBrokersCommand({ ClusterArn }));
  bases = BootstrapBrokerString.split(',').map((address) => Number(address.split(':')[1]));
  await load(BootstrapBrokerString.split(','));
});

afterAll(async () => {
  aws?.destroy();
  await library?.stop();
});

async function described() {
  return (await aws.send(new DescribeClusterCommand({ ClusterArn }))).ClusterInfo;
}

/** Writes ten records, of which a group reads four and then ends. */
async function load(brokers: string[]): Promise<void> {
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    waitForLeaders: true,
    topics: [
      { topic: 'orders', numPartitions: 1, replicationFactor: 3 },
      // One replica each, so that the coordinator of a group has no replica of most partitions.
      { topic: 'spread', numPartitions: 3, replicationFactor: 1 },
    ],
  });
  const producer = kafka.producer();
  await producer.connect();
  for (let i = 0; i < RECORDS; i++)
    await producer.send({ topic: 'orders', acks: -1, messages: [{ value: `record ${i}` }] });
  await admin.setOffsets({
    groupId: 'gone "home"',
    topic: 'orders',
    partitions: [{ partition: 0, offset: String(READ) }],
  });
  for (const partition of [0, 1, 2])
    await producer.send({ topic: 'spread', acks: -1, messages: [{ partition, value: 'one' }] });
  await admin.setOffsets({
    groupId: 'elsewhere',
    topic: 'spread',
    partitions: [0, 1, 2].map((partition) => ({ partition, offset: '0' })),
  });
  await producer.disconnect();
  await admin.disconnect();
}

async function scrape(offset: number): Promise<string[]> {
  return Promise.all(
    bases.map(async (base) => (await fetch(`http://127.0.0.1:${base + offset}/metrics`)).text()),
  );
}

/** The status of an exporter's answer to a request with this Host header. */
function statusFor(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/metrics', headers: { host }, agent: false });
    asked.once('response', (response) => resolve(response.resume().statusCode));
    asked.once('error', reject).end();
  });
}

/** The sum, over all brokers, of the samples with this name and these labels. */
function sum(texts: readonly string[], name: string, labels: string): number {
  const lines = texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.startsWith(`${name}{${labels}} `));
  expect(lines.length, `${name}{${labels}}`).toBeGreaterThan(0);
  return lines.reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
}

test('brokers count in the names of the JMX exporter what clients did', async () => {
  let jmx: string[] = [];
  const replicas = (name: string) => sum(jmx, 'kafka_server_ReplicaManager_Value', `name="${name}"`);
  await eventually('every replica is in sync', async () => {
    jmx = await scrape(PORT_OFFSET.jmxExporter);
    return replicas('UnderReplicatedPartitions') === 0;
  });
  const traffic = (name: string) =>
    sum(jmx, 'kafka_server_BrokerTopicMetrics_Count', `name="${name}",topic="orders"`);
  expect(traffic('MessagesInPerSec')).toBe(RECORDS);
  expect(traffic('BytesInPerSec')).toBeGreaterThan(RECORDS * 'record 0'.length);
  // Both followers copied what the leader received.
  expect(traffic('ReplicationBytesInPerSec')).toBe(2 * traffic('BytesInPerSec'));
  // Bytes of a connection that broke are sent again.
  expect(traffic('ReplicationBytesOutPerSec')).toBeGreaterThanOrEqual(2 * traffic('BytesInPerSec'));
  expect(replicas('PartitionCount')).toBeGreaterThan(replicas('LeaderCount'));
  expect(replicas('UnderMinIsrPartitionCount')).toBe(0);
  const cluster = (name: string) => sum(jmx, 'kafka_controller_KafkaController_Value', `name="${name}"`);
  expect(cluster('ActiveControllerCount')).toBe(1);
  expect(cluster('ActiveBrokerCount')).toBe(3);
  expect(cluster('OfflinePartitionsCount')).toBe(0);
  expect(cluster('GlobalPartitionCount')).toBe(replicas('LeaderCount'));
  expect(sum(jmx, 'kafka_log_Log_Value', 'name="LogEndOffset",topic="orders",partition="0"')).toBe(
    3 * RECORDS,
  );
  for (const text of jmx) expect(text).toMatch(/^jmx_scrape_error 0$/m);
});

test('which limit closes connections is told by its name', async () => {
  const [base = 0] = bases;
  const admin = new Kafka({ brokers: [`127.0.0.1:${base}`], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const configEntries = [{ name: 'max.connections.per.ip.overrides', value: '127.0.0.9:0' }];
  const resources = [{ type: ConfigResourceTypes.BROKER, name: '1', configEntries }];
  await admin.alterConfigs({ validateOnly: false, resources });
  await admin.disconnect();
  await eventually('a connection from there is closed, and counted', async () => {
    const socket = connect({ host: '127.0.0.1', port: base, localAddress: '127.0.0.9' });
    await new Promise((settled) => socket.once('close', settled).once('connect', settled).resume());
    socket.destroy();
    const text = (await scrape(PORT_OFFSET.jmxExporter))[0] ?? '';
    return /^millrace_connection_limits_total\{limit="max\.connections\.per\.ip"\} [1-9]/m.test(text);
  });
});

test('a web page that points a name of its own at this machine reads no metrics', async () => {
  for (const offset of [PORT_OFFSET.jmxExporter, PORT_OFFSET.nodeExporter])
    for (const [host, status] of [
      ['evil.example', 403],
      ['127.0.0.1.evil.example:9095', 403],
      ['localhost:9095', 200],
      ['127.0.0.1', 200],
    ] as const)
      expect(await statusFor(Number(bases[0]) + offset, host), host).toBe(status);
});

test('the lag of a group without members is told in records and in seconds', async () => {
  const began = Date.now();
  const name = 'kafka_consumer_group_ConsumerLagMetrics_Value';
  const group = 'groupId="gone \\"home\\"",topic="orders"';
  const jmx = await scrape(PORT_OFFSET.jmxExporter);
  expect(sum(jmx, name, `name="SumOffsetLag",${group}`)).toBe(RECORDS - READ);
  expect(sum(jmx, name, `name="MaxOffsetLag",${group}`)).toBe(RECORDS - READ);
  expect(sum(jmx, name, `name="OffsetLag",${group},partition="0"`)).toBe(RECORDS - READ);
  const seconds = sum(jmx, name, `name="EstimatedMaxTimeLag",${group}`);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThan(300);
  await eventually('it grows while nobody reads', async () => {
    const later = await scrape(PORT_OFFSET.jmxExporter);
    return sum(later, name, `name="EstimatedMaxTimeLag",${group}`) > seconds + (Date.now() - began) / 4000;
  });
});

test('a coordinator tells the lag in partitions of which it has no replica, as their leaders say', async () => {
  const name = 'kafka_consumer_group_ConsumerLagMetrics_Value';
  const group = 'groupId="elsewhere",topic="spread"';
  let jmx: string[] = [];
  // A leader that is late says nothing this time.
  await expect
    .poll(async () => {
      jmx = await scrape(PORT_OFFSET.jmxExporter);
      return sum(jmx, name, `name="SumOffsetLag",${group}`);
    })
    .toBe(3);
  for (const partition of [0, 1, 2]) {
    expect(sum(jmx, name, `name="OffsetLag",${group},partition="${partition}"`)).toBe(1);
    expect(sum(jmx, name, `name="EstimatedTimeLag",${group},partition="${partition}"`)).toBeGreaterThan(0);
  }
});

test('the machine is told in the names of the node exporter', async () => {
  const [text = ''] = await scrape(PORT_OFFSET.nodeExporter);
  for (const name of [
    'node_cpu_seconds_total',
    'node_load1',
    'node_memory_MemTotal_bytes',
    'node_filesystem_avail_bytes',
    'node_time_seconds',
  ])
    expect(text).toMatch(new RegExp(`^${name}(\\{.*\\})? [0-9.e+]+$`, 'm'));
});

test('how long requests took is told in the names of Kafka', async () => {
  const jmx = await scrape(PORT_OFFSET.jmxExporter);
  const name = 'kafka_network_RequestMetrics';
  const produced = 'name="TotalTimeMs",request="Produce"';
  // A request that a broker refused because it did not lead yet was sent again.
  const requests = sum(jmx, `${name}_Count`, produced);
  expect(requests).toBeGreaterThanOrEqual(RECORDS + 3);
  expect(sum(jmx, `${name}_Count`, 'name="RequestsPerSec",request="Produce"')).toBe(requests);
  // With acks=all a write waits for the followers.
  for (const part of ['LocalTimeMs', 'RemoteTimeMs'])
    expect(sum(jmx, `${name}_Mean`, `name="${part}",request="Produce"`)).toBeGreaterThan(0);
  expect(sum(jmx, `${name}_99thPercentile`, produced)).toBeGreaterThanOrEqual(
    sum(jmx, `${name}_50thPercentile`, produced),
  );
  expect(sum(jmx, `${name}_Max`, 'name="TotalTimeMs",request="FetchFollower"')).toBeGreaterThan(0);
});

test('all that the dashboard and the alert rules in deploy/ ask for is told', async () => {
  const texts = [
    ...(await scrape(PORT_OFFSET.jmxExporter)),
    ...(await scrape(PORT_OFFSET.nodeExporter)),
    await (await fetch(`${library.api}/metrics`)).text(),
  ];
  const lines = texts.flatMap((text) => text.split('\n'));
  const isTold = ({ name, labels }: Selector): boolean =>
    lines.some((line) => {
      if (!line.startsWith(`${name}{`) && !line.startsWith(`${name} `)) return false;
      return [...labels].every(
        ([label, value]) =>
          // Prometheus itself adds the job label to samples.
          label === 'job' ||
          (value === '' ? !line.includes(`${label}="`) : line.includes(`${label}="${value}"`)),
      );
    });
  const asked = [...alertRules(), ...panels().flatMap(({ targets }) => targets)].flatMap(({ expr }) =>
    selectors(expr),
  );
  // Prometheus itself knows whether a target can be scraped. The load had no fetches of a consumer in this
  // form.
  const untold = asked.filter(
    (one) => one.name !== 'up' && one.labels.get('request') !== 'FetchConsumer' && !isTold(one),
  );
  expect(untold.map(({ name, labels }) => [name, ...labels].join(' '))).toEqual([]);
});

test('every line is in the text format of Prometheus, and every family stands together', async () => {
  for (const text of [
    ...(await scrape(PORT_OFFSET.jmxExporter)),
    ...(await scrape(PORT_OFFSET.nodeExporter)),
  ]) {
    const families: string[] = [];
    for (const line of text.trimEnd().split('\n')) {
      const family = /^# TYPE (\S+) untyped$/.exec(line)?.[1];
      if (family) families.push(family);
      else
        expect(line).toMatch(
          /^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_]\w*="([^"\\\n]|\\["\\n])*"(,[a-zA-Z_]\w*="([^"\\\n]|\\["\\n])*")*\})? [-+0-9.e]+$/,
        );
      if (!family) expect(line.startsWith(families.at(-1) ?? '#')).toBe(true);
    }
    expect(new Set(families).size).toBe(families.length);
  }
});

test('UpdateMonitoring opens and closes exporters and changes the level while the brokers run', async () => {
  const { CurrentVersion } = (await described()) ?? {};
  const { ClusterOperationArn } = await aws.send(
    new UpdateMonitoringCommand({
      ClusterArn,
      CurrentVersion,
      EnhancedMonitoring: 'DEFAULT',
      OpenMonitoring: exporters(true, false),
      LoggingInfo: { BrokerLogs: { CloudWatchLogs: { Enabled: true, LogGroup: 'logs' } } },
    }),
  );
  await eventually('it is done', async () => (await described())?.State === 'ACTIVE');
  expect(await described()).toMatchObject({
    EnhancedMonitoring: 'DEFAULT',
    OpenMonitoring: exporters(true, false),
    LoggingInfo: { BrokerLogs: { CloudWatchLogs: { Enabled: true, LogGroup: 'logs' } } },
  });
  const { ClusterOperationInfo } = await aws.send(
    new DescribeClusterOperationCommand({ ClusterOperationArn }),
  );
  expect(ClusterOperationInfo).toMatchObject({
    OperationType: 'UPDATE_MONITORING',
    OperationState: 'UPDATE_COMPLETE',
    SourceClusterInfo: { EnhancedMonitoring: 'PER_TOPIC_PER_PARTITION' },
    TargetClusterInfo: { EnhancedMonitoring: 'DEFAULT' },
  });
  await eventually('the node exporter is closed', () =>
    scrape(PORT_OFFSET.nodeExporter).then(
      () => false,
      () => true,
    ),
  );
  await eventually('partitions are told no more', () =>
    scrape(PORT_OFFSET.jmxExporter).then(
      (texts) => texts.every((text) => text.includes('LeaderCount') && !text.includes('kafka_log_Log_Value')),
      () => false,
    ),
  );
});

test('open monitoring is closed by turning both exporters off, and a change of nothing is refused', async () => {
  const { CurrentVersion } = (await described()) ?? {};
  await expect(aws.send(new UpdateMonitoringCommand({ ClusterArn, CurrentVersion }))).rejects.toMatchObject({
    name: 'BadRequestException',
  });
  await aws.send(
    new UpdateMonitoringCommand({ ClusterArn, CurrentVersion, OpenMonitoring: exporters(false, false) }),
  );
  await eventually('it is done', async () => (await described())?.State === 'ACTIVE');
  expect(await described()).toMatchObject({ OpenMonitoring: exporters(false, false) });
  for (const offset of [PORT_OFFSET.jmxExporter, PORT_OFFSET.nodeExporter])
    await eventually('an exporter is closed', () =>
      scrape(offset).then(
        () => false,
        () => true,
      ),
    );
});
