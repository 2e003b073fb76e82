import * as iam from '@aws-sdk/client-iam';
import * as sts from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSessionToken } from '../../src/security/iam/session-token.ts';
import { ApiHarness } from './api-harness.ts';

/** STS with AWS's SDK, on the port of the MSK API: who signs is who it says, and gets what a role lets it have. */

interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const ANY: Signer = { accessKeyId: 'any', secretAccessKey: 'any' };
const ACCOUNT = '000000000000';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/sink`;

let api: ApiHarness;
let aws: iam.IAMClient;
let orders: Signer;

beforeEach(async () => {
  api = await ApiHarness.start();
  aws = new iam.IAMClient({ ...options(ANY) });
  await aws.send(new iam.CreateUserCommand({ UserName: 'orders' }));
  orders = await newKey();
});
afterEach(async () => {
  aws.destroy();
  await api[Symbol.asyncDispose]();
});

const options = (credentials: Signer) => ({
  endpoint: api.control.url,
  region: 'us-east-1',
  credentials,
  maxAttempts: 1,
});
const as = (credentials: Signer) => new sts.STSClient(options(credentials));

async function newKey(): Promise<Signer> {
  const { AccessKey } = await aws.send(new iam.CreateAccessKeyCommand({ UserName: 'orders' }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
}

function allow(action: string, resource: string, Effect = 'Allow'): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect, Action: action, Resource: resource }],
  });
}

/** `arns`: who may assume the role. */
function createRole(arns: readonly string[], more: Partial<iam.CreateRoleCommandInput> = {}) {
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: arns }, Action: 'sts:AssumeRole' }],
  });
  return aws.send(new iam.CreateRoleCommand({ RoleName: 'sink', AssumeRolePolicyDocument, ...more }));
}

const USER = `arn:aws:iam::${ACCOUNT}:user/orders`;
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;

const putPolicy = (PolicyDocument: string) =>
  aws.send(new iam.PutUserPolicyCommand({ UserName: 'orders', PolicyName: 'p', PolicyDocument }));

const assume = (who: Signer, more: Partial<sts.AssumeRoleCommandInput> = {}) =>
  as(who).send(new sts.AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'nightly', ...more }));

function signer({ Credentials }: { readonly Credentials?: sts.Credentials | undefined }): Signer {
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

const identity = (who: Signer) => as(who).send(new sts.GetCallerIdentityCommand({}));

describe('GetCallerIdentity', () => {
  test('says which user signs, and of a key that is not known that it is the account', async () => {
    const { User } = await aws.send(new iam.GetUserCommand({ UserName: 'orders' }));
    expect(await identity(orders)).toMatchObject({ Arn: USER, UserId: User?.UserId, Account: ACCOUNT });
    expect(await identity(ANY)).toMatchObject({ Arn: ROOT, UserId: ACCOUNT, Account: ACCOUNT });
  });

  test('refuses a known key with another secret, and one that is inactive', async () => {
    await expect(identity({ ...orders, secretAccessKey: 'another' })).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      $metadata: { httpStatusCode: 403 },
    });
    await aws.send(
      new iam.UpdateAccessKeyCommand({
        UserName: 'orders',
        AccessKeyId: orders.accessKeyId,
        Status: 'Inactive',
      }),
    );
    await expect(identity(orders)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });

  test('refuses a signature of another hour', async () => {
    const late = new sts.STSClient({ ...options(orders), systemClockOffset: -3_600_000 });
    await expect(late.send(new sts.GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
  });
});

describe('AssumeRole', () => {
  test('gives credentials of the session, sealed for brokers, which sign as the assumed role', async () => {
    const { Role } = await createRole([USER]);
    const policy = allow('kafka-cluster:Connect', '*');
    const before = Date.now();
    const answer = await assume(orders, { DurationSeconds: 900, Policy: policy });
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/sink/nightly`;
    expect(answer.AssumedRoleUser).toEqual({ Arn: arn, AssumedRoleId: `${Role?.RoleId}:nightly` });
    expect(answer.PackedPolicySize).toBeGreaterThan(0);
    const session = signer(answer);
    expect(session.accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    const ends = answer.Credentials?.Expiration?.getTime() ?? 0;
    expect(ends - before).toBeGreaterThan(890_000);
    expect(await identity(session)).toMatchObject({ Arn: arn, UserId: `${Role?.RoleId}:nightly` });
    const key = Buffer.from(api.control.sealed.iam.tokenKey ?? '', 'base64');
    expect(openSessionToken(session.sessionToken ?? '', key)).toMatchObject({
      ...{ accessKeyId: session.accessKeyId, secret: session.secretAccessKey, principalArn: arn },
      ...{ identityArn: ROLE, identityId: Role?.RoleId, sessionPolicy: policy },
    });
    await expect(identity({ ...session, secretAccessKey: 'another' })).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
    const cut = `${session.sessionToken?.slice(0, -4)}AAAA`;
    await expect(identity({ ...session, sessionToken: cut })).resolves.toMatchObject({ Arn: ROOT });
  });

  test('is for whom the role names, or who is allowed where it names the account', async () => {
    await createRole([ROOT]);
    await expect(assume(orders)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: ${USER} is not authorized to perform: sts:AssumeRole on resource: ${ROLE}: no statement allows it`,
    });
    await putPolicy(allow('sts:AssumeRole', ROLE));
    await assume(orders);
    await putPolicy(allow('sts:*', '*', 'Deny'));
    await expect(assume(orders)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('is refused by a Deny of the user, also where the role names it', async () => {
    await createRole([USER]);
    await putPolicy(allow('sts:AssumeRole', '*', 'Deny'));
    await expect(assume(orders)).rejects.toThrow('statement 1 of the policy p');
  });

  test('is not for a user that the role does not name, nor for a key that is not known', async () => {
    await createRole([`arn:aws:iam::${ACCOUNT}:user/other`]);
    await putPolicy(allow('sts:AssumeRole', '*'));
    await expect(assume(orders)).rejects.toThrow('its trust policy does not name the caller');
    await expect(assume(ANY)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    await expect(assume(orders, { RoleArn: `${ROLE}s` })).rejects.toThrow('there is no such role');
  });

  test('lasts as long as the role says, and an hour where a role assumes the next', async () => {
    await createRole([USER, ROLE], { MaxSessionDuration: 7200 });
    await expect(assume(orders, { DurationSeconds: 7201 })).rejects.toMatchObject({
      name: 'ValidationError',
    });
    const session = signer(await assume(orders, { DurationSeconds: 7200 }));
    await expect(assume(session, { DurationSeconds: 7200 })).rejects.toThrow('role chaining');
    await assume(session);
  });

  test('refuses what is not built by its name', async () => {
    await createRole([USER]);
    await expect(assume(orders, { PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/x' }] })).rejects.toThrow(
      'PolicyArns is not built yet',
    );
  });

  test('ends with its role, also where another of the same name takes its place', async () => {
    await createRole([USER]);
    const session = signer(await assume(orders));
    await aws.send(new iam.DeleteRoleCommand({ RoleName: 'sink' }));
    await expect(identity(session)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    await createRole([USER]);
    await expect(identity(session)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });
});

test('GetSessionToken gives the user credentials that end, and these get no others', async () => {
  const get = (who: Signer) => as(who).send(new sts.GetSessionTokenCommand({ DurationSeconds: 900 }));
  const session = signer(await get(orders));
  expect(await identity(session)).toMatchObject({ Arn: USER });
  await expect(get(session)).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(get(ANY)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
});
