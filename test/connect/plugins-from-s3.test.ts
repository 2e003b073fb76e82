import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CreateCustomPluginCommand, DescribeCustomPluginCommand } from '@aws-sdk/client-kafkaconnect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { S3TestServer, TEST_CREDENTIALS, TEST_REGION } from '../../src/aws/s3/testing/s3-server.ts';
import { freePort } from '../support/free-port.ts';
import { JAR, S3 } from './acme.ts';
import { ConnectHarness, connectFolder } from './connect-harness.ts';

describe('custom plugins from S3', () => {
  const bucket = new S3TestServer();
  const keys = {
    AWS_ACCESS_KEY_ID: TEST_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: TEST_CREDENTIALS.secretAccessKey,
    AWS_REGION: TEST_REGION,
  };
  const before = Object.keys(keys).map((name) => [name, process.env[name]] as const);
  let api: ConnectHarness;

  beforeAll(async () => {
    Object.assign(process.env, keys);
    bucket.createBucket('plugins').set(S3.s3Location.fileKey, { body: JAR, etag: 'x', headers: {} });
    api = await ConnectHarness.startIn(connectFolder(), {
      s3Endpoint: await bucket.listen(await freePort()),
    });
  });
  afterAll(async () => {
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    await api[Symbol.asyncDispose]();
    await bucket.close();
  });

  const create = (name: string, change: object = {}) =>
    api.aws.send(
      new CreateCustomPluginCommand({
        name,
        contentType: 'JAR',
        location: { s3Location: { ...S3.s3Location, ...change } },
      }),
    );

  test('are read from the endpoint, signed with the keys of the environment', async () => {
    const { customPluginArn } = await create('of-s3');
    expect(await api.aws.send(new DescribeCustomPluginCommand({ customPluginArn }))).toMatchObject({
      customPluginState: 'ACTIVE',
      latestRevision: { location: S3, fileDescription: { fileSize: JAR.length } },
    });
    expect(filesBelow(join(api.data, 'connect/plugins')).map((file) => basename(file))).toEqual([
      'sink-1.0.jar',
    ]);
  });

  test('what S3 refuses is told with its code, and leaves nothing behind', async () => {
    const files = filesBelow(api.data);
    await expect(create('no-key', { fileKey: 'acme/other.jar' })).rejects.toThrow(
      /GET s3:\/\/plugins\/acme\/other\.jar at http.* was refused with 404, NoSuchKey/,
    );
    await expect(create('no-bucket', { bucketArn: 'arn:aws:s3:::others' })).rejects.toThrow('NoSuchBucket');
    bucket.fault = () => ({ status: 403, code: 'AccessDenied' });
    await expect(create('denied')).rejects.toThrow('AccessDenied');
    bucket.fault = () => null;
    expect(filesBelow(api.data)).toEqual(files);
  });

  test('a version of an object is asked for, and told again', async () => {
    const { customPluginArn } = await create('versioned', { objectVersion: 'v/1' });
    expect(bucket.requests.at(-1)).toBe(`GET /plugins/${S3.s3Location.fileKey}?versionId=v%2F1`);
    // Terraform would replace a plugin whose version is another one than the configured.
    expect(await api.aws.send(new DescribeCustomPluginCommand({ customPluginArn }))).toMatchObject({
      latestRevision: { location: { s3Location: { ...S3.s3Location, objectVersion: 'v/1' } } },
    });
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
