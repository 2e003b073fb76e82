import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateCustomPluginCommand,
  DeleteCustomPluginCommand,
  DescribeCustomPluginCommand,
  ListCustomPluginsCommand,
} from '@aws-sdk/client-kafkaconnect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { JAR, S3 } from './acme.ts';
import { ConnectHarness, isGone } from './connect-harness.ts';

let api: ConnectHarness;

beforeAll(async () => {
  api = await ConnectHarness.withFakeJava();
});
afterAll(() => api[Symbol.asyncDispose]());

describe('custom plugins', () => {
  beforeAll(() => writeFileSync(join(api.data, 'secret.jar'), JAR));

  test('are described as they came, with the classes that were found', async () => {
    const customPluginArn = await api.plugin('described');
    expect(customPluginArn).toMatch(
      /^arn:aws:kafkaconnect:us-east-1:000000000000:custom-plugin\/described\/[0-9a-f-]+-1$/,
    );
    expect(await api.aws.send(new DescribeCustomPluginCommand({ customPluginArn }))).toMatchObject({
      name: 'described',
      customPluginState: 'ACTIVE',
      latestRevision: {
        revision: 1,
        contentType: 'JAR',
        location: S3,
        fileDescription: { fileSize: JAR.length, fileMd5: expect.stringMatching(/^[0-9a-f]{32}$/) },
      },
    });
    const raw = await fetch(`${api.control.url}/v1/custom-plugins/${encodeURIComponent(customPluginArn)}`);
    expect(await raw.json()).toMatchObject({
      classes: [{ class: 'com.acme.AcmeSink', type: 'sink', version: '1.0' }],
    });
  });

  test('are listed by prefix and page, and a name is free again after deletion', async () => {
    const arns = [await api.plugin('list-a'), await api.plugin('list-b'), await api.plugin('list-c')];
    const first = await api.aws.send(new ListCustomPluginsCommand({ namePrefix: 'list-', maxResults: 2 }));
    expect(first.customPlugins?.map(({ name }) => name)).toEqual(['list-a', 'list-b']);
    const { nextToken } = first;
    const second = await api.aws.send(
      new ListCustomPluginsCommand({ namePrefix: 'list-', maxResults: 2, nextToken }),
    );
    expect(second.customPlugins?.map(({ name }) => name)).toEqual(['list-c']);
    expect(second.nextToken).toBeUndefined();
    await expect(api.plugin('list-a')).rejects.toThrow('A resource with this name already exists.');
    const [customPluginArn] = arns;
    await api.aws.send(new DeleteCustomPluginCommand({ customPluginArn }));
    expect(await isGone(() => api.aws.send(new DescribeCustomPluginCommand({ customPluginArn })))).toBe(true);
    expect(await api.plugin('list-a')).not.toBe(customPluginArn);
  });

  test.each([
    ['another bucket', { bucketArn: 'arn:aws:s3:::others' }, /There is no bucket others/],
    ['no bucket', { bucketArn: 'plugins' }, /must be the ARN of a bucket/],
    ['no such object', { fileKey: 'acme/sink-2.0.jar' }, /has no object acme\/sink-2\.0\.jar/],
    ['a key that leads out of the bucket', { fileKey: '../../secret.jar' }, /has no object/],
    ['a folder', { fileKey: 'acme' }, /has no object/],
    ['a version', { objectVersion: '1' }, /keep no versions/],
  ])('%s is refused', async (_, change, says) => {
    const location = { s3Location: { ...S3.s3Location, ...change } };
    const command = new CreateCustomPluginCommand({ name: 'refused', contentType: 'JAR', location });
    await expect(api.aws.send(command)).rejects.toThrow(says);
  });
});

describe('by an ARN that is of nothing in MSK Connect here', () => {
  const uuid = '1c4d5e6f-0000-4000-8000-00000000000a-1';
  const KINDS = [
    ['connector', 'connectors', 'The connector'],
    ['custom-plugin', 'custom-plugins', 'The custom plugin'],
    ['worker-configuration', 'worker-configurations', 'The worker configuration'],
    ['connector-operation', 'connectorOperations', 'The connector operation'],
  ] as const;
  const asked = async (path: string) => {
    const response = await fetch(`${api.control.url}${path}`);
    return { status: response.status, ...JSON.parse(await response.text()) };
  };

  test.each(KINDS)('%s', async (kind, collection, noun) => {
    const tail = kind === 'connector-operation' ? `acme/${uuid}/${uuid}` : `acme/${uuid}`;
    const here = `arn:aws:kafkaconnect:us-east-1:000000000000:${kind}/${tail}`;
    // Gone, to Terraform: a resource that could be here.
    expect(await asked(`/v1/${collection}/${encodeURIComponent(here)}`)).toMatchObject({
      status: 404,
      message: `${noun} ${here} does not exist.`,
    });
    for (const elsewhere of [
      'acme',
      here.replace('us-east-1', 'eu-west-1'),
      here.replace('000000000000', '123456789012'),
      here.replace('arn:aws:', 'arn:aws-cn:'),
      here.replace(':kafkaconnect:', ':kafka:'),
      here.replace(`:${kind}/`, ':cluster/'),
      here.replace(/\/[^/]*$/, ''),
    ])
      expect(await asked(`/v1/${collection}/${encodeURIComponent(elsewhere)}`), elsewhere).toMatchObject({
        status: 400,
        message: expect.stringContaining('in the region us-east-1 and the account 000000000000'),
      });
  });

  test('tags of it', async () => {
    const here = `arn:aws:kafkaconnect:us-east-1:000000000000:connector/acme/${uuid}`;
    const tags = (arn: string) => asked(`/v1/tags/${encodeURIComponent(arn)}`);
    expect(await tags(here)).toMatchObject({ status: 404 });
    for (const elsewhere of [
      here.replace('us-east-1', 'eu-west-1'),
      here.replace('000000000000', '123456789012'),
      here.replace(':connector/', ':cluster/'),
    ])
      expect(await tags(elsewhere), elsewhere).toMatchObject({ status: 400 });
  });
});
