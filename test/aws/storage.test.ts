import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateClusterCommand,
  DescribeClusterCommand,
  DescribeClusterOperationCommand,
  GetBootstrapBrokersCommand,
  KafkaClient,
  ListClustersCommand,
  UpdateBrokerStorageCommand,
  UpdateStorageCommand,
} from '@aws-sdk/client-kafka';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VOLUME_FILE } from '../../src/broker/volume/volume-file.ts';
import { eventually, Millrace } from '../support/millrace.ts';
import { ApiHarness } from './api-harness.ts';
import { FakeAccess } from './fake-access.ts';

const LEAST = 'To update storage, you must increase it by at least 10 GiB.';
/** What MSK says in hashicorp/terraform-provider-aws#37043. */
const UNCHANGED =
  'The request does not include any updates to the EBS volumes of the cluster. Verify the request, then try again.';

async function described(aws: KafkaClient, ClusterArn: string) {
  const { ClusterInfo } = await aws.send(new DescribeClusterCommand({ ClusterArn }));
  return {
    state: ClusterInfo?.State,
    version: ClusterInfo?.CurrentVersion,
    gib: ClusterInfo?.BrokerNodeGroupInfo?.StorageInfo?.EbsStorageInfo?.VolumeSize,
  };
}

function all(VolumeSizeGB: number) {
  return [{ KafkaBrokerNodeId: 'All', VolumeSizeGB }];
}

describe('the volumes of a cluster', () => {
  let api: ApiHarness;
  let aws: KafkaClient;
  let ClusterArn: string;

  beforeEach(async () => {
    api = await ApiHarness.start();
    aws = api.aws;
    const made = await aws.send(
      new CreateClusterCommand({
        ClusterName: 'orders',
        KafkaVersion: '3.9.x.kraft',
        NumberOfBrokerNodes: 3,
        BrokerNodeGroupInfo: {
          InstanceType: 'kafka.m5.large',
          ClientSubnets: ['subnet-a', 'subnet-b', 'subnet-c'],
          StorageInfo: { EbsStorageInfo: { VolumeSize: 100 } },
        },
      }),
    );
    ClusterArn = made.ClusterArn ?? '';
    await api.control.settled();
  });
  afterEach(() => api[Symbol.asyncDispose]());

  test('grow by UpdateBrokerStorage without a restart; the new size shows when the operation is done', async () => {
    let open: () => void = () => {};
    api.engine.gate = new Promise((done) => {
      open = done;
    });
    const { version: CurrentVersion } = await described(aws, ClusterArn);
    const { ClusterOperationArn } = await aws.send(
      new UpdateBrokerStorageCommand({ ClusterArn, CurrentVersion, TargetBrokerEBSVolumeInfo: all(110) }),
    );
    expect(await described(aws, ClusterArn)).toMatchObject({ state: 'UPDATING', gib: 100 });
    open();
    await api.control.settled();
    expect(await described(aws, ClusterArn)).toMatchObject({ state: 'ACTIVE', gib: 110 });
    const { ClusterOperationInfo } = await aws.send(
      new DescribeClusterOperationCommand({ ClusterOperationArn }),
    );
    const volumes = (VolumeSizeGB: number) =>
      ['1', '2', '3'].map((KafkaBrokerNodeId) => ({ KafkaBrokerNodeId, VolumeSizeGB }));
    expect(ClusterOperationInfo).toMatchObject({
      OperationType: 'UPDATE_BROKER_STORAGE',
      OperationState: 'UPDATE_COMPLETE',
      SourceClusterInfo: { BrokerEBSVolumeInfo: volumes(100) },
      TargetClusterInfo: { BrokerEBSVolumeInfo: volumes(110) },
    });
    expect(api.engine.calls).toContain('volumes of orders: 110 GiB');
    expect(api.engine.calls.filter((call) => call.startsWith('restart'))).toEqual([]);
  });

  test('grow by UpdateStorage as well', async () => {
    const { version: CurrentVersion } = await described(aws, ClusterArn);
    await aws.send(new UpdateStorageCommand({ ClusterArn, CurrentVersion, VolumeSizeGB: 2000 }));
    await api.control.settled();
    expect(await described(aws, ClusterArn)).toMatchObject({ state: 'ACTIVE', gib: 2000 });
  });

  test.each([
    [50, LEAST],
    [100, UNCHANGED],
    [109, LEAST],
  ])('do not become %i GiB: the refusal is that of MSK', async (gib, message) => {
    const { version: CurrentVersion } = await described(aws, ClusterArn);
    await expect(
      aws.send(
        new UpdateBrokerStorageCommand({ ClusterArn, CurrentVersion, TargetBrokerEBSVolumeInfo: all(gib) }),
      ),
    ).rejects.toMatchObject({
      name: 'BadRequestException',
      InvalidParameter: 'volumeSizeGB',
      message,
    });
    expect(await described(aws, ClusterArn)).toMatchObject({ state: 'ACTIVE', gib: 100 });
  });

  test('are refused what is not built, one broker alone, and another version', async () => {
    const { version: CurrentVersion } = await described(aws, ClusterArn);
    const change = (TargetBrokerEBSVolumeInfo: ReturnType<typeof all>, version = CurrentVersion) =>
      aws.send(
        new UpdateBrokerStorageCommand({ ClusterArn, CurrentVersion: version, TargetBrokerEBSVolumeInfo }),
      );
    await expect(change([{ KafkaBrokerNodeId: '1', VolumeSizeGB: 200 }])).rejects.toMatchObject({
      InvalidParameter: 'targetBrokerEBSVolumeInfo.kafkaBrokerNodeId',
    });
    await expect(change(all(200), 'K00000000000000')).rejects.toMatchObject({
      InvalidParameter: 'currentVersion',
    });
    const fast = { Enabled: true, VolumeThroughput: 250 };
    await expect(
      aws.send(new UpdateStorageCommand({ ClusterArn, CurrentVersion, ProvisionedThroughput: fast })),
    ).rejects.toMatchObject({ InvalidParameter: 'provisionedThroughput' });
    await expect(
      aws.send(new UpdateStorageCommand({ ClusterArn, CurrentVersion, StorageMode: 'TIERED' })),
    ).rejects.toMatchObject({ InvalidParameter: 'storageMode' });
  });
});

describe('volumes that may become smaller', () => {
  const GIBIBYTE = 1024 ** 3;
  let api: ApiHarness;
  let access: FakeAccess;
  let ClusterArn: string;

  beforeEach(async () => {
    access = new FakeAccess([[1, 2, 3]]);
    api = await ApiHarness.start(
      () => access,
      () => {},
      { smallerVolumes: true },
    );
    const made = await api.aws.send(
      new CreateClusterCommand({
        ClusterName: 'orders',
        KafkaVersion: '3.9.x.kraft',
        NumberOfBrokerNodes: 3,
        BrokerNodeGroupInfo: {
          InstanceType: 'kafka.m5.large',
          ClientSubnets: ['subnet-a', 'subnet-b', 'subnet-c'],
          StorageInfo: { EbsStorageInfo: { VolumeSize: 100 } },
        },
      }),
    );
    ClusterArn = made.ClusterArn ?? '';
    await api.control.settled();
    access.grow(2, 7.5 * GIBIBYTE);
  });
  afterEach(() => api[Symbol.asyncDispose]());

  async function shrink(VolumeSizeGB: number): Promise<void> {
    const { version: CurrentVersion } = await described(api.aws, ClusterArn);
    await api.aws.send(new UpdateStorageCommand({ ClusterArn, CurrentVersion, VolumeSizeGB }));
    await api.control.settled();
  }

  test('become as small as what the fullest broker has stored', async () => {
    await shrink(8);
    expect(await described(api.aws, ClusterArn)).toMatchObject({ state: 'ACTIVE', gib: 8 });
    expect(api.engine.calls).toContain('volumes of orders: 8 GiB');
  });

  test.each([
    [
      7,
      [],
      'BadRequestException',
      'Broker 2 has stored 7.5 GiB, so the volumes of orders cannot be smaller than 8 GiB.',
    ],
    [
      50,
      [3],
      'ServiceUnavailableException',
      'What the volumes have stored is not known, because broker 3 of orders does not answer. Ask again when it does.',
    ],
    [100, [], 'BadRequestException', UNCHANGED],
    [105, [], 'BadRequestException', LEAST],
  ])('%i GiB where %j are away: %s', async (gib, unreachable, name, message) => {
    access.unreachable = unreachable;
    await expect(shrink(gib)).rejects.toMatchObject({ name, message });
    expect(await described(api.aws, ClusterArn)).toMatchObject({ state: 'ACTIVE', gib: 100 });
  });

  test('are not asked what they have by a request that is wrong anyway', async () => {
    access.unreachable = [1, 2, 3];
    const CurrentVersion = 'K00000000000000';
    await expect(
      api.aws.send(new UpdateStorageCommand({ ClusterArn, CurrentVersion, VolumeSizeGB: 50 })),
    ).rejects.toMatchObject({ name: 'BadRequestException', InvalidParameter: 'currentVersion' });
  });
});

test('a producer waits while the volumes are full, readers go on, and it loses nothing when they have grown', async () => {
  const millrace = await Millrace.up(['--brokers', '3']);
  const aws = new KafkaClient({
    endpoint: millrace.ready.api,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  try {
    const [cluster] = (await aws.send(new ListClustersCommand({}))).ClusterInfoList ?? [];
    const { ClusterArn = '', CurrentVersion } = cluster ?? {};
    const { BootstrapBrokerString = '' } = await aws.send(new GetBootstrapBrokersCommand({ ClusterArn }));
    const kafka = new Kafka({
      brokers: BootstrapBrokerString.split(','),
      logLevel: logLevel.NOTHING,
      retry: { retries: 1000, initialRetryTime: 50, maxRetryTime: 200 },
    });
    const producer = kafka.producer();
    await producer.connect();
    const send = (value: string) => producer.send({ topic: 't', acks: -1, messages: [{ value }] });
    await send('before');
    // The API's smallest volume is a gibibyte. To fill the volumes, the test writes a smaller size into their
    // files.
    const clusters = join(millrace.data, 'clusters');
    const [folder = ''] = readdirSync(clusters);
    for (const id of [1, 2, 3]) writeFileSync(join(clusters, folder, `broker-${id}`, VOLUME_FILE), '1');
    const health = async () => {
      const path = `/millrace/v1/clusters/${encodeURIComponent(ClusterArn)}/health`;
      const answer: unknown = await (await fetch(`${millrace.ready.api}${path}`)).json();
      return JSON.stringify(answer);
    };
    await eventually('every volume is seen to be full', async () => {
      const full = (await health()).match(/"usableBytes":0\b/g) ?? [];
      return full.length === 3;
    });
    let isSent = false;
    const sent = send('during').then(() => {
      isSent = true;
    });
    const values: string[] = [];
    const consumer = kafka.consumer({ groupId: 'readers' });
    await consumer.connect();
    await consumer.subscribe({ topic: 't', fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => void values.push(String(message.value)),
    });
    await eventually('readers go on', () => values.includes('before'));
    expect(isSent).toBe(false);
    await aws.send(
      new UpdateBrokerStorageCommand({ ClusterArn, CurrentVersion, TargetBrokerEBSVolumeInfo: all(1010) }),
    );
    await sent;
    await eventually('what waited is read', () => values.includes('during'));
    expect(values).toEqual(['before', 'during']);
    await consumer.disconnect();
    await producer.disconnect();
  } finally {
    aws.destroy();
    await millrace.stop();
    await millrace[Symbol.asyncDispose]();
  }
});
