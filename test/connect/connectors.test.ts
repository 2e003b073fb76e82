import {
  CreateConnectorCommand,
  CreateWorkerConfigurationCommand,
  DeleteConnectorCommand,
  DeleteCustomPluginCommand,
  DescribeConnectorCommand,
  ListConnectorsCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateConnectorCommand,
} from '@aws-sdk/client-kafkaconnect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/millrace.ts';
import { connector } from './acme.ts';
import { ConnectHarness, isGone } from './connect-harness.ts';

let api: ConnectHarness;

beforeAll(async () => {
  api = await ConnectHarness.withFakeJava();
});
afterAll(() => api[Symbol.asyncDispose]());

describe('connectors', () => {
  test('are CREATING until their tasks run, come back as they were sent, and are gone when they are deleted', async () => {
    const wish = connector('orders', await api.plugin('orders'));
    const { connectorArn, connectorState } = await api.aws.send(new CreateConnectorCommand(wish));
    expect(connectorState).toBe('CREATING');
    const described = () => api.aws.send(new DescribeConnectorCommand({ connectorArn }));
    const { tags, ...echoed } = wish;
    expect(await described()).toMatchObject({ ...echoed, connectorState: 'CREATING', networkType: 'IPV4' });
    const tagged = await api.aws.send(new ListTagsForResourceCommand({ resourceArn: connectorArn }));
    expect(tagged.tags).toEqual(tags);
    const { connectors } = await api.aws.send(new ListConnectorsCommand({ connectorNamePrefix: 'ord' }));
    expect(connectors?.map(({ connectorName }) => connectorName)).toEqual(['orders']);
    await expect(api.aws.send(new CreateConnectorCommand(wish))).rejects.toThrow('already exists');
    const [used] = wish.plugins ?? [];
    const customPluginArn = used?.customPlugin?.customPluginArn;
    await expect(api.aws.send(new DeleteCustomPluginCommand({ customPluginArn }))).rejects.toThrow(
      'in use by orders',
    );
    await expect(
      api.aws.send(new DeleteConnectorCommand({ connectorArn, currentVersion: 'K1' })),
    ).rejects.toThrow('The version of the connector');
    const deleted = await api.aws.send(new DeleteConnectorCommand({ connectorArn }));
    expect(deleted.connectorState).toBe('DELETING');
    await eventually('it is gone', () => isGone(described));
    await api.aws.send(new DeleteCustomPluginCommand({ customPluginArn }));
  });

  test('say which release stands for an older one', async () => {
    const wish = { ...connector('older', await api.plugin('older')), kafkaConnectVersion: '2.7.1' };
    const { connectorArn } = await api.aws.send(new CreateConnectorCommand(wish));
    const { stateDescription } = await api.aws.send(new DescribeConnectorCommand({ connectorArn }));
    expect(stateDescription?.message).toBe('Kafka Connect 3.7.2 runs, where 2.7.1 was asked for.');
  });

  test('have tags, beside those of clusters', async () => {
    const resourceArn = await api.plugin('tagged');
    const tags = async () => (await api.aws.send(new ListTagsForResourceCommand({ resourceArn }))).tags;
    expect(await tags()).toEqual({});
    await api.aws.send(new TagResourceCommand({ resourceArn, tags: { a: '1', b: '2' } }));
    await api.aws.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));
    expect(await tags()).toEqual({ b: '2' });
    const unknown = new ListTagsForResourceCommand({ resourceArn: `${resourceArn}0` });
    await expect(api.aws.send(unknown)).rejects.toThrow('does not exist');
  });

  test('cannot be updated before they run, and not to another class', async () => {
    const wish = connector('early', await api.plugin('early'));
    const { connectorArn } = await api.aws.send(new CreateConnectorCommand(wish));
    const { currentVersion } = await api.aws.send(new DescribeConnectorCommand({ connectorArn }));
    const update = (change: object) =>
      api.aws.send(new UpdateConnectorCommand({ connectorArn, currentVersion, ...change }));
    const { connectorConfiguration, capacity } = wish;
    await expect(update({ connectorConfiguration })).rejects.toThrow('is CREATING: it must be RUNNING');
    await expect(update({})).rejects.toThrow('Exactly one of connectorConfiguration and what');
    await expect(update({ capacity, connectorConfiguration })).rejects.toThrow('Exactly one of');
    await expect(update({ connectorConfiguration: { 'connector.class': 'Other' } })).rejects.toThrow(
      'connector.class cannot be changed',
    );
  });

  test('cannot be updated to workers that do not fit them', async () => {
    const wish = connector('unfit', await api.plugin('unfit'));
    const vault = await workerConfiguration(
      'vault',
      'config.providers=vault\nconfig.providers.vault.class=Vault',
    );
    const { connectorArn } = await api.aws.send(
      new CreateConnectorCommand({
        ...wish,
        workerConfiguration: vault,
        connectorConfiguration: {
          ...wish.connectorConfiguration,
          'my.key': ['$', '{vault:path:key}'].join(''),
        },
      }),
    );
    const { currentVersion } = await api.aws.send(new DescribeConnectorCommand({ connectorArn }));
    const refusal = async (change: object): Promise<unknown> => {
      const update = api.aws.send(new UpdateConnectorCommand({ connectorArn, currentVersion, ...change }));
      return update.then(
        () => null,
        (error: Error) => error.message,
      );
    };
    const plugin = (customPluginArn: string, revision = 1) => ({
      plugins: [{ customPlugin: { customPluginArn, revision } }],
    });
    const newer = await api.plugin('newer');
    const named = await workerConfiguration('named', '');
    const { connectorConfiguration } = wish;
    const isEarly = 'The connector unfit is CREATING: it must be RUNNING or FAILED for this.';
    expect(await refusal(plugin(newer))).toBe(isEarly);
    expect(await refusal({ ...plugin(newer), capacity: wish.capacity, workerConfiguration: vault })).toBe(
      isEarly,
    );
    expect(await refusal({ ...plugin(newer), connectorConfiguration })).toMatch(/^Exactly one of/);
    expect(await refusal({ useDefaultWorkerConfiguration: false })).toMatch(/^Exactly one of/);
    expect(await refusal(plugin(newer, 2))).toBe('The custom plugin newer has revision 1 alone.');
    expect(await refusal(plugin(`${newer}0`))).toMatch(/does not exist/);
    expect(await refusal({ plugins: [] })).toMatch(
      /^An update cannot move a connector between workers of Java/,
    );
    expect(await refusal({ workerConfiguration: { ...named, revision: 2 } })).toMatch(/has revision 1 alone/);
    expect(await refusal({ workerConfiguration: vault, useDefaultWorkerConfiguration: true })).toMatch(
      /^Only one of workerConfiguration and useDefaultWorkerConfiguration/,
    );
    const loses = 'connectorConfiguration.my.key refers to the configuration provider vault';
    expect(await refusal({ workerConfiguration: named })).toContain(loses);
    expect(await refusal({ useDefaultWorkerConfiguration: true })).toContain(loses);
    await api.aws.send(new DeleteConnectorCommand({ connectorArn }));
  });

  async function workerConfiguration(name: string, more: string) {
    const converters = ['key', 'value'].map(
      (role) => `${role}.converter=org.apache.kafka.connect.storage.StringConverter\n`,
    );
    const { workerConfigurationArn = '' } = await api.aws.send(
      new CreateWorkerConfigurationCommand({
        name,
        propertiesFileContent: Buffer.from(`${converters.join('')}${more}\n`).toString('base64'),
      }),
    );
    return { workerConfigurationArn, revision: 1 };
  }

  test('that are autoscaled come back with their policies, and with AWS’s own where none was given', async () => {
    const wish = connector('scaled', await api.plugin('scaled'));
    const autoScaling = { mcuCount: 2, minWorkerCount: 1, maxWorkerCount: 3 };
    const { connectorArn } = await api.aws.send(
      new CreateConnectorCommand({ ...wish, capacity: { autoScaling } }),
    );
    const { capacity } = await api.aws.send(new DescribeConnectorCommand({ connectorArn }));
    expect(capacity).toEqual({
      autoScaling: {
        ...autoScaling,
        scaleInPolicy: { cpuUtilizationPercentage: 20 },
        scaleOutPolicy: { cpuUtilizationPercentage: 80 },
      },
    });
    await api.aws.send(new DeleteConnectorCommand({ connectorArn }));
  });
});
