import {
  CreateWorkerConfigurationCommand,
  DeleteWorkerConfigurationCommand,
  DescribeWorkerConfigurationCommand,
  ListWorkerConfigurationsCommand,
} from '@aws-sdk/client-kafkaconnect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConnectHarness, isGone } from './connect-harness.ts';

let api: ConnectHarness;

beforeAll(async () => {
  api = await ConnectHarness.withFakeJava();
});
afterAll(() => api[Symbol.asyncDispose]());

const PROPERTIES = 'key.converter=a.B\nvalue.converter=a.B\n';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('worker configurations', () => {
  test('keep their text, and are gone when they are deleted', async () => {
    const made = await api.aws.send(
      new CreateWorkerConfigurationCommand({
        name: 'json',
        description: 'as JSON',
        propertiesFileContent: base64(PROPERTIES),
      }),
    );
    expect(made).toMatchObject({
      name: 'json',
      latestRevision: { revision: 1 },
      workerConfigurationState: 'ACTIVE',
    });
    const { workerConfigurationArn } = made;
    const described = () => api.aws.send(new DescribeWorkerConfigurationCommand({ workerConfigurationArn }));
    expect(await described()).toMatchObject({
      description: 'as JSON',
      latestRevision: { revision: 1, propertiesFileContent: base64(PROPERTIES) },
    });
    const { workerConfigurations } = await api.aws.send(new ListWorkerConfigurationsCommand({}));
    expect(workerConfigurations?.map(({ name }) => name)).toEqual(['json']);
    await api.aws.send(new DeleteWorkerConfigurationCommand({ workerConfigurationArn }));
    expect(await isGone(described)).toBe(true);
  });

  test.each([
    ['key.converter=a.B', /value\.converter is required/],
    [`${PROPERTIES}group.id=mine`, /group\.id cannot be set/],
    [`${PROPERTIES}sasl.jaas.config=x`, /sasl\.jaas\.config cannot be set/],
    [`${PROPERTIES}producer.bootstrap.servers=x`, /producer\.bootstrap\.servers cannot be set/],
    [`${PROPERTIES}consumer.group.id=x`, /consumer\.group\.id cannot be set/],
    [
      `${PROPERTIES}config.providers.f.class=org.apache.kafka.common.config.provider.FileConfigProvider`,
      /would read files or the environment/,
    ],
  ])('%j is refused', async (text, says) => {
    const command = new CreateWorkerConfigurationCommand({
      name: 'wrong',
      propertiesFileContent: base64(text),
    });
    await expect(api.aws.send(command)).rejects.toThrow(says);
  });
});
