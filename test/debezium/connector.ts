import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateConnectorCommand,
  CreateCustomPluginCommand,
  DeleteConnectorCommand,
  DescribeConnectorCommand,
  DescribeCustomPluginCommand,
  KafkaConnectClient,
} from '@aws-sdk/client-kafkaconnect';
import { workersBelow } from '../../src/connect/worker/running-workers.ts';
import type { FaultCluster } from '../faults/cluster.ts';
import { eventually } from '../support/millrace.ts';
import type { Archive } from './archives.ts';

const STARTS_MS = 180_000;

export interface ConnectorWish {
  readonly name: string;
  readonly archive: Archive;
  readonly workers: number;
  readonly configuration: Readonly<Record<string, string>>;
}

/**
 * One connector of a cluster, made through the API as people do it: its archive from a bucket, then the
 * connector.
 */
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
    const bucket = join(cluster.data, 'buckets/plugins');
    mkdirSync(bucket, { recursive: true });
    writeFileSync(join(bucket, archive.name), archive.bytes);
    const aws = client(cluster);
    const { customPluginArn } = await aws.send(
      new CreateCustomPluginCommand({
        name,
        contentType: 'ZIP',
        location: { s3Location: { bucketArn: 'arn:aws:s3:::plugins', fileKey: archive.name } },
      }),
    );
    await eventually(
      `the plugin ${name} is loaded`,
      async () => {
        const { customPluginState, stateDescription } = await aws.send(
          new DescribeCustomPluginCommand({ customPluginArn }),
        );
        if (customPluginState === 'CREATE_FAILED') throw new Error(stateDescription?.message);
        return customPluginState === 'ACTIVE';
      },
      120_000,
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

  /** Resolves when it runs; rejects if it failed. */
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

  /** Resolves when the deletion is requested: its workers end soon after. */
  async delete(): Promise<void> {
    const aws = client(this.#cluster);
    await aws.send(new DeleteConnectorCommand({ connectorArn: this.#arn }));
    aws.destroy();
  }

  workers(): number[] {
    // The last part of an ARN has a number after the uuid.
    const uuid = (this.#arn.split('/').at(-1) ?? '').replace(/-\d+$/, '');
    return workersBelow(join(this.#cluster.data, 'connect/connectors', uuid)).map(({ pid }) => pid);
  }
}

/** A new client for each use: a killed control plane has closed its connections. */
function client(cluster: FaultCluster): KafkaConnectClient {
  return new KafkaConnectClient({
    endpoint: cluster.api,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
}
