import {
  CreateConnectorCommand,
  type CreateConnectorCommandInput,
  ListCustomPluginsCommand,
} from '@aws-sdk/client-kafkaconnect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connector } from './acme.ts';
import { ConnectHarness } from './connect-harness.ts';

let api: ConnectHarness;

beforeAll(async () => {
  api = await ConnectHarness.withFakeJava();
});
afterAll(() => api[Symbol.asyncDispose]());

describe('connectors are refused with', () => {
  const config = (more: Record<string, string>) => ({
    connectorConfiguration: { 'connector.class': 'AcmeSink', topics: 'orders', ...more },
  });
  // AWS's client has no member for these.
  const signIn = (authenticationType: string) =>
    ({ authenticationType }) as CreateConnectorCommandInput['kafkaClusterClientAuthentication'];
  test.each<[string, Partial<CreateConnectorCommandInput>, RegExp]>([
    ['a name that is no part of a topic', { connectorName: 'a/b' }, /connectorName must have letters/],
    ['no capacity', { capacity: {} }, /One of autoScaling and provisionedCapacity/],
    [
      'both kinds of capacity',
      {
        capacity: {
          autoScaling: { minWorkerCount: 1, maxWorkerCount: 2, mcuCount: 1 },
          provisionedCapacity: { mcuCount: 1, workerCount: 1 },
        },
      },
      /Exactly one of autoScaling and provisionedCapacity/,
    ],
    [
      'more workers at least than at most',
      { capacity: { autoScaling: { minWorkerCount: 3, maxWorkerCount: 2, mcuCount: 1 } } },
      /minWorkerCount cannot be more than maxWorkerCount/,
    ],
    [
      'fewer tasks than workers',
      {
        capacity: {
          autoScaling: { minWorkerCount: 1, maxWorkerCount: 3, mcuCount: 1, maxAutoscalingTaskCount: 2 },
        },
      },
      /maxAutoscalingTaskCount cannot be less than maxWorkerCount/,
    ],
    [
      'policies that contradict each other',
      {
        capacity: {
          autoScaling: {
            ...{ minWorkerCount: 1, maxWorkerCount: 2, mcuCount: 1 },
            scaleInPolicy: { cpuUtilizationPercentage: 80 },
          },
        },
      },
      /scaleInPolicy \(80 %\) must be below the scaleOutPolicy \(80 %\)/,
    ],
    [
      'three units of scaled workers',
      { capacity: { autoScaling: { minWorkerCount: 1, maxWorkerCount: 2, mcuCount: 3 } } },
      /mcuCount must be 1, 2, 4 or 8/,
    ],
    [
      'three units',
      { capacity: { provisionedCapacity: { mcuCount: 3, workerCount: 1 } } },
      /mcuCount must be 1, 2, 4 or 8/,
    ],
    [
      'no worker',
      { capacity: { provisionedCapacity: { mcuCount: 1, workerCount: 0 } } },
      /must be from 1 to/,
    ],
    ['no class', { connectorConfiguration: { topics: 'orders' } }, /connector\.class is required/],
    ['a class that the plugin has not', config({ 'connector.class': 'Other' }), /has com\.acme\.AcmeSink/],
    ['another name in the configuration', config({ name: 'other' }), /must be the connectorName/],
    [
      'an override of the sign-in',
      config({ 'consumer.override.sasl.jaas.config': 'x' }),
      /consumer\.override\.sasl\.jaas\.config cannot be overridden/,
    ],
    [
      'sign-in by IAM',
      { kafkaClusterClientAuthentication: { authenticationType: 'IAM' } },
      /Workers cannot sign in by IAM yet/,
    ],
    [
      'sign-in without encryption',
      { kafkaClusterClientAuthentication: signIn('TLS') },
      /TLS needs TLS as the encryptionType/,
    ],
    [
      'SCRAM without a user',
      {
        kafkaClusterClientAuthentication: signIn('SCRAM'),
        kafkaClusterEncryptionInTransit: { encryptionType: 'TLS' },
      },
      /SCRAM needs the secretArn/,
    ],
    [
      'a version that does not run',
      { kafkaConnectVersion: '1.0' },
      /Unsupported kafkaConnectVersion \[1\.0\]/,
    ],
    [
      'delivery of logs to Firehose',
      { logDelivery: { workerLogDelivery: { firehose: { enabled: true, deliveryStream: 'd' } } } },
      /cannot be delivered to firehose yet/,
    ],
    [
      'a log group outside its folder',
      { logDelivery: { workerLogDelivery: { cloudWatchLogs: { enabled: true, logGroup: '/a/../../b' } } } },
      /A log group has/,
    ],
    [
      'a bucket for logs without a name',
      { logDelivery: { workerLogDelivery: { s3: { enabled: true } } } },
      /The name of a bucket must be given/,
    ],
    [
      'no plugin, and a class that is not built in',
      { plugins: [], connectorConfiguration: { 'connector.class': 'com.acme.Sink' } },
      /connector\.class is com\.acme\.Sink, and the plugin millrace-built-in has org\.apache\.kafka\.connect\.file/,
    ],
    [
      'another revision of the worker configuration',
      { workerConfiguration: { workerConfigurationArn: 'arn:none', revision: 1 } },
      /The worker configuration arn:none does not exist/,
    ],
  ])('%s', async (_, change, says) => {
    const { customPlugins } = await api.aws.send(new ListCustomPluginsCommand({ namePrefix: 'refusing' }));
    const arn = customPlugins?.[0]?.customPluginArn ?? (await api.plugin('refusing'));
    const command = new CreateConnectorCommand({ ...connector('refused', arn), ...change });
    await expect(api.aws.send(command)).rejects.toThrow(says);
  });

  test('a plugin that is not there', async () => {
    const command = new CreateConnectorCommand(connector('refused', 'arn:none'));
    await expect(api.aws.send(command)).rejects.toThrow('The custom plugin arn:none does not exist.');
  });
});
