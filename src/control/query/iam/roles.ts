import { integerText, optional, string, structure } from '../../api/shape.ts';
import { iamArn } from '../../aws/arn.ts';
import type { IamRole } from '../../state/iam/identity.ts';
import { withoutSpace } from '../../state/iam/inline-policies.ts';
import { createRole as create, deleteRole as remove, updateRole as update } from '../../state/iam/roles.ts';
import { QueryError } from '../query-error.ts';
import { queryOperation } from '../query-operation.ts';
import { iamPage } from './iam-page.ts';
import {
  DESCRIPTION,
  DOCUMENT,
  encodedDocument,
  PAGE,
  PATH,
  PATH_PREFIX,
  ROLE_NAME,
  TAG_LIST,
  tagList,
  tagsOf,
} from './iam-shapes.ts';
import { newId } from './new-ids.ts';
import { wrongTrustPolicy } from './policy-document.ts';

const DEFAULT_SESSION_SECONDS = 3_600;
const SESSION_SECONDS = integerText({ min: 3_600, max: 43_200 });
/** IAM's own limit; white space does not count. */
const LONGEST_TRUST_POLICY = 2_048;

export const createRole = queryOperation({
  name: 'CreateRole',
  input: structure({
    RoleName: ROLE_NAME,
    AssumeRolePolicyDocument: DOCUMENT,
    Path: optional(PATH),
    Description: optional(DESCRIPTION),
    MaxSessionDuration: optional(SESSION_SECONDS),
    PermissionsBoundary: optional(string({ max: 2048 })),
    Tags: optional(TAG_LIST),
  }),
  handle: ({ options, sealed }, input) => {
    const { RoleName: name, Path: path = '/', AssumeRolePolicyDocument: trustPolicy } = input;
    if (input.PermissionsBoundary !== undefined)
      return new QueryError('InvalidInput', 'PermissionsBoundary is not built yet.');
    const wrong = wrongTrust(trustPolicy);
    if (wrong) return wrong;
    const role = sealed.execute(({ iam }) =>
      create(iam, {
        arn: iamArn(options, 'role', path, name),
        id: newId('AROA'),
        name,
        path,
        trustPolicy,
        description: input.Description ?? null,
        maxSessionSeconds: input.MaxSessionDuration ?? DEFAULT_SESSION_SECONDS,
        createdAt: Date.now(),
        tags: tagsOf(input.Tags),
      }),
    );
    return role instanceof QueryError ? role : { Role: described(role) };
  },
});

export const getRole = queryOperation({
  name: 'GetRole',
  input: structure({ RoleName: ROLE_NAME }),
  handle: ({ sealed }, { RoleName }) => {
    const role = sealed.iam.role(RoleName);
    return role instanceof QueryError ? role : { Role: described(role) };
  },
});

export const listRoles = queryOperation({
  name: 'ListRoles',
  input: structure({ PathPrefix: optional(PATH_PREFIX), ...PAGE }),
  handle: ({ sealed }, { PathPrefix = '/', ...asked }) =>
    iamPage(
      'Roles',
      sealed.iam.roles().filter(({ path }) => path.startsWith(PathPrefix)),
      ({ name }) => name,
      asked,
      withoutTags,
    ),
});

export const updateRole = queryOperation({
  name: 'UpdateRole',
  input: structure({
    RoleName: ROLE_NAME,
    Description: optional(DESCRIPTION),
    MaxSessionDuration: optional(SESSION_SECONDS),
  }),
  handle: ({ sealed }, { RoleName, Description, MaxSessionDuration }) => {
    const role = sealed.execute(({ iam }) =>
      update(iam, RoleName, {
        ...(Description === undefined ? {} : { description: Description }),
        ...(MaxSessionDuration === undefined ? {} : { maxSessionSeconds: MaxSessionDuration }),
      }),
    );
    return role instanceof QueryError ? role : {};
  },
});

export const updateRoleDescription = queryOperation({
  name: 'UpdateRoleDescription',
  input: structure({ RoleName: ROLE_NAME, Description: DESCRIPTION }),
  handle: ({ sealed }, { RoleName, Description: description }) => {
    const role = sealed.execute(({ iam }) => update(iam, RoleName, { description }));
    return role instanceof QueryError ? role : { Role: described(role) };
  },
});

export const updateAssumeRolePolicy = queryOperation({
  name: 'UpdateAssumeRolePolicy',
  input: structure({ RoleName: ROLE_NAME, PolicyDocument: DOCUMENT }),
  handle: ({ sealed }, { RoleName, PolicyDocument: trustPolicy }) => {
    const wrong = wrongTrust(trustPolicy);
    if (wrong) return wrong;
    const role = sealed.execute(({ iam }) => update(iam, RoleName, { trustPolicy }));
    return role instanceof QueryError ? role : null;
  },
});

export const deleteRole = queryOperation({
  name: 'DeleteRole',
  input: structure({ RoleName: ROLE_NAME }),
  handle: ({ sealed }, { RoleName }) => {
    const role = sealed.execute(({ iam }) => remove(iam, RoleName));
    return role instanceof QueryError ? role : null;
  },
});

/** There are no instances: tools ask before they delete a role. */
export const listInstanceProfilesForRole = queryOperation({
  name: 'ListInstanceProfilesForRole',
  input: structure({ RoleName: ROLE_NAME, ...PAGE }),
  handle: ({ sealed }, { RoleName }) => {
    const role = sealed.iam.role(RoleName);
    return role instanceof QueryError ? role : { InstanceProfiles: [], IsTruncated: false };
  },
});

function wrongTrust(document: string): QueryError | null {
  return withoutSpace(document).length > LONGEST_TRUST_POLICY
    ? new QueryError('LimitExceeded', `Cannot exceed quota for ACLSizePerRole: ${LONGEST_TRUST_POLICY}`)
    : wrongTrustPolicy(document);
}

/** Lists leave out tags, as IAM's do. */
function withoutTags(role: IamRole): object {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: encodedDocument(role.trustPolicy),
    Description: role.description,
    MaxSessionDuration: role.maxSessionSeconds,
  };
}

function described(role: IamRole): object {
  return { ...withoutTags(role), Tags: tagList(role.tags) };
}
