import {
  CreateConnectorCommand,
  DeleteConnectorCommand,
  ListConnectorsCommand,
} from '@aws-sdk/client-kafkaconnect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answered } from '../support/answered.ts';
import { connector } from './acme.ts';
import { ConnectHarness, VERSION } from './connect-harness.ts';

let api: ConnectHarness;

beforeAll(async () => {
  api = await ConnectHarness.withFakeJava();
});
afterAll(() => api[Symbol.asyncDispose]());

/** A worker that validated this would show the password of its sign-in. */
const REFERENCE = JSON.stringify({ topics: ['$', '{millrace:/proc/self/fd/3:sign-in.1.jaas}'].join('') });

describe('connectors in the REST interface of Kafka Connect', () => {
  test('are there also while no worker serves', async () => {
    const wish = connector('rest', await api.plugin('rest'));
    const { connectorArn } = await api.aws.send(
      new CreateConnectorCommand({
        ...wish,
        connectorConfiguration: { ...wish.connectorConfiguration, 'my.password': 'staple' },
      }),
    );
    const asks = async (method: string, path: string, body?: string) => {
      const response = await fetch(`${api.control.url}/connect${path}`, { method, body: body ?? null });
      return { status: response.status, body: await response.json() };
    };
    expect((await asks('GET', '/connectors')).body).toContain('rest');
    const ofPage = await fetch(`${api.control.url}/connect/connectors`, {
      headers: { origin: 'http://evil.example' },
    });
    await answered(403, ofPage);
    expect((await asks('GET', '/connectors?expand=info')).body).toMatchObject({
      rest: {
        info: { config: { 'connector.class': 'com.acme.AcmeSink', 'my.password': '[hidden]' }, tasks: [] },
      },
    });
    // No worker has said which of its properties are passwords.
    await answered(409, asks('GET', '/connectors/rest/config'));
    expect((await asks('GET', '/connectors/rest/status')).body).toMatchObject({
      connector: { state: 'UNASSIGNED' },
    });
    expect((await asks('GET', '/connector-plugins')).body).toContainEqual({
      ...{ class: 'com.acme.AcmeSink', type: 'sink', version: '1.0' },
    });
    const refusals = [
      await asks('POST', '/connectors', '{"name":"x","config":{}}'),
      await asks('GET', '/connectors/none'),
      await asks('GET', '/connectors/rest/offsets'),
      await asks('PUT', '/connectors/rest/config', '{"connector.class":"com.acme.AcmeSink"}'),
      await asks('PUT', '/connectors/rest/config', '["no configuration"]'),
      await asks('PUT', '/connectors/rest/config', '{'),
      await asks('PUT', '/connectors/rest/pause'),
      await asks('PUT', '/nothing'),
      await asks('PUT', '/connector-plugins/AcmeSink/config/validate', REFERENCE),
      await asks('DELETE', '/admin/loggers/root'),
      // The workers of its plugin may serve in a moment.
      await asks('GET', '/admin/loggers'),
    ];
    // What is to become of one that is CREATING is asked for again.
    expect(refusals.map(({ status }) => status)).toEqual([
      400, 404, 503, 409, 400, 400, 409, 404, 400, 404, 503,
    ]);
    for (const { status, body } of refusals)
      expect(body).toEqual({ error_code: status, message: expect.any(String) });
    await api.aws.send(new DeleteConnectorCommand({ connectorArn }));
  });

  test('that are built in are there without what only its workers have', async () => {
    const { connectorArn } = await api.aws.send(
      new CreateConnectorCommand({
        ...connector('own', ''),
        plugins: [],
        connectorConfiguration: {
          ...{
            'connector.class': 'io.confluent.connect.s3.S3SinkConnector',
            topics: 'orders',
            'tasks.max': '2',
          },
          ...{ 's3.bucket.name': 'archive', 's3.region': 'us-east-1', 'flush.size': '1' },
          ...{ 'aws.access.key.id': 'AKIA', 'aws.secret.access.key': 'staple' },
          'format.class': 'io.confluent.connect.s3.format.json.JsonFormat',
        },
      }),
    );
    const asks = async (method: string, path: string) => {
      const response = await fetch(`${api.control.url}/connect${path}`, { method });
      const text = await response.text();
      expect(text).not.toContain('staple');
      return { status: response.status, body: JSON.parse(text) };
    };
    const config = { name: 'own', 'flush.size': '1', 'aws.secret.access.key': '[hidden]' };
    const ids = [0, 1].map((task) => ({ connector: 'own', task }));
    expect(await asks('GET', '/connectors/own')).toMatchObject({
      ...{ status: 200, body: { name: 'own', type: 'sink', config, tasks: ids } },
    });
    expect((await asks('GET', '/connectors/own/tasks')).body).toMatchObject(
      ids.map((id) => ({ id, config })),
    );
    expect((await asks('GET', '/connectors/own/config')).body).toMatchObject(config);
    expect((await asks('GET', '/connectors?expand=status&expand=info')).body).toMatchObject({
      own: { status: { name: 'own', tasks: [] }, info: { config } },
    });
    expect((await asks('GET', '/connector-plugins')).body).toContainEqual(
      expect.objectContaining({
        ...{ class: 'io.confluent.connect.s3.S3SinkConnector', type: 'sink', version: VERSION },
      }),
    );
    const refusals = [
      await asks('PUT', '/connectors/own/topics/reset'),
      await asks('GET', '/connectors/own/offsets'),
      await asks('PATCH', '/connectors/own/offsets'),
      await asks('POST', '/connectors/own/tasks/0/restart'),
      await asks('PUT', '/connector-plugins/S3Sink/config/validate'),
      await asks('GET', '/connectors/own/tasks/0/status'),
      await asks('PUT', '/connectors/own/nothing'),
      await asks('GET', '/admin/loggers'),
      await asks('PUT', '/admin/loggers/root'),
    ];
    expect(refusals.map(({ status }) => status)).toEqual([503, 503, 400, 503, 400, 503, 404, 501, 501]);
    // It has written and read nothing.
    expect(await asks('GET', '/connectors/own/topics')).toEqual({
      ...{ status: 200, body: { own: { topics: [] } } },
    });
    // Clients ask this first, and give up where it is refused.
    expect(await asks('GET', '/')).toEqual({
      status: 200,
      body: {
        version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
        commit: 'unknown',
        kafka_cluster_id: expect.any(String),
      },
    });
    expect(await asks('GET', '/health')).toMatchObject({ status: 200, body: { status: 'healthy' } });
    expect(refusals[0]?.body.message).toMatch(/^No worker of the connector own serves now; it is CREATING/);
    expect(refusals[7]?.body.message).toBe(
      'Loggers are those of Kafka Connect, and no connector of a plugin is there. Workers of built-in connectors have no loggers: their logs have all lines, of the levels info, warn and error.',
    );
    await api.aws.send(new DeleteConnectorCommand({ connectorArn }));
  });

  test('are made, where it is plain what it does not say', async () => {
    const asks = async (method: string, path: string, body: object) => {
      const response = await fetch(`${api.control.url}/connect${path}`, {
        method,
        body: JSON.stringify(body),
      });
      const answer: { message?: string } = JSON.parse(await response.text());
      return { status: response.status, body: answer };
    };
    const config = {
      ...{ 'connector.class': 'io.confluent.connect.s3.S3SinkConnector', topics: 'orders' },
      ...{ 's3.bucket.name': 'archive', 's3.region': 'us-east-1', 'flush.size': '1' },
      ...{ 'aws.access.key.id': 'AKIA', 'aws.secret.access.key': 'staple' },
      'format.class': 'io.confluent.connect.s3.format.json.JsonFormat',
    };
    expect(await asks('POST', '/connectors', { name: 'posted', config })).toMatchObject({
      ...{ status: 400, body: { message: /^There is no cluster/ } },
    });
    await createCluster('first');
    const told = (name: string) => ({
      ...{ name, type: 'sink', tasks: [{ connector: name, task: 0 }] },
      config: { ...config, name, 'aws.secret.access.key': '[hidden]' },
    });
    const withName = { ...config, name: 'posted' };
    expect(await asks('POST', '/connectors', { name: 'posted', config: withName })).toEqual({
      ...{ status: 201, body: told('posted') },
    });
    expect(await asks('POST', '/connectors', { name: 'posted', config })).toMatchObject({
      ...{ status: 409, body: { message: 'Connector posted already exists' } },
    });
    // Kafka Connect has this path too, for tools that cannot send POST.
    expect(await asks('PUT', '/connectors/put/config', config)).toEqual({ status: 201, body: told('put') });
    const { connectors } = await api.aws.send(new ListConnectorsCommand({ connectorNamePrefix: 'p' }));
    expect(connectors?.map(({ connectorName, capacity }) => [connectorName, capacity])).toEqual(
      ['posted', 'put'].map((name) => [name, { provisionedCapacity: { mcuCount: 1, workerCount: 1 } }]),
    );
    const refused = async (change: object) =>
      (await asks('POST', '/connectors', { name: 'refused', config, ...change })).body.message;
    expect(await refused({ config: { ...config, 'connector.class': 'com.acme.None' } })).toMatch(
      /^No plugin has a connector class com\.acme\.None/,
    );
    expect(await refused({ config: { ...config, nonsense: '1' } })).toMatch(/nonsense/);
    expect(await refused({ config: 'none' })).toMatch(/"config"/);
    expect(await refused({ name: undefined })).toMatch(/"name"/);
    expect(await refused({ initial_state: 'STOPPED' })).toMatch(/initial_state RUNNING alone/);
    await createCluster('second');
    expect(await refused({})).toMatch(/the only cluster, and there are first and second/);
    for (const { connectorArn } of connectors ?? [])
      await api.aws.send(new DeleteConnectorCommand({ connectorArn }));
  });

  async function createCluster(clusterName: string): Promise<void> {
    const response = await fetch(`${api.control.url}/v1/clusters`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ clusterName, kafkaVersion: '3.9.x', numberOfBrokerNodes: 2 },
        brokerNodeGroupInfo: { clientSubnets: ['subnet-a', 'subnet-b'], instanceType: 'kafka.m5.large' },
        encryptionInfo: { encryptionInTransit: { clientBroker: 'PLAINTEXT', inCluster: false } },
      }),
    });
    if (!response.ok) throw new Error(await response.text());
  }
});
