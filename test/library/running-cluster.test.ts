import { createServer } from 'node:net';
import {
  CreateClusterCommand,
  CreateConfigurationCommand,
  DescribeClusterCommand,
  DescribeClusterOperationCommand,
  GetBootstrapBrokersCommand,
  KafkaClient,
  ListClustersCommand,
  ListNodesCommand,
  RebootBrokerCommand,
  TagResourceCommand,
  UpdateClusterConfigurationCommand,
  UpdateMonitoringCommand,
  UpdateSecurityCommand,
  UpdateStorageCommand,
} from '@aws-sdk/client-kafka';
import { type Admin, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { type StartedCluster, startCluster } from '../../src/index.ts';
import { compareRecords, textRecords } from '../clients/client.ts';
import { kafkaJs } from '../clients/kafkajs.ts';
import { freePort } from '../support/free-port.ts';
import { eventually } from '../support/millrace.ts';

async function withAdmin<T>(cluster: StartedCluster, ask: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Kafka({ brokers: [...cluster.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await ask(admin);
  } finally {
    await admin.disconnect();
  }
}

test('topics are there at the start with their partitions, copies and configs', async () => {
  await using cluster = await startCluster({
    brokers: 3,
    config: { 'num.partitions': 2, 'auto.create.topics.enable': false },
    topics: [
      'plain',
      { name: 'wide', partitions: 6, replicationFactor: 2, config: { 'retention.ms': 60_000 } },
    ],
  });
  await cluster.createTopics(['later', 'plain']);
  await withAdmin(cluster, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata();
    const shape = topics.map(({ name, partitions }) => [
      name,
      partitions.length,
      partitions[0]?.replicas.length,
    ]);
    expect(shape.sort()).toEqual([
      ['later', 2, 3],
      ['plain', 2, 3],
      ['wide', 6, 2],
    ]);
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: 'wide', configNames: ['retention.ms'] }],
    });
    expect(resources[0]?.configEntries[0]).toMatchObject({ configValue: '60000' });
  });
});

test('ports that were asked for are those that clients use; one that is taken is named', async () => {
  const port = await freePort();
  {
    await using cluster = await startCluster({ port });
    expect(cluster.bootstrap).toBe(`127.0.0.1:${port}`);
    await kafkaJs.produce(cluster.bootstrap, 't', 'none', textRecords(1, 'fixed'));
    await expect(startCluster({ port })).rejects.toThrow(
      /^A port that a broker needs is in use by another process \(.*EADDRINUSE/,
    );
  }
  await expect(startCluster({ host: '192.0.2.1' })).rejects.toThrow(
    /^This machine does not have all of the addresses 192.0.2.1/,
  );
  // A failed start has left nothing behind.
  await using _again = await startCluster({ port });
});

test('clients of a further listener are told its name, those of the first the first', async () => {
  await using cluster = await startCluster({
    brokers: 2,
    listeners: { docker: { host: '0.0.0.0', advertise: 'localhost' } },
    api: true,
  });
  const docker = cluster.bootstrapOf('docker');
  expect(docker).toMatch(/^localhost:\d+,localhost:\d+$/);
  expect(() => cluster.bootstrapOf('vpn')).toThrow(
    'This cluster has no listener "vpn": it has CLIENT, docker.',
  );
  const records = textRecords(10, 'named');
  await kafkaJs.produce(docker, 't', 'none', records);
  expect(compareRecords(records, await kafkaJs.consume(cluster.bootstrap, 't', 'g', records.length))).toEqual(
    [],
  );
  const told = async (bootstrap: string): Promise<string[]> => {
    const admin = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    await admin.disconnect();
    return brokers.map(({ host, port }) => `${host}:${port}`).sort();
  };
  expect(await told(docker)).toEqual(docker.split(',').sort());
  expect(await told(cluster.bootstrap)).toEqual([...cluster.brokers].sort());
  // The API also answers with the host that the client used.
  const byApi = async (host: string): Promise<string | undefined> => {
    const endpoint = (cluster.api ?? '').replace('127.0.0.1', host);
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    const aws = new KafkaClient({ endpoint, region: 'us-east-1', credentials });
    const { ClusterInfoList } = await aws.send(new ListClustersCommand());
    const { BootstrapBrokerString } = await aws.send(
      new GetBootstrapBrokersCommand({ ClusterArn: ClusterInfoList?.[0]?.ClusterArn }),
    );
    aws.destroy();
    return BootstrapBrokerString;
  };
  expect(await byApi('localhost')).toBe(docker);
  expect(await byApi('127.0.0.1')).toBe(cluster.bootstrap);
});

test('a broker that is killed is led around at once, loses nothing acknowledged, and comes back on its port', async () => {
  await using cluster = await startCluster({
    brokers: 3,
    topics: [{ name: 't', partitions: 3 }],
    // So that no end of a session leads around it.
    config: { 'broker.session.timeout.ms': 3_600_000 },
  });
  const addresses = cluster.brokers;
  const first = textRecords(100, 'before');
  await kafkaJs.produce(cluster.bootstrap, 't', 'none', first);
  await cluster.kill(1);
  await withAdmin(cluster, async (admin) => {
    await eventually('another leader for every partition', async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: ['t'] });
      return topics[0]?.partitions.every(({ leader }) => leader !== 1 && leader !== -1) ?? false;
    });
  });
  const second = textRecords(100, 'meanwhile');
  await kafkaJs.produce(cluster.bootstrap, 't', 'none', second);
  await cluster.kill(1);
  await cluster.restart(1);
  expect(cluster.brokers).toEqual(addresses);
  await withAdmin(cluster, async (admin) => {
    await eventually('three replicas in sync again', async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: ['t'] });
      return topics[0]?.partitions.every(({ isr }) => isr.length === 3) ?? false;
    });
  });
  // A restart in order, after the kill.
  await cluster.restart(2);
  const all = [...first, ...second];
  expect(compareRecords(all, await kafkaJs.consume(cluster.bootstrap, 't', 'g', all.length))).toEqual([]);
  await expect(cluster.kill(4)).rejects.toThrow('This cluster has no broker 4: it has 1, 2, 3.');
  await expect(cluster.restart(0)).rejects.toThrow('This cluster has no broker 0');
});

test('all brokers killed at once, the records come back with them', async () => {
  await using cluster = await startCluster({ brokers: 3, topics: ['t'] });
  const records = textRecords(200, 'kept');
  await kafkaJs.produce(cluster.bootstrap, 't', 'none', records);
  await Promise.all([1, 2, 3].map((id) => cluster.kill(id)));
  await Promise.all([1, 2, 3].map((id) => cluster.restart(id)));
  expect(compareRecords(records, await kafkaJs.consume(cluster.bootstrap, 't', 'g', records.length))).toEqual(
    [],
  );
});

test('reset gives back the cluster as it was started, on the same ports', async () => {
  await using cluster = await startCluster({ brokers: 2, topics: ['kept'] });
  const { bootstrap, clusterId } = cluster;
  await kafkaJs.produce(bootstrap, 'kept', 'none', textRecords(10, 'old'));
  await kafkaJs.produce(bootstrap, 'made', 'none', textRecords(10, 'old'));
  await kafkaJs.consume(bootstrap, 'kept', 'group', 10);
  await cluster.kill(2);
  await cluster.reset();
  expect([cluster.bootstrap, cluster.clusterId]).toEqual([bootstrap, clusterId]);
  await withAdmin(cluster, async (admin) => {
    expect(await admin.listTopics()).toEqual(['kept']);
    expect((await admin.listGroups()).groups).toEqual([]);
    expect(await admin.fetchTopicOffsets('kept')).toMatchObject([{ high: '0' }]);
    expect((await admin.describeCluster()).brokers).toHaveLength(2);
  });
  const records = textRecords(10, 'new');
  await kafkaJs.produce(bootstrap, 'kept', 'none', records);
  expect(compareRecords(records, await kafkaJs.consume(bootstrap, 'kept', 'group', 10))).toEqual([]);
});

test('closed resolves at the stop, and what is asked after that is refused', async () => {
  const cluster = await startCluster();
  await Promise.all([cluster.stop(), cluster.stop()]);
  await cluster.closed;
  await expect(cluster.kill(1)).rejects.toThrow('This cluster was stopped.');
});

test('the AWS SDK finds the cluster at its API, and makes others beside it', async () => {
  await using cluster = await startCluster({ brokers: 3, api: { clusterName: 'orders' } });
  const aws = new KafkaClient({
    endpoint: cluster.api,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  try {
    const { ClusterInfoList = [] } = await aws.send(new ListClustersCommand({}));
    expect(ClusterInfoList).toMatchObject([
      { ClusterName: 'orders', State: 'ACTIVE', NumberOfBrokerNodes: 3 },
    ]);
    const ClusterArn = ClusterInfoList[0]?.ClusterArn;
    const bootstrap = async (arn: string | undefined) =>
      (await aws.send(new GetBootstrapBrokersCommand({ ClusterArn: arn }))).BootstrapBrokerString;
    expect(await bootstrap(ClusterArn)).toBe(cluster.bootstrap);
    const { NodeInfoList = [] } = await aws.send(new ListNodesCommand({ ClusterArn }));
    expect(NodeInfoList).toHaveLength(3);
    await aws.send(new TagResourceCommand({ ResourceArn: ClusterArn, Tags: { team: 'billing' } }));
    await aws.send(new RebootBrokerCommand({ ClusterArn, BrokerIds: ['2'] }));
    const active = (arn: string | undefined) =>
      eventually('the cluster is ACTIVE', async () => {
        const { ClusterInfo } = await aws.send(new DescribeClusterCommand({ ClusterArn: arn }));
        return ClusterInfo?.State === 'ACTIVE';
      });
    await active(ClusterArn);
    const { ClusterInfo } = await aws.send(new DescribeClusterCommand({ ClusterArn }));
    const change = { ClusterArn, CurrentVersion: ClusterInfo?.CurrentVersion };
    const plaintext = { EncryptionInTransit: { ClientBroker: 'PLAINTEXT' as const } };
    for (const command of [
      new UpdateStorageCommand({ ...change, VolumeSizeGB: 2000 }),
      new UpdateMonitoringCommand({ ...change, EnhancedMonitoring: 'PER_BROKER' }),
      new UpdateSecurityCommand({ ...change, EncryptionInfo: plaintext }),
    ])
      await expect(aws.send(command)).rejects.toThrow('made by startCluster');

    const made = await aws.send(
      new CreateClusterCommand({
        ClusterName: 'second',
        KafkaVersion: '3.9.x.kraft',
        NumberOfBrokerNodes: 2,
        BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['subnet-a', 'subnet-b'] },
        EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'PLAINTEXT', InCluster: true } },
      }),
    );
    await active(made.ClusterArn);
    const second = (await bootstrap(made.ClusterArn)) ?? '';
    expect(second).not.toBe(cluster.bootstrap);
    const admin = new Kafka({ brokers: second.split(','), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    expect((await admin.describeCluster()).brokers).toHaveLength(2);
    await admin.disconnect();
  } finally {
    aws.destroy();
  }
});

test('another configuration is in force in the brokers of this process, and in their controller', async () => {
  await using cluster = await startCluster({ brokers: 3, api: true });
  const aws = new KafkaClient({
    endpoint: cluster.api,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  const admin = new Kafka({ brokers: cluster.bootstrap.split(','), logLevel: logLevel.NOTHING }).admin();
  try {
    const { ClusterInfoList: [info] = [] } = await aws.send(new ListClustersCommand({}));
    const { Arn } = await aws.send(
      new CreateConfigurationCommand({
        Name: 'orders',
        // The controller obeys the first, brokers obey the second at once.
        ServerProperties: Buffer.from('num.partitions=5\nmessage.max.bytes=3000000'),
      }),
    );
    const { ClusterOperationArn } = await aws.send(
      new UpdateClusterConfigurationCommand({
        ClusterArn: info?.ClusterArn,
        CurrentVersion: info?.CurrentVersion,
        ConfigurationInfo: { Arn, Revision: 1 },
      }),
    );
    await eventually('the configuration is in force', async () => {
      const { ClusterOperationInfo: operation } = await aws.send(
        new DescribeClusterOperationCommand({ ClusterOperationArn }),
      );
      expect(operation?.ErrorInfo).toBeUndefined();
      return operation?.OperationState === 'UPDATE_COMPLETE';
    });
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 't' }], waitForLeaders: true });
    const { topics } = await admin.fetchTopicMetadata({ topics: ['t'] });
    expect(topics[0]?.partitions).toHaveLength(5);
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: 't', configNames: ['max.message.bytes'] }],
    });
    expect(resources[0]?.configEntries[0]?.configValue).toBe('3000000');
  } finally {
    await admin.disconnect();
    aws.destroy();
  }
});

test('a port for the API that is taken is one sentence', async () => {
  const server = createServer();
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  await expect(startCluster({ api: { port } })).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use`);
  await new Promise((done) => server.close(done));
});
