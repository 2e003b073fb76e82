import { refuse } from '../../../base/decision.ts';
import { QueryError } from '../../query/query-error.ts';
import { changed, type Iam, type IamDecision, nameIsTaken, removed } from './iam.ts';
import type { IamRole } from './identity.ts';
import { conflict } from './users.ts';

/** IAM's own limit. */
const MOST_ROLES = 1_000;

export function createRole(
  iam: Iam,
  role: Omit<IamRole, 'kind' | 'policies' | 'attached'>,
): IamDecision<IamRole> {
  const there = iam.roles();
  if (nameIsTaken(there, role.name))
    return refuse(new QueryError('EntityAlreadyExists', `Role with name ${role.name} already exists.`));
  if (there.length >= MOST_ROLES)
    return refuse(new QueryError('LimitExceeded', `Cannot exceed quota for RolesPerAccount: ${MOST_ROLES}.`));
  return changed({ ...role, kind: 'role', policies: {}, attached: [] });
}

export function updateRole(
  iam: Iam,
  name: string,
  change: Partial<Pick<IamRole, 'description' | 'maxSessionSeconds' | 'trustPolicy'>>,
): IamDecision<IamRole> {
  const role = iam.role(name);
  return role instanceof QueryError ? refuse(role) : changed({ ...role, ...change });
}

/** What belongs to a role goes first, as IAM demands. */
export function deleteRole(iam: Iam, name: string): IamDecision<IamRole> {
  const role = iam.role(name);
  if (role instanceof QueryError) return refuse(role);
  if (role.attached.length > 0) return refuse(conflict('must detach all policies first.'));
  if (Object.keys(role.policies).length > 0) return refuse(conflict('must delete policies first.'));
  return removed(role);
}
