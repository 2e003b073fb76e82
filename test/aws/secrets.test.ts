import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as kms from '@aws-sdk/client-kms';
import * as secrets from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { secret } from '../support/secrets/secret.ts';
import { ApiHarness } from './api-harness.ts';

/** Secrets Manager and KMS, with AWS's SDK, on the port of the MSK API. */

let api: ApiHarness;
let manager: secrets.SecretsManagerClient;
let keys: kms.KMSClient;

beforeEach(async () => {
  api = await ApiHarness.start();
  connect();
});
afterEach(async () => {
  manager.destroy();
  keys.destroy();
  await api[Symbol.asyncDispose]();
});

function connect(): void {
  const options = {
    endpoint: api.control.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  };
  manager = new secrets.SecretsManagerClient(options);
  keys = new kms.KMSClient(options);
}

const ALICE = JSON.stringify({ username: 'alice', password: secret('alice') });

async function create(Name = 'AmazonMSK_alice', more: Partial<secrets.CreateSecretCommandInput> = {}) {
  return manager.send(new secrets.CreateSecretCommand({ Name, SecretString: ALICE, ...more }));
}

function read(SecretId: string, more: Partial<secrets.GetSecretValueCommandInput> = {}) {
  return manager.send(new secrets.GetSecretValueCommand({ SecretId, ...more }));
}

async function newKey(): Promise<string> {
  const { KeyMetadata } = await keys.send(new kms.CreateKeyCommand({ Description: 'for SCRAM' }));
  return KeyMetadata?.KeyId ?? '';
}

describe('a secret', () => {
  test('is read by its name, its ARN and its ARN without the end, also after a restart', async () => {
    const { ARN = '', VersionId } = await create();
    expect(ARN).toMatch(
      /^arn:aws:secretsmanager:us-east-1:000000000000:secret:AmazonMSK_alice-[A-Za-z0-9]{6}$/,
    );
    for (const id of ['AmazonMSK_alice', ARN, ARN.slice(0, -7)])
      expect(await read(id)).toMatchObject({
        ARN,
        Name: 'AmazonMSK_alice',
        VersionId,
        SecretString: ALICE,
        VersionStages: ['AWSCURRENT'],
      });
    await api.restart();
    connect();
    expect((await read(ARN)).SecretString).toBe(ALICE);
    expect((await read(ARN)).CreatedDate).toBeInstanceOf(Date);
  });

  test('may be bytes', async () => {
    await create('binary', { SecretString: undefined, SecretBinary: Uint8Array.of(0, 255, 1) });
    expect([...((await read('binary')).SecretBinary ?? [])]).toEqual([0, 255, 1]);
  });

  test('keeps the value before, and forgets the one before that', async () => {
    const first = await create();
    const put = (SecretString: string) =>
      manager.send(new secrets.PutSecretValueCommand({ SecretId: 'AmazonMSK_alice', SecretString }));
    await put('second');
    expect((await read('AmazonMSK_alice')).SecretString).toBe('second');
    expect((await read('AmazonMSK_alice', { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe(ALICE);
    expect((await read('AmazonMSK_alice', { VersionId: first.VersionId })).SecretString).toBe(ALICE);
    await manager.send(
      new secrets.UpdateSecretCommand({ SecretId: 'AmazonMSK_alice', SecretString: 'third' }),
    );
    expect((await read('AmazonMSK_alice', { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('second');
    await expect(read('AmazonMSK_alice', { VersionId: first.VersionId })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: expect.stringContaining(`VersionId: ${first.VersionId}`),
    });
  });

  test('put twice with one token is one version; with another value it is refused', async () => {
    await create();
    const put = (SecretString: string) =>
      manager.send(
        new secrets.PutSecretValueCommand({
          SecretId: 'AmazonMSK_alice',
          SecretString,
          ClientRequestToken: '0123456789abcdef0123456789abcdef',
        }),
      );
    await put('second');
    expect((await put('second')).VersionId).toBe('0123456789abcdef0123456789abcdef');
    await expect(put('other')).rejects.toMatchObject({ name: 'ResourceExistsException' });
  });

  test('is described without its value, with its tags and key', async () => {
    const KmsKeyId = await newKey();
    await create('AmazonMSK_alice', {
      KmsKeyId,
      Description: 'of alice',
      Tags: [{ Key: 'team', Value: 'a' }],
    });
    await manager.send(
      new secrets.TagResourceCommand({ SecretId: 'AmazonMSK_alice', Tags: [{ Key: 'stage', Value: 'b' }] }),
    );
    await manager.send(new secrets.UntagResourceCommand({ SecretId: 'AmazonMSK_alice', TagKeys: ['team'] }));
    const described = await manager.send(new secrets.DescribeSecretCommand({ SecretId: 'AmazonMSK_alice' }));
    expect(described).toMatchObject({
      Name: 'AmazonMSK_alice',
      Description: 'of alice',
      KmsKeyId,
      Tags: [{ Key: 'stage', Value: 'b' }],
    });
    expect(Object.values(described.VersionIdsToStages ?? {})).toEqual([['AWSCURRENT']]);
    expect(JSON.stringify(described)).not.toContain(secret('alice'));
  });

  test('has a resource policy once it was given one', async () => {
    await create();
    const SecretId = 'AmazonMSK_alice';
    const get = () => manager.send(new secrets.GetResourcePolicyCommand({ SecretId }));
    expect((await get()).ResourcePolicy).toBeUndefined();
    const statement = { Effect: 'Allow', Principal: '*', Action: 'secretsmanager:*', Resource: '*' };
    const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    const put = (policy: string, BlockPublicPolicy: boolean) =>
      manager.send(
        new secrets.PutResourcePolicyCommand({ SecretId, ResourcePolicy: policy, BlockPublicPolicy }),
      );
    await expect(put(ResourcePolicy, true)).rejects.toMatchObject({ name: 'PublicPolicyException' });
    await expect(put('{', false)).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' });
    await put(ResourcePolicy, false);
    expect((await get()).ResourcePolicy).toBe(ResourcePolicy);
    await manager.send(new secrets.DeleteResourcePolicyCommand({ SecretId }));
    expect((await get()).ResourcePolicy).toBeUndefined();
  });

  test('that is to be deleted cannot be read, can be restored, and keeps its name from others', async () => {
    await create();
    const SecretId = 'AmazonMSK_alice';
    const { DeletionDate } = await manager.send(
      new secrets.DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }),
    );
    expect(Number(DeletionDate) - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
    await expect(read(SecretId)).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: "You can't perform this operation on the secret because it was marked for deletion.",
    });
    await expect(create()).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: expect.stringContaining('already scheduled for deletion'),
    });
    expect((await manager.send(new secrets.ListSecretsCommand({}))).SecretList).toEqual([]);
    expect(
      (await manager.send(new secrets.ListSecretsCommand({ IncludePlannedDeletion: true }))).SecretList,
    ).toHaveLength(1);
    await manager.send(new secrets.RestoreSecretCommand({ SecretId }));
    expect((await read(SecretId)).SecretString).toBe(ALICE);
  });

  test('that is deleted at once is gone, and its name is free', async () => {
    await create();
    const SecretId = 'AmazonMSK_alice';
    await manager.send(new secrets.DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
    await expect(read(SecretId)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
    await create();
  });

  test.each([
    ['a name that is taken', () => create(), 'ResourceExistsException'],
    ['a name with a space', () => create('a b'), 'ValidationException'],
    ['a key that does not exist', () => create('other', { KmsKeyId: 'none' }), 'EncryptionFailure'],
    [
      'text and bytes',
      () => create('other', { SecretBinary: Uint8Array.of(1) }),
      'InvalidParameterException',
    ],
    [
      'a window of six days',
      () =>
        manager.send(
          new secrets.DeleteSecretCommand({ SecretId: 'AmazonMSK_alice', RecoveryWindowInDays: 6 }),
        ),
      'InvalidParameterException',
    ],
    [
      'a replica in another region',
      () => create('other', { AddReplicaRegions: [{ Region: 'eu-west-1' }] }),
      'InvalidRequestException',
    ],
    [
      'an operation that is not built',
      () => manager.send(new secrets.RotateSecretCommand({ SecretId: 'AmazonMSK_alice' })),
      'UnknownOperationException',
    ],
  ])('is refused with %s', async (_, act, name) => {
    await create();
    await expect(act()).rejects.toMatchObject({ name });
  });
});

test('lists are paged and filtered', async () => {
  for (const name of ['AmazonMSK_a', 'AmazonMSK_b', 'other']) await create(name);
  const list = (input: secrets.ListSecretsCommandInput) =>
    manager.send(new secrets.ListSecretsCommand(input));
  const first = await list({ MaxResults: 2 });
  expect(first.SecretList?.map(({ Name }) => Name)).toEqual(['AmazonMSK_a', 'AmazonMSK_b']);
  const rest = await list({ MaxResults: 2, NextToken: first.NextToken });
  expect(rest.SecretList?.map(({ Name }) => Name)).toEqual(['other']);
  expect(rest.NextToken).toBeUndefined();
  const named = await list({ Filters: [{ Key: 'name', Values: ['AmazonMSK_'] }] });
  expect(named.SecretList).toHaveLength(2);
  const others = await list({ Filters: [{ Key: 'name', Values: ['!AmazonMSK_'] }] });
  expect(others.SecretList?.map(({ Name }) => Name)).toEqual(['other']);
});

test('a key is made, found by its alias, and leaves after its window', async () => {
  const KeyId = await newKey();
  const AliasName = 'alias/scram';
  await keys.send(new kms.CreateAliasCommand({ AliasName, TargetKeyId: KeyId }));
  const { KeyMetadata } = await keys.send(new kms.DescribeKeyCommand({ KeyId: AliasName }));
  expect(KeyMetadata).toMatchObject({
    KeyId,
    Arn: `arn:aws:kms:us-east-1:000000000000:key/${KeyId}`,
    KeyState: 'Enabled',
    KeyManager: 'CUSTOMER',
    KeySpec: 'SYMMETRIC_DEFAULT',
  });
  const { Aliases } = await keys.send(new kms.ListAliasesCommand({ KeyId }));
  expect(Aliases).toMatchObject([{ AliasName, TargetKeyId: KeyId }]);
  const { Policy = '' } = await keys.send(new kms.GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }));
  expect(JSON.parse(Policy)).toMatchObject({ Version: '2012-10-17' });
  expect(await keys.send(new kms.GetKeyRotationStatusCommand({ KeyId }))).toMatchObject({
    KeyRotationEnabled: false,
  });
  await keys.send(new kms.TagResourceCommand({ KeyId, Tags: [{ TagKey: 'team', TagValue: 'a' }] }));
  expect((await keys.send(new kms.ListResourceTagsCommand({ KeyId }))).Tags).toEqual([
    { TagKey: 'team', TagValue: 'a' },
  ]);
  await keys.send(new kms.DeleteAliasCommand({ AliasName }));
  await expect(keys.send(new kms.DescribeKeyCommand({ KeyId: AliasName }))).rejects.toMatchObject({
    name: 'NotFoundException',
  });
  await keys.send(new kms.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  const leaving = await keys.send(new kms.DescribeKeyCommand({ KeyId }));
  expect(leaving.KeyMetadata).toMatchObject({ KeyState: 'PendingDeletion', Enabled: false });
  await expect(
    keys.send(new kms.CreateAliasCommand({ AliasName, TargetKeyId: KeyId })),
  ).rejects.toMatchObject({ name: 'KMSInvalidStateException' });
  await expect(keys.send(new kms.CreateKeyCommand({ KeySpec: 'RSA_2048' }))).rejects.toMatchObject({
    name: 'UnsupportedOperationException',
  });
});

test('a value is in no file of the data folder as it is', async () => {
  await create();
  for (const name of readdirSync(api.data, { recursive: true, encoding: 'utf8' }))
    expect(readFileSync(join(api.data, name)).includes(secret('alice'))).toBe(false);
});
