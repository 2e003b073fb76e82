import {
  BadRequestException,
  CreateConfigurationCommand,
  DeleteConfigurationCommand,
  DescribeConfigurationCommand,
  DescribeConfigurationRevisionCommand,
  type KafkaClient,
  ListConfigurationRevisionsCommand,
  ListConfigurationsCommand,
  UpdateConfigurationCommand,
} from '@aws-sdk/client-kafka';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApiHarness } from './api-harness.ts';

/** Configurations through AWS's own client: names, revisions, bytes, limits, and every wrong input once. */

let api: ApiHarness;
let aws: KafkaClient;
beforeEach(async () => {
  api = await ApiHarness.start();
  aws = api.aws;
});
afterEach(() => api[Symbol.asyncDispose]());

const bytes = (text: string): Buffer => Buffer.from(text);

async function create(Name: string, text = 'num.partitions=3', more: object = {}): Promise<string> {
  const { Arn = '' } = await aws.send(
    new CreateConfigurationCommand({ Name, ServerProperties: bytes(text), ...more }),
  );
  return Arn;
}

const update = (Arn: string, text: string, Description?: string) =>
  aws.send(new UpdateConfigurationCommand({ Arn, ServerProperties: bytes(text), Description }));

const revision = (Arn: string, Revision: number) =>
  aws.send(new DescribeConfigurationRevisionCommand({ Arn, Revision }));

test('a configuration is made, described, revised, listed and deleted, and its name is free at once', async () => {
  const made = await aws.send(
    new CreateConfigurationCommand({
      Name: 'orders',
      Description: 'the first',
      KafkaVersions: ['3.9.x.kraft'],
      ServerProperties: bytes('auto.create.topics.enable=true'),
    }),
  );
  const { Arn = '' } = made;
  expect(Arn).toMatch(/^arn:aws:kafka:us-east-1:000000000000:configuration\/orders\/[0-9a-f-]{36}-1$/);
  expect(made).toMatchObject({
    Name: 'orders',
    State: 'ACTIVE',
    CreationTime: expect.any(Date),
    LatestRevision: { Revision: 1, CreationTime: expect.any(Date), Description: 'the first' },
  });

  const updated = await update(Arn, 'auto.create.topics.enable=false', 'the second');
  expect(updated).toMatchObject({ Arn, LatestRevision: { Revision: 2, Description: 'the second' } });
  await update(Arn, '');

  expect(await aws.send(new DescribeConfigurationCommand({ Arn }))).toMatchObject({
    Arn,
    Name: 'orders',
    State: 'ACTIVE',
    Description: 'the first',
    KafkaVersions: ['3.9.x.kraft'],
    LatestRevision: { Revision: 3 },
  });
  const { Revisions = [] } = await aws.send(new ListConfigurationRevisionsCommand({ Arn }));
  // A description belongs to its revision: the third was given none.
  expect(Revisions.map(({ Revision, Description }) => [Revision, Description])).toEqual([
    [1, 'the first'],
    [2, 'the second'],
    [3, undefined],
  ]);

  expect(await aws.send(new DeleteConfigurationCommand({ Arn }))).toMatchObject({ Arn, State: 'DELETING' });
  await expect(aws.send(new DescribeConfigurationCommand({ Arn }))).rejects.toMatchObject({
    name: 'BadRequestException',
    message: expect.stringContaining('Configuration ARN does not exist'),
  });
  expect(await create('orders')).not.toBe(Arn);
});

test.each([
  ['blank lines and comments', '# Kafka\n\n! for orders\nnum.partitions = 3\n\n'],
  ['CRLF', 'num.partitions=3\r\nlog.retention.hours=24\r\n'],
  ['continuation lines and colons', 'log.cleanup.policy: compact,\\\n    delete\nnum.partitions 3'],
  ['escapes', 'num\\u002epartitions=3'],
  ['no line break at the end', 'num.partitions=3'],
  ['nothing', ''],
])('server properties come back byte for byte: %s', async (_, text) => {
  const Arn = await create('orders', text);
  const { ServerProperties = new Uint8Array() } = await revision(Arn, 1);
  expect(Buffer.from(ServerProperties).toString()).toBe(text);
});

test('another life of the control plane finds every revision', async () => {
  const Arn = await create('orders', 'num.partitions=3');
  const other = await create('others');
  await update(Arn, 'num.partitions=6', 'more');
  await aws.send(new DeleteConfigurationCommand({ Arn: other }));
  aws = await api.restart();
  const { Configurations = [] } = await aws.send(new ListConfigurationsCommand({}));
  expect(Configurations.map(({ Name, LatestRevision }) => [Name, LatestRevision?.Revision])).toEqual([
    ['orders', 2],
  ]);
  const { ServerProperties = new Uint8Array(), Description } = await revision(Arn, 2);
  expect([Buffer.from(ServerProperties).toString(), Description]).toEqual(['num.partitions=6', 'more']);
});

test('lists come in pages, in the order of creation', async () => {
  const names = ['zebra', 'ant', 'mole'];
  for (const name of names) await create(name);
  const [first] = (await aws.send(new ListConfigurationsCommand({}))).Configurations ?? [];
  for (const text of ['num.partitions=1', 'num.partitions=2']) await update(first?.Arn ?? '', text);
  const listed: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await aws.send(new ListConfigurationsCommand({ MaxResults: 2, NextToken }));
    listed.push(...(page.Configurations ?? []).map(({ Name }) => Name));
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  // Two that were created in one millisecond have no order.
  expect(listed.sort()).toEqual(names.sort());
  const page = await aws.send(new ListConfigurationRevisionsCommand({ Arn: first?.Arn, MaxResults: 2 }));
  const rest = await aws.send(
    new ListConfigurationRevisionsCommand({ Arn: first?.Arn, MaxResults: 2, NextToken: page.NextToken }),
  );
  expect([...(page.Revisions ?? []), ...(rest.Revisions ?? [])].map(({ Revision }) => Revision)).toEqual([
    1, 2, 3,
  ]);
  expect(rest.NextToken).toBeUndefined();
});

test('there are at most 100 configurations, and 50 revisions of each', async () => {
  const Arn = await create('c-0');
  for (let i = 1; i < 100; i++) await create(`c-${i}`);
  await expect(create('one-more')).rejects.toThrow('There are already 100 configurations');
  for (let i = 2; i <= 50; i++) await update(Arn, `num.partitions=${i}`);
  await expect(update(Arn, 'num.partitions=51')).rejects.toThrow('50 revisions');
  const { LatestRevision } = await aws.send(new DescribeConfigurationCommand({ Arn }));
  expect(LatestRevision?.Revision).toBe(50);
});

test('a name is there once', async () => {
  await create('orders');
  await expect(create('orders')).rejects.toMatchObject({
    name: 'ConflictException',
    message: 'A resource with this name already exists.',
  });
});

describe('what is wrong is refused with the parameter, and nothing changes', () => {
  test.each<[string, object, string, string]>([
    ['an empty name', { Name: '' }, 'name', 'characters'],
    ['a name with an underscore', { Name: 'a_b' }, 'name', 'letters, digits and hyphens'],
    ['a name that begins with a hyphen', { Name: '-a' }, 'name', 'letters, digits and hyphens'],
    ['no name', { Name: undefined }, 'name', 'required'],
    ['no server properties', { ServerProperties: undefined }, 'serverProperties', 'required'],
    ['a description that is too long', { Description: 'x'.repeat(1025) }, 'description', '1024'],
    [
      'a version that does not exist',
      { KafkaVersions: ['9.9.9'] },
      'kafkaVersions',
      'Unsupported KafkaVersion [9.9.9]. Valid values: [',
    ],
    [
      'a text that is too long',
      { ServerProperties: bytes('#'.repeat(70_000)) },
      'serverProperties',
      '65536 bytes',
    ],
    [
      'a malformed escape',
      { ServerProperties: bytes('num.partitions=\\u12') },
      'serverProperties',
      'no properties file',
    ],
    [
      'a property that MSK keeps to itself',
      { ServerProperties: bytes('log.dirs=/tmp') },
      'serverProperties',
      'log.dirs cannot be set by a configuration. Valid properties: [',
    ],
    [
      'a property that does not exist',
      { ServerProperties: bytes('num.partition=1') },
      'serverProperties',
      'num.partition cannot be set',
    ],
    [
      'a value of the wrong type',
      { ServerProperties: bytes('num.partitions=many') },
      'serverProperties',
      'Invalid value many for configuration num.partitions: Not a number of type INT',
    ],
    [
      "a value below MSK's range",
      { ServerProperties: bytes('replica.lag.time.max.ms=9999') },
      'serverProperties',
      'replica.lag.time.max.ms: Value must be at least 10000',
    ],
    [
      "a value above MSK's range",
      { ServerProperties: bytes('zookeeper.session.timeout.ms=18001') },
      'serverProperties',
      'zookeeper.session.timeout.ms: Value must be no more than 18000',
    ],
    [
      'what brokers would not start with',
      { ServerProperties: bytes('log.retention.hours=0') },
      'serverProperties',
      'log.retention.ms must be unlimited (-1) or, greater than or equal to 1',
    ],
    [
      "a value below Kafka's range",
      { ServerProperties: bytes('log.segment.bytes=1') },
      'serverProperties',
      'log.segment.bytes: Value must be at least 1048576',
    ],
    [
      'a word that is none of the list',
      { ServerProperties: bytes('log.cleanup.policy=compress') },
      'serverProperties',
      'log.cleanup.policy: String must be one of: compact, delete',
    ],
  ])('%s', async (_, wrong, InvalidParameter, message) => {
    const input = { Name: 'orders', ServerProperties: bytes('num.partitions=3'), ...wrong };
    const refused = {
      name: 'BadRequestException',
      InvalidParameter,
      message: expect.stringContaining(message),
    };
    await expect(aws.send(new CreateConfigurationCommand(input))).rejects.toMatchObject(refused);
    expect((await aws.send(new ListConfigurationsCommand({}))).Configurations).toEqual([]);
    if ('Name' in wrong || 'KafkaVersions' in wrong) return;
    const Arn = await create('orders');
    await expect(aws.send(new UpdateConfigurationCommand({ ...input, Arn }))).rejects.toMatchObject(refused);
    expect((await aws.send(new DescribeConfigurationCommand({ Arn }))).LatestRevision?.Revision).toBe(1);
  });

  test('what is no base64', async () => {
    const response = await fetch(`${api.control.url}/v1/configurations`, {
      method: 'POST',
      body: JSON.stringify({ name: 'orders', serverProperties: 'num.partitions=3' }),
    });
    expect([response.status, await response.json()]).toEqual([
      400,
      { message: 'serverProperties must be base64', invalidParameter: 'serverProperties' },
    ]);
  });

  test('a revision that there is not', async () => {
    const Arn = await create('orders');
    await expect(revision(Arn, 2)).rejects.toThrow(BadRequestException);
    await expect(revision(Arn, 0)).rejects.toMatchObject({ InvalidParameter: 'Revision' });
  });

  test('an ARN that is not there, for every operation', async () => {
    const Arn =
      'arn:aws:kafka:us-east-1:000000000000:configuration/orders/1c4d5e6f-0000-4000-8000-00000000000a-1';
    const said = { name: 'BadRequestException', message: 'Configuration ARN does not exist.' };
    await expect(aws.send(new DescribeConfigurationCommand({ Arn }))).rejects.toMatchObject(said);
    await expect(revision(Arn, 1)).rejects.toMatchObject(said);
    await expect(aws.send(new ListConfigurationRevisionsCommand({ Arn }))).rejects.toMatchObject(said);
    await expect(update(Arn, 'num.partitions=3')).rejects.toMatchObject(said);
    await expect(aws.send(new DeleteConfigurationCommand({ Arn }))).rejects.toMatchObject(said);
  });
});
