import { oneOf, optional, string, structure } from '../../api/shape.ts';
import { iamArn } from '../../aws/arn.ts';
import type { Iam } from '../../state/iam/iam.ts';
import type { ManagedPolicy } from '../../state/iam/identity.ts';
import { withoutSpace } from '../../state/iam/inline-policies.ts';
import {
  attachedTo,
  createPolicy as create,
  deletePolicy as remove,
} from '../../state/iam/managed-policies.ts';
import { QueryError } from '../query-error.ts';
import { queryOperation } from '../query-operation.ts';
import { iamPage } from './iam-page.ts';
import {
  DESCRIPTION,
  DOCUMENT,
  PAGE,
  PATH,
  PATH_PREFIX,
  POLICY_ARN,
  POLICY_NAME,
  TAG_LIST,
  tagList,
  tagsOf,
} from './iam-shapes.ts';
import { newId } from './new-ids.ts';
import { wrongPolicy } from './policy-document.ts';

/** IAM's own limit; white space does not count. */
const LONGEST_DOCUMENT = 6_144;

export const createPolicy = queryOperation({
  name: 'CreatePolicy',
  input: structure({
    PolicyName: POLICY_NAME,
    Path: optional(PATH),
    PolicyDocument: DOCUMENT,
    Description: optional(DESCRIPTION),
    Tags: optional(TAG_LIST),
  }),
  handle: (
    { options, sealed },
    { PolicyName: name, Path: path = '/', PolicyDocument: document, ...more },
  ) => {
    const wrong = wrongManagedPolicy(document);
    if (wrong) return wrong;
    const policy = sealed.execute(({ iam }) =>
      create(iam, {
        arn: iamArn(options, 'policy', path, name),
        id: newId('ANPA'),
        name,
        path,
        document,
        description: more.Description ?? null,
        createdAt: Date.now(),
        tags: tagsOf(more.Tags),
      }),
    );
    return policy instanceof QueryError ? policy : { Policy: described(sealed.iam, policy) };
  },
});

export const getPolicy = queryOperation({
  name: 'GetPolicy',
  input: structure({ PolicyArn: POLICY_ARN }),
  handle: ({ sealed }, { PolicyArn }) => {
    const policy = sealed.iam.policy(PolicyArn);
    return policy instanceof QueryError ? policy : { Policy: described(sealed.iam, policy) };
  },
});

/** Policies that AWS itself keeps are not here. */
export const listPolicies = queryOperation({
  name: 'ListPolicies',
  input: structure({
    Scope: optional(oneOf('All', 'AWS', 'Local')),
    OnlyAttached: optional(oneOf('true', 'false')),
    PathPrefix: optional(PATH_PREFIX),
    PolicyUsageFilter: optional(oneOf('PermissionsPolicy', 'PermissionsBoundary')),
    ...PAGE,
  }),
  handle: ({ sealed }, { Scope, OnlyAttached, PathPrefix = '/', PolicyUsageFilter, ...asked }) => {
    const isNone = Scope === 'AWS' || PolicyUsageFilter === 'PermissionsBoundary';
    const policies = (isNone ? [] : sealed.iam.policies()).filter(
      ({ arn, path }) =>
        path.startsWith(PathPrefix) && (OnlyAttached !== 'true' || attachedTo(sealed.iam, arn).length > 0),
    );
    return iamPage(
      'Policies',
      policies,
      ({ name }) => name,
      asked,
      (policy) => listed(sealed.iam, policy),
    );
  },
});

export const deletePolicy = queryOperation({
  name: 'DeletePolicy',
  input: structure({ PolicyArn: POLICY_ARN }),
  handle: ({ sealed }, { PolicyArn }) => {
    const policy = sealed.execute(({ iam }) => remove(iam, PolicyArn));
    return policy instanceof QueryError ? policy : null;
  },
});

export const listEntitiesForPolicy = queryOperation({
  name: 'ListEntitiesForPolicy',
  input: structure({
    PolicyArn: POLICY_ARN,
    EntityFilter: optional(string({ max: 32 })),
    PathPrefix: optional(PATH_PREFIX),
    ...PAGE,
  }),
  handle: ({ sealed }, { PolicyArn, EntityFilter, PathPrefix = '/' }) => {
    const policy = sealed.iam.policy(PolicyArn);
    if (policy instanceof QueryError) return policy;
    const owners = attachedTo(sealed.iam, PolicyArn).filter(({ path }) => path.startsWith(PathPrefix));
    const of = (kind: 'user' | 'role', filter: string) =>
      owners.filter((one) => one.kind === kind && (EntityFilter ?? filter) === filter);
    return {
      PolicyGroups: [],
      PolicyUsers: of('user', 'User').map(({ name, id }) => ({ UserName: name, UserId: id })),
      PolicyRoles: of('role', 'Role').map(({ name, id }) => ({ RoleName: name, RoleId: id })),
      IsTruncated: false,
    };
  },
});

export function wrongManagedPolicy(document: string): QueryError | null {
  return withoutSpace(document).length > LONGEST_DOCUMENT
    ? new QueryError('LimitExceeded', `Cannot exceed quota for PolicySize: ${LONGEST_DOCUMENT}`)
    : wrongPolicy(document);
}

/** Lists leave out tags and the description, as IAM's do. */
function listed(
  iam: Iam,
  { arn, id, name, path, defaultVersion, createdAt, changedAt }: ManagedPolicy,
): object {
  return {
    PolicyName: name,
    PolicyId: id,
    Arn: arn,
    Path: path,
    DefaultVersionId: defaultVersion,
    AttachmentCount: attachedTo(iam, arn).length,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    CreateDate: new Date(createdAt),
    UpdateDate: new Date(changedAt),
  };
}

function described(iam: Iam, policy: ManagedPolicy): object {
  return { ...listed(iam, policy), Description: policy.description, Tags: tagList(policy.tags) };
}
