import { oneOf, optional, string, structure } from '../../api/shape.ts';
import type { ManagedPolicy, PolicyVersion } from '../../state/iam/identity.ts';
import { addVersion, removeVersion, setDefaultVersion, versionOf } from '../../state/iam/managed-policies.ts';
import { QueryError } from '../query-error.ts';
import { queryOperation } from '../query-operation.ts';
import { DOCUMENT, encodedDocument, PAGE, POLICY_ARN } from './iam-shapes.ts';
import { wrongManagedPolicy } from './managed-policies.ts';

const VERSION_ID = string({
  min: 2,
  max: 32,
  pattern: /^v[1-9][0-9]*$/,
  says: 'is a v with a number, such as v1',
});

export const createPolicyVersion = queryOperation({
  name: 'CreatePolicyVersion',
  input: structure({
    PolicyArn: POLICY_ARN,
    PolicyDocument: DOCUMENT,
    SetAsDefault: optional(oneOf('true', 'false')),
  }),
  handle: ({ sealed }, { PolicyArn, PolicyDocument: document, SetAsDefault }) => {
    const wrong = wrongManagedPolicy(document);
    if (wrong) return wrong;
    const added = { document, isDefault: SetAsDefault === 'true', now: Date.now() };
    const policy = sealed.execute(({ iam }) => addVersion(iam, PolicyArn, added));
    if (policy instanceof QueryError) return policy;
    const version = policy.versions.at(-1);
    return { PolicyVersion: version && described(policy, version) };
  },
});

export const getPolicyVersion = queryOperation({
  name: 'GetPolicyVersion',
  input: structure({ PolicyArn: POLICY_ARN, VersionId: VERSION_ID }),
  handle: ({ sealed }, { PolicyArn, VersionId }) => {
    const policy = sealed.iam.policy(PolicyArn);
    if (policy instanceof QueryError) return policy;
    const version = versionOf(policy, VersionId);
    if (version instanceof QueryError) return version;
    return {
      PolicyVersion: { Document: encodedDocument(version.document), ...described(policy, version) },
    };
  },
});

export const listPolicyVersions = queryOperation({
  name: 'ListPolicyVersions',
  input: structure({ PolicyArn: POLICY_ARN, ...PAGE }),
  handle: ({ sealed }, { PolicyArn }) => {
    const policy = sealed.iam.policy(PolicyArn);
    if (policy instanceof QueryError) return policy;
    return {
      Versions: policy.versions.map((version) => described(policy, version)).reverse(),
      IsTruncated: false,
    };
  },
});

export const setDefaultPolicyVersion = queryOperation({
  name: 'SetDefaultPolicyVersion',
  input: structure({ PolicyArn: POLICY_ARN, VersionId: VERSION_ID }),
  handle: ({ sealed }, { PolicyArn, VersionId }) => {
    const policy = sealed.execute(({ iam }) => setDefaultVersion(iam, PolicyArn, VersionId, Date.now()));
    return policy instanceof QueryError ? policy : null;
  },
});

export const deletePolicyVersion = queryOperation({
  name: 'DeletePolicyVersion',
  input: structure({ PolicyArn: POLICY_ARN, VersionId: VERSION_ID }),
  handle: ({ sealed }, { PolicyArn, VersionId }) => {
    const policy = sealed.execute(({ iam }) => removeVersion(iam, PolicyArn, VersionId));
    return policy instanceof QueryError ? policy : null;
  },
});

function described({ defaultVersion }: ManagedPolicy, { id, createdAt }: PolicyVersion): object {
  return { VersionId: id, IsDefaultVersion: id === defaultVersion, CreateDate: new Date(createdAt) };
}
