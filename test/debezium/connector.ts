import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateConnectorCommand,
  CreateCustomPluginCommand,
  DescribeConnectorCommand,
  KafkaConnectClient,
} from '@aws-sdk/client-kafkaconnect';
import { workersBelow } from '../../src/connect/worker/running-workers.ts';
import type { FaultCluster } from '../faults/cluster.ts';
import { eventually } from '../support/millrace.ts';

const ARCHIVES = join(import.meta.dirname, '../../.test-tools/connectors');
const STARTS_MS = 180_000;

export interface ConnectorWish {
  readonly name: string;
  /** The beginning of the archive's name. */
  readonly archive: string;
  readonly workers: number;
  readonly configuration: Readonly<Record<string, string>>;
}

/** One connector of a cluster, made through the API as people make it: its archive from a bucket, then the connector. */
export class TestedConnector {
  readonly #cluster: FaultCluster;
  readonly #arn: string;

  private constructor(cluster: FaultCluster, arn: string) {
    this.#cluster = cluster;
    this.#arn = arn;
  }

  static async create(
    cluster: FaultCluster,
    { name, archive, workers, configuration }: ConnectorWish,
  ): Promise<TestedConnector> {
    const file = existsSync(ARCHIVES) && readdirSync(ARCHIVES).find((one) => one.startsWith(archive));
    if (!file) throw new Error(`${archive} is not installed: run \`node scripts/test-tools.mjs connectors\``);
    const bucket = join(cluster.data, 'buckets/plugins');
    mkdirSync(bucket, { recursive: true });
    cpSync(join(ARCHIVES, file), join(bucket, file));
    const aws = client(cluster);
    const { customPluginArn } = await aws.send(
      new CreateCustomPluginCommand({
        name,
        contentType: 'ZIP',
        location: { s3Location: { bucketArn: 'arn:aws:s3:::plugins', fileKey: file } },
      }),
    );
    const { connectorArn = '' } = await aws.send(
      new CreateConnectorCommand({
        connectorName: name,
        capacity: { provisionedCapacity: { mcuCount: 1, workerCount: workers } },
        connectorConfiguration: configuration,
        kafkaCluster: {
          apacheKafkaCluster: {
            bootstrapServers: cluster.bootstrap,
            vpc: { subnets: ['subnet-a'], securityGroups: [] },
          },
        },
        kafkaClusterClientAuthentication: { authenticationType: 'NONE' },
        kafkaClusterEncryptionInTransit: { encryptionType: 'PLAINTEXT' },
        kafkaConnectVersion: '4.3.1',
        plugins: [{ customPlugin: { customPluginArn, revision: 1 } }],
        serviceExecutionRoleArn: 'arn:aws:iam::000000000000:role/connect',
      }),
    );
    aws.destroy();
    const connector = new TestedConnector(cluster, connectorArn);
    await connector.runs();
    return connector;
  }

  /** Rejects when it failed instead. */
  async runs(): Promise<void> {
    const aws = client(this.#cluster);
    await eventually(
      'the connector is RUNNING',
      async () => {
        const { connectorState, stateDescription } = await aws.send(
          new DescribeConnectorCommand({ connectorArn: this.#arn }),
        );
        if (connectorState === 'FAILED') throw new Error(stateDescription?.message);
        return connectorState === 'RUNNING';
      },
      STARTS_MS,
    );
    aws.destroy();
  }

  workers(): number[] {
    return workersBelow(join(this.#cluster.data, 'connect')).map(({ pid }) => pid);
  }
}

/** Made for each use: a control plane that was killed has left its connections. */
function client(cluster: FaultCluster): KafkaConnectClient {
  return new KafkaConnectClient({
    endpoint: cluster.api,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
}
