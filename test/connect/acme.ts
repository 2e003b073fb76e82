import type { CreateConnectorCommandInput } from '@aws-sdk/client-kafkaconnect';
import { classBytes } from '../../src/connect/plugins/testing/class-bytes.ts';
import { zipBytes } from '../../src/connect/plugins/zip-bytes.ts';

const SINK = 'org.apache.kafka.connect.sink.SinkConnector';

/** The plugin of Acme: a jar with one sink. */
export const JAR = zipBytes([
  { name: `META-INF/services/${SINK}`, bytes: 'com.acme.AcmeSink\n' },
  { name: 'com/acme/AcmeSink.class', bytes: classBytes({ name: 'com.acme.AcmeSink', superclass: SINK }) },
]);

/** Where the jar lies. */
export const S3 = { s3Location: { bucketArn: 'arn:aws:s3:::plugins', fileKey: 'acme/sink-1.0.jar' } };

/** A connector of the plugin, as CreateConnector asks for it. */
export function connector(connectorName: string, customPluginArn: string): CreateConnectorCommandInput {
  return {
    connectorName,
    connectorDescription: 'to somewhere',
    capacity: { provisionedCapacity: { mcuCount: 1, workerCount: 1 } },
    connectorConfiguration: { 'connector.class': 'com.acme.AcmeSink', topics: 'orders' },
    kafkaCluster: {
      apacheKafkaCluster: {
        bootstrapServers: '127.0.0.1:1',
        vpc: { subnets: ['subnet-b', 'subnet-a'], securityGroups: ['sg-1'] },
      },
    },
    kafkaClusterClientAuthentication: { authenticationType: 'NONE' },
    kafkaClusterEncryptionInTransit: { encryptionType: 'PLAINTEXT' },
    kafkaConnectVersion: '3.7.x',
    logDelivery: { workerLogDelivery: { cloudWatchLogs: { enabled: false } } },
    plugins: [{ customPlugin: { customPluginArn, revision: 1 } }],
    serviceExecutionRoleArn: 'arn:aws:iam::000000000000:role/connect',
    tags: { team: 'billing' },
  };
}
