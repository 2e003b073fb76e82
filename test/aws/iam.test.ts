import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as iam from '@aws-sdk/client-iam';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApiHarness } from './api-harness.ts';

/** IAM with AWS's SDK, on the port of the MSK API. */

let api: ApiHarness;
let aws: iam.IAMClient;

beforeEach(async () => {
  api = await ApiHarness.start();
  connect();
});
afterEach(async () => {
  aws.destroy();
  await api[Symbol.asyncDispose]();
});

function connect(): void {
  aws = new iam.IAMClient({
    endpoint: api.control.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
}

const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'kafka-cluster:*', Resource: '*' }],
});
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::000000000000:root' }, Action: 'sts:AssumeRole' },
  ],
});

describe('a user', () => {
  test('is described and listed, also after a restart', async () => {
    const { User: made } = await aws.send(
      new iam.CreateUserCommand({
        UserName: 'orders',
        Path: '/apps/',
        Tags: [{ Key: 'team', Value: 'a & b' }],
      }),
    );
    expect(made).toMatchObject({
      Arn: 'arn:aws:iam::000000000000:user/apps/orders',
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
      Path: '/apps/',
      CreateDate: expect.any(Date),
      Tags: [{ Key: 'team', Value: 'a & b' }],
    });
    await api.restart();
    connect();
    expect((await aws.send(new iam.GetUserCommand({ UserName: 'orders' }))).User).toEqual(made);
    const { Users, IsTruncated } = await aws.send(new iam.ListUsersCommand({ PathPrefix: '/apps/' }));
    expect(Users?.map(({ UserName }) => UserName)).toEqual(['orders']);
    expect(IsTruncated).toBe(false);
  });

  test('has its name alone, without regard to case', async () => {
    await aws.send(new iam.CreateUserCommand({ UserName: 'orders' }));
    await expect(aws.send(new iam.CreateUserCommand({ UserName: 'Orders' }))).rejects.toThrow(
      iam.EntityAlreadyExistsException,
    );
  });

  test('that is not there is refused as IAM does', async () => {
    const error = await aws.send(new iam.GetUserCommand({ UserName: 'nobody' })).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(iam.NoSuchEntityException);
    expect(error).toMatchObject({
      $metadata: { httpStatusCode: 404 },
      message: 'The user with name nobody cannot be found.',
    });
  });

  test('is deleted once it has nothing any more', async () => {
    await aws.send(new iam.CreateUserCommand({ UserName: 'orders' }));
    const { AccessKey } = await aws.send(new iam.CreateAccessKeyCommand({ UserName: 'orders' }));
    await aws.send(
      new iam.PutUserPolicyCommand({ UserName: 'orders', PolicyName: 'all', PolicyDocument: POLICY }),
    );
    const { Policy } = await aws.send(
      new iam.CreatePolicyCommand({ PolicyName: 'shared', PolicyDocument: POLICY }),
    );
    await aws.send(new iam.AttachUserPolicyCommand({ UserName: 'orders', PolicyArn: Policy?.Arn }));
    const remove = () => aws.send(new iam.DeleteUserCommand({ UserName: 'orders' }));
    await expect(remove()).rejects.toThrow(iam.DeleteConflictException);
    await aws.send(
      new iam.DeleteAccessKeyCommand({ UserName: 'orders', AccessKeyId: AccessKey?.AccessKeyId }),
    );
    await expect(remove()).rejects.toThrow(iam.DeleteConflictException);
    await aws.send(new iam.DetachUserPolicyCommand({ UserName: 'orders', PolicyArn: Policy?.Arn }));
    await expect(remove()).rejects.toThrow(iam.DeleteConflictException);
    await aws.send(new iam.DeleteUserPolicyCommand({ UserName: 'orders', PolicyName: 'all' }));
    await remove();
    await expect(remove()).rejects.toThrow(iam.NoSuchEntityException);
  });

  test('is not in a group', async () => {
    await aws.send(new iam.CreateUserCommand({ UserName: 'orders' }));
    expect(await aws.send(new iam.ListGroupsForUserCommand({ UserName: 'orders' }))).toMatchObject({
      Groups: [],
      IsTruncated: false,
    });
  });

  test('is listed page by page, each once', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const UserName of names) await aws.send(new iam.CreateUserCommand({ UserName }));
    const listed: (string | undefined)[] = [];
    for await (const { Users = [] } of iam.paginateListUsers({ client: aws, pageSize: 2 }, {}))
      listed.push(...Users.map(({ UserName }) => UserName));
    expect(listed).toEqual(names);
  });
});

describe('an access key', () => {
  beforeEach(() => aws.send(new iam.CreateUserCommand({ UserName: 'orders' })));

  test('tells its secret once, and is in no file in the clear', async () => {
    const { AccessKey } = await aws.send(new iam.CreateAccessKeyCommand({ UserName: 'orders' }));
    const secret = AccessKey?.SecretAccessKey ?? '';
    expect(AccessKey).toMatchObject({
      UserName: 'orders',
      AccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      Status: 'Active',
    });
    expect(secret).toMatch(/^[A-Za-z0-9+/]{40}$/);
    const { AccessKeyMetadata } = await aws.send(new iam.ListAccessKeysCommand({ UserName: 'orders' }));
    expect(AccessKeyMetadata).toEqual([
      {
        UserName: 'orders',
        AccessKeyId: AccessKey?.AccessKeyId,
        Status: 'Active',
        CreateDate: AccessKey?.CreateDate,
      },
    ]);
    for (const file of readdirSync(api.data, { recursive: true, withFileTypes: true }))
      if (file.isFile())
        expect(readFileSync(join(file.parentPath, file.name), 'latin1'), file.name).not.toContain(secret);
    expect(JSON.stringify(api.lines)).not.toContain(secret);
  });

  test('is one of two at most', async () => {
    const create = () => aws.send(new iam.CreateAccessKeyCommand({ UserName: 'orders' }));
    const first = await create();
    await create();
    await expect(create()).rejects.toThrow(iam.LimitExceededException);
    await aws.send(
      new iam.DeleteAccessKeyCommand({ UserName: 'orders', AccessKeyId: first.AccessKey?.AccessKeyId }),
    );
    await create();
  });

  test('is made inactive and active again', async () => {
    const { AccessKey } = await aws.send(new iam.CreateAccessKeyCommand({ UserName: 'orders' }));
    for (const Status of ['Inactive', 'Active'] as const) {
      await aws.send(
        new iam.UpdateAccessKeyCommand({ UserName: 'orders', AccessKeyId: AccessKey?.AccessKeyId, Status }),
      );
      const { AccessKeyMetadata } = await aws.send(new iam.ListAccessKeysCommand({ UserName: 'orders' }));
      expect(AccessKeyMetadata).toMatchObject([{ Status }]);
    }
    await expect(
      aws.send(
        new iam.UpdateAccessKeyCommand({
          UserName: 'orders',
          AccessKeyId: 'AKIAAAAAAAAAAAAAAAAA',
          Status: 'Active',
        }),
      ),
    ).rejects.toThrow(iam.NoSuchEntityException);
  });
});

/** A policy as it was given, from an answer of IAM. */
const decoded = (document: string | undefined) => decodeURIComponent(document ?? '');

describe.each([
  {
    of: 'user',
    create: () => aws.send(new iam.CreateUserCommand({ UserName: 'orders' })),
    put: (PolicyDocument: string) =>
      aws.send(new iam.PutUserPolicyCommand({ UserName: 'orders', PolicyName: 'p', PolicyDocument })),
    get: () => aws.send(new iam.GetUserPolicyCommand({ UserName: 'orders', PolicyName: 'p' })),
    list: () => aws.send(new iam.ListUserPoliciesCommand({ UserName: 'orders' })),
    remove: () => aws.send(new iam.DeleteUserPolicyCommand({ UserName: 'orders', PolicyName: 'p' })),
    attach: (PolicyArn: string) =>
      aws.send(new iam.AttachUserPolicyCommand({ UserName: 'orders', PolicyArn })),
    detach: (PolicyArn: string) =>
      aws.send(new iam.DetachUserPolicyCommand({ UserName: 'orders', PolicyArn })),
    attached: () => aws.send(new iam.ListAttachedUserPoliciesCommand({ UserName: 'orders' })),
    tag: (Value: string) =>
      aws.send(new iam.TagUserCommand({ UserName: 'orders', Tags: [{ Key: 'k', Value }] })),
    untag: () => aws.send(new iam.UntagUserCommand({ UserName: 'orders', TagKeys: ['k'] })),
    tags: () => aws.send(new iam.ListUserTagsCommand({ UserName: 'orders' })),
  },
  {
    of: 'role',
    create: () =>
      aws.send(new iam.CreateRoleCommand({ RoleName: 'orders', AssumeRolePolicyDocument: TRUST })),
    put: (PolicyDocument: string) =>
      aws.send(new iam.PutRolePolicyCommand({ RoleName: 'orders', PolicyName: 'p', PolicyDocument })),
    get: () => aws.send(new iam.GetRolePolicyCommand({ RoleName: 'orders', PolicyName: 'p' })),
    list: () => aws.send(new iam.ListRolePoliciesCommand({ RoleName: 'orders' })),
    remove: () => aws.send(new iam.DeleteRolePolicyCommand({ RoleName: 'orders', PolicyName: 'p' })),
    attach: (PolicyArn: string) =>
      aws.send(new iam.AttachRolePolicyCommand({ RoleName: 'orders', PolicyArn })),
    detach: (PolicyArn: string) =>
      aws.send(new iam.DetachRolePolicyCommand({ RoleName: 'orders', PolicyArn })),
    attached: () => aws.send(new iam.ListAttachedRolePoliciesCommand({ RoleName: 'orders' })),
    tag: (Value: string) =>
      aws.send(new iam.TagRoleCommand({ RoleName: 'orders', Tags: [{ Key: 'k', Value }] })),
    untag: () => aws.send(new iam.UntagRoleCommand({ RoleName: 'orders', TagKeys: ['k'] })),
    tags: () => aws.send(new iam.ListRoleTagsCommand({ RoleName: 'orders' })),
  },
])('a $of', ({ create, put, get, list, remove, attach, detach, attached, tag, untag, tags }) => {
  beforeEach(() => create());

  test('has policies of its own', async () => {
    const text = POLICY.replace('{', '{ ');
    await put(text);
    expect(decoded((await get()).PolicyDocument)).toBe(text);
    expect((await list()).PolicyNames).toEqual(['p']);
    await remove();
    expect((await list()).PolicyNames).toEqual([]);
    await expect(get()).rejects.toThrow(iam.NoSuchEntityException);
  });

  test('takes no policy that is none', async () => {
    for (const document of ['no JSON', '{"Version":"2012-10-17"}', POLICY.replace('Allow', 'allow')])
      await expect(put(document)).rejects.toThrow(iam.MalformedPolicyDocumentException);
    await expect(put(POLICY.replace('"*"', '"orders"'))).rejects.toThrow(
      'Resource orders must be in ARN format or "*". Statement 1: Resource has "orders".',
    );
    expect((await list()).PolicyNames).toEqual([]);
  });

  test('has managed policies, each once', async () => {
    const { Policy } = await aws.send(
      new iam.CreatePolicyCommand({ PolicyName: 'shared', PolicyDocument: POLICY }),
    );
    const arn = Policy?.Arn ?? '';
    await attach(arn);
    await attach(arn);
    expect((await attached()).AttachedPolicies).toEqual([{ PolicyName: 'shared', PolicyArn: arn }]);
    const counted = await aws.send(new iam.GetPolicyCommand({ PolicyArn: arn }));
    expect(counted.Policy?.AttachmentCount).toBe(1);
    await expect(aws.send(new iam.DeletePolicyCommand({ PolicyArn: arn }))).rejects.toThrow(
      iam.DeleteConflictException,
    );
    await detach(arn);
    await expect(detach(arn)).rejects.toThrow(iam.NoSuchEntityException);
    await aws.send(new iam.DeletePolicyCommand({ PolicyArn: arn }));
    await expect(attach(arn)).rejects.toThrow(iam.NoSuchEntityException);
  });

  test('has tags', async () => {
    await tag('1');
    await tag('2');
    expect((await tags()).Tags).toEqual([{ Key: 'k', Value: '2' }]);
    await untag();
    expect((await tags()).Tags).toEqual([]);
  });
});

describe('a managed policy', () => {
  const other = POLICY.replace('Allow', 'Deny');
  let arn: string;

  beforeEach(async () => {
    const { Policy } = await aws.send(
      new iam.CreatePolicyCommand({ PolicyName: 'shared', PolicyDocument: POLICY, Description: 'd' }),
    );
    arn = Policy?.Arn ?? '';
  });

  test('is described with the version that counts', async () => {
    const { Policy } = await aws.send(new iam.GetPolicyCommand({ PolicyArn: arn }));
    expect(Policy).toMatchObject({
      Arn: 'arn:aws:iam::000000000000:policy/shared',
      PolicyId: expect.stringMatching(/^ANPA/),
      DefaultVersionId: 'v1',
      Description: 'd',
      IsAttachable: true,
    });
    const { PolicyVersion } = await aws.send(
      new iam.GetPolicyVersionCommand({ PolicyArn: arn, VersionId: 'v1' }),
    );
    expect(decoded(PolicyVersion?.Document)).toBe(POLICY);
  });

  test('has five versions at most, whose numbers are not given again', async () => {
    const add = (SetAsDefault = false) =>
      aws.send(new iam.CreatePolicyVersionCommand({ PolicyArn: arn, PolicyDocument: other, SetAsDefault }));
    const remove = (VersionId: string) =>
      aws.send(new iam.DeletePolicyVersionCommand({ PolicyArn: arn, VersionId }));
    expect((await add(true)).PolicyVersion).toMatchObject({ VersionId: 'v2', IsDefaultVersion: true });
    await expect(remove('v2')).rejects.toThrow(iam.DeleteConflictException);
    for (const _ of [3, 4, 5]) await add();
    await expect(add()).rejects.toThrow(iam.LimitExceededException);
    await remove('v5');
    expect((await add()).PolicyVersion).toMatchObject({ VersionId: 'v6', IsDefaultVersion: false });
    await aws.send(new iam.SetDefaultPolicyVersionCommand({ PolicyArn: arn, VersionId: 'v6' }));
    const { Versions } = await aws.send(new iam.ListPolicyVersionsCommand({ PolicyArn: arn }));
    expect(Versions?.map(({ VersionId, IsDefaultVersion }) => [VersionId, IsDefaultVersion])).toEqual([
      ['v6', true],
      ['v4', false],
      ['v3', false],
      ['v2', false],
      ['v1', false],
    ]);
    const removeAll = () => aws.send(new iam.DeletePolicyCommand({ PolicyArn: arn }));
    await expect(removeAll()).rejects.toThrow(iam.DeleteConflictException);
    for (const id of ['v1', 'v2', 'v3', 'v4']) await remove(id);
    await removeAll();
  });

  test('is listed among those of the account, and AWS has none here', async () => {
    const list = async (Scope: iam.PolicyScopeType) =>
      (await aws.send(new iam.ListPoliciesCommand({ Scope }))).Policies?.map(({ Arn }) => Arn);
    expect(await list('Local')).toEqual([arn]);
    expect(await list('All')).toEqual([arn]);
    expect(await list('AWS')).toEqual([]);
  });
});

test('a role is described, changed and deleted', async () => {
  const { Role } = await aws.send(
    new iam.CreateRoleCommand({ RoleName: 'sink', AssumeRolePolicyDocument: TRUST, Description: 'first' }),
  );
  expect(Role).toMatchObject({
    Arn: 'arn:aws:iam::000000000000:role/sink',
    RoleId: expect.stringMatching(/^AROA/),
    MaxSessionDuration: 3600,
  });
  expect(decoded(Role?.AssumeRolePolicyDocument)).toBe(TRUST);
  await aws.send(new iam.UpdateRoleCommand({ RoleName: 'sink', MaxSessionDuration: 7200 }));
  const changed = TRUST.replace('root', 'user/orders');
  await aws.send(new iam.UpdateAssumeRolePolicyCommand({ RoleName: 'sink', PolicyDocument: changed }));
  const { Roles } = await aws.send(new iam.ListRolesCommand({}));
  expect(Roles).toMatchObject([{ MaxSessionDuration: 7200, Description: 'first' }]);
  expect(decoded(Roles?.[0]?.AssumeRolePolicyDocument)).toBe(changed);
  expect(await aws.send(new iam.ListInstanceProfilesForRoleCommand({ RoleName: 'sink' }))).toMatchObject({
    InstanceProfiles: [],
  });
  await aws.send(new iam.DeleteRoleCommand({ RoleName: 'sink' }));
  await expect(aws.send(new iam.GetRoleCommand({ RoleName: 'sink' }))).rejects.toThrow(
    iam.NoSuchEntityException,
  );
});

test('the policy in docs/iam.md is one', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/iam.md'), 'utf8');
  const [, document = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
  await aws.send(new iam.CreateUserCommand({ UserName: 'orders' }));
  await aws.send(
    new iam.PutUserPolicyCommand({
      UserName: 'orders',
      PolicyName: 'orders',
      PolicyDocument: document.replaceAll('CLUSTER', 'shop/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0-1'),
    }),
  );
});

test('what is not built is refused by its name', async () => {
  const PermissionsBoundary = 'arn:aws:iam::000000000000:policy/boundary';
  await expect(
    aws.send(new iam.CreateUserCommand({ UserName: 'bound', PermissionsBoundary })),
  ).rejects.toThrow('PermissionsBoundary is not built yet');
  await expect(aws.send(new iam.CreateGroupCommand({ GroupName: 'g' }))).rejects.toThrow(
    'CreateGroup of iam is not here',
  );
});
