import { refuse } from '../../../base/decision.ts';
import { QueryError } from '../../query/query-error.ts';
import { changed, type Iam, type IamDecision, nameIsTaken, removed } from './iam.ts';
import type { IamUser } from './identity.ts';

/** IAM's own limit. */
const MOST_USERS = 5_000;

export function createUser(
  iam: Iam,
  user: Pick<IamUser, 'arn' | 'id' | 'name' | 'path' | 'createdAt' | 'tags'>,
): IamDecision<IamUser> {
  const there = iam.users();
  if (nameIsTaken(there, user.name))
    return refuse(new QueryError('EntityAlreadyExists', `User with name ${user.name} already exists.`));
  if (there.length >= MOST_USERS)
    return refuse(new QueryError('LimitExceeded', `Cannot exceed quota for UsersPerAccount: ${MOST_USERS}.`));
  return changed({ ...user, kind: 'user', accessKeys: [], policies: {}, attached: [] });
}

/** What belongs to a user goes first, as IAM demands. */
export function deleteUser(iam: Iam, name: string): IamDecision<IamUser> {
  const user = iam.user(name);
  if (user instanceof QueryError) return refuse(user);
  if (user.accessKeys.length > 0) return refuse(conflict('must delete access keys first.'));
  if (user.attached.length > 0) return refuse(conflict('must detach all policies first.'));
  if (Object.keys(user.policies).length > 0) return refuse(conflict('must delete policies first.'));
  return removed(user);
}

export function conflict(what: string): QueryError {
  return new QueryError('DeleteConflict', `Cannot delete entity, ${what}`);
}
