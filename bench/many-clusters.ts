import * as msk from '@aws-sdk/client-kafka';
import { apis } from '../src/protocol/apis.ts';
import { buildBatch } from '../src/protocol/records/record.ts';
import { eventually, Millrace, processesOf } from '../test/support/millrace.ts';
import { KafkaSocket } from './kafka-socket.ts';
import { usageOf } from './process-usage.ts';
import { createTopic } from './subject.ts';

/** A busy machine is slow to start forty processes. */
const ACTIVE_MS = 300_000;
const LISTS = 20;

export interface ManyClusters {
  /**
   * Milliseconds from CreateCluster to the first acknowledged record, for a cluster that is created alone.
   */
  readonly firstRecordMs: number;
  /** Milliseconds from the first CreateCluster to the last answer; all are sent at once. */
  readonly acceptedMs: number;
  /** Milliseconds from the first CreateCluster until all clusters are ACTIVE. */
  readonly activeMs: number;
  /** The slowest of several ListClusters calls, in milliseconds. */
  readonly listMs: number;
  readonly residentMegabytes: number;
}

/**
 * Creates `count` clusters at once, each of two brokers, the fewest that the API allows. Rejects if one of
 * them does not become ACTIVE.
 */
export async function manyClusters(count: number): Promise<ManyClusters> {
  await using millrace = await Millrace.up(['--no-cluster']);
  const aws = new msk.KafkaClient({
    endpoint: millrace.ready.api,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  const firstRecordMs = await firstRecord(aws);
  const began = performance.now();
  await Promise.all(Array.from({ length: count - 1 }, (_, index) => create(aws, `many-${index}`)));
  const acceptedMs = performance.now() - began;
  await eventually(
    `${count} clusters are ACTIVE`,
    async () => (await list(aws)).every(({ State }) => State === 'ACTIVE'),
    ACTIVE_MS,
  );
  const activeMs = performance.now() - began;
  const took: number[] = [];
  for (let i = 0; i < LISTS; i++) {
    const from = performance.now();
    const clusters = await list(aws);
    took.push(performance.now() - from);
    if (clusters.length !== count) throw new Error(`${clusters.length} of ${count} clusters are listed`);
  }
  const resident = processesOf(millrace.data).map(({ pid }) => usageOf(pid).residentBytes / 1e6);
  return {
    firstRecordMs,
    acceptedMs,
    activeMs,
    listMs: Math.max(...took),
    residentMegabytes: resident.reduce((sum, megabytes) => sum + megabytes, 0),
  };
}

async function firstRecord(aws: msk.KafkaClient): Promise<number> {
  const began = performance.now();
  const ClusterArn = await create(aws, 'first');
  await eventually('it is ACTIVE', async () => (await list(aws)).every(({ State }) => State === 'ACTIVE'));
  const { BootstrapBrokerString: bootstrap = '' } = await aws.send(
    new msk.GetBootstrapBrokersCommand({ ClusterArn }),
  );
  const subject = { name: '', bootstrap, pids: [], data: '', stop: async () => {} };
  const [leader = ''] = await createTopic(subject, 'first', 1, 1);
  const socket = await KafkaSocket.connect(leader);
  const records = buildBatch({
    records: [{ timestamp: Date.now(), key: null, value: Buffer.from('first') }],
  });
  await socket.call(apis.produce, 7, {
    transactionalId: null,
    acks: 1,
    timeoutMs: 5000,
    topicData: [{ name: 'first', partitionData: [{ index: 0, records }] }],
  });
  socket.close();
  return performance.now() - began;
}

async function create(aws: msk.KafkaClient, ClusterName: string): Promise<string> {
  const { ClusterArn = '' } = await aws.send(
    new msk.CreateClusterCommand({
      ClusterName,
      KafkaVersion: '4.1.x.kraft',
      NumberOfBrokerNodes: 2,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b'] },
      EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'PLAINTEXT', InCluster: false } },
    }),
  );
  return ClusterArn;
}

async function list(aws: msk.KafkaClient): Promise<readonly msk.ClusterInfo[]> {
  const { ClusterInfoList = [] } = await aws.send(new msk.ListClustersCommand({ MaxResults: 100 }));
  return ClusterInfoList;
}
