import { refuse } from '../../../base/decision.ts';
import { QueryError } from '../../query/query-error.ts';
import { changed, type Iam, type IamDecision, missing, nameIsTaken, removed } from './iam.ts';
import type { IamRole, IamUser, ManagedPolicy, PolicyVersion } from './identity.ts';
import { conflict } from './users.ts';

/** IAM's own limits. */
const MOST_POLICIES = 1_500;
const MOST_VERSIONS = 5;
const MOST_ATTACHED = 10;

export function createPolicy(
  iam: Iam,
  {
    document,
    ...policy
  }: Pick<ManagedPolicy, 'arn' | 'id' | 'name' | 'path' | 'createdAt' | 'tags' | 'description'> & {
    readonly document: string;
  },
): IamDecision<ManagedPolicy> {
  const there = iam.policies();
  if (nameIsTaken(there, policy.name))
    return refuse(
      new QueryError(
        'EntityAlreadyExists',
        `A policy called ${policy.name} already exists. Duplicate names are not allowed.`,
      ),
    );
  if (there.length >= MOST_POLICIES)
    return refuse(
      new QueryError('LimitExceeded', `Cannot exceed quota for PoliciesPerAccount: ${MOST_POLICIES}.`),
    );
  return changed({
    ...policy,
    kind: 'policy',
    changedAt: policy.createdAt,
    versions: [{ id: 'v1', document, createdAt: policy.createdAt }],
    defaultVersion: 'v1',
    nextVersion: 2,
  });
}

/** The new version is the last of the answer's. */
export function addVersion(
  iam: Iam,
  arn: string,
  added: { readonly document: string; readonly isDefault: boolean; readonly now: number },
): IamDecision<ManagedPolicy> {
  const policy = iam.policy(arn);
  if (policy instanceof QueryError) return refuse(policy);
  if (policy.versions.length >= MOST_VERSIONS)
    return refuse(
      new QueryError(
        'LimitExceeded',
        `A managed policy can have up to ${MOST_VERSIONS} versions. Before you create a new version, you must delete an existing version.`,
      ),
    );
  const version: PolicyVersion = {
    id: `v${policy.nextVersion}`,
    document: added.document,
    createdAt: added.now,
  };
  return changed({
    ...policy,
    changedAt: added.now,
    versions: [...policy.versions, version],
    nextVersion: policy.nextVersion + 1,
    defaultVersion: added.isDefault ? version.id : policy.defaultVersion,
  });
}

export function setDefaultVersion(
  iam: Iam,
  arn: string,
  id: string,
  now: number,
): IamDecision<ManagedPolicy> {
  const policy = iam.policy(arn);
  if (policy instanceof QueryError) return refuse(policy);
  const version = versionOf(policy, id);
  return version instanceof QueryError
    ? refuse(version)
    : changed({ ...policy, defaultVersion: id, changedAt: now });
}

export function removeVersion(iam: Iam, arn: string, id: string): IamDecision<ManagedPolicy> {
  const policy = iam.policy(arn);
  if (policy instanceof QueryError) return refuse(policy);
  const version = versionOf(policy, id);
  if (version instanceof QueryError) return refuse(version);
  if (policy.defaultVersion === id)
    return refuse(new QueryError('DeleteConflict', 'Cannot delete the default version of a policy.'));
  return changed({ ...policy, versions: policy.versions.filter((one) => one !== version) });
}

export function deletePolicy(iam: Iam, arn: string): IamDecision<ManagedPolicy> {
  const policy = iam.policy(arn);
  if (policy instanceof QueryError) return refuse(policy);
  if (attachedTo(iam, arn).length > 0)
    return refuse(new QueryError('DeleteConflict', 'Cannot delete a policy attached to entities.'));
  return policy.versions.length > 1
    ? refuse(conflict('must delete all versions of it but the default first.'))
    : removed(policy);
}

export function versionOf(policy: ManagedPolicy, id: string): PolicyVersion | QueryError {
  return (
    policy.versions.find((one) => one.id === id) ??
    missing(`Policy ${policy.arn} version ${id}`, 'does not exist or is not attachable.')
  );
}

/** The users and roles that have it. */
export function attachedTo(iam: Iam, arn: string): (IamUser | IamRole)[] {
  return [...iam.users(), ...iam.roles()].filter(({ attached }) => attached.includes(arn));
}

/** One that is attached already stays so. */
export function attachPolicy<T extends IamUser | IamRole>(
  iam: Iam,
  owner: T | QueryError,
  arn: string,
): IamDecision<T> {
  if (owner instanceof QueryError) return refuse(owner);
  const policy = iam.policy(arn);
  if (policy instanceof QueryError) return refuse(policy);
  if (owner.attached.includes(arn)) return { records: [], answer: owner };
  if (owner.attached.length >= MOST_ATTACHED)
    return refuse(
      new QueryError(
        'LimitExceeded',
        `Cannot exceed quota for PoliciesPer${owner.kind === 'user' ? 'User' : 'Role'}: ${MOST_ATTACHED}`,
      ),
    );
  return changed({ ...owner, attached: [...owner.attached, arn] });
}

export function detachPolicy<T extends IamUser | IamRole>(
  owner: T | QueryError,
  arn: string,
): IamDecision<T> {
  if (owner instanceof QueryError) return refuse(owner);
  if (!owner.attached.includes(arn)) return refuse(missing(`Policy ${arn}`, 'was not found.'));
  return changed({ ...owner, attached: owner.attached.filter((one) => one !== arn) });
}
