import { refuse } from '../../../base/decision.ts';
import { QueryError } from '../../query/query-error.ts';
import { changed, type Iam, type IamDecision, missing } from './iam.ts';
import type { AccessKey, IamUser } from './identity.ts';

/** IAM's own limit: one to use, and one to change over to. */
const MOST_KEYS = 2;

export function addAccessKey(iam: Iam, userName: string, key: AccessKey): IamDecision<IamUser> {
  const user = iam.user(userName);
  if (user instanceof QueryError) return refuse(user);
  if (user.accessKeys.length >= MOST_KEYS)
    return refuse(new QueryError('LimitExceeded', `Cannot exceed quota for AccessKeysPerUser: ${MOST_KEYS}`));
  return changed({ ...user, accessKeys: [...user.accessKeys, key] });
}

/** An inactive key signs nobody in, and can be made active again. */
export function setAccessKey(iam: Iam, userName: string, id: string, active: boolean): IamDecision<IamUser> {
  const user = userWithKey(iam, userName, id);
  if (user instanceof QueryError) return refuse(user);
  const accessKeys = user.accessKeys.map((key) => (key.id === id ? { ...key, active } : key));
  return changed({ ...user, accessKeys });
}

export function removeAccessKey(iam: Iam, userName: string, id: string): IamDecision<IamUser> {
  const user = userWithKey(iam, userName, id);
  if (user instanceof QueryError) return refuse(user);
  return changed({ ...user, accessKeys: user.accessKeys.filter((key) => key.id !== id) });
}

function userWithKey(iam: Iam, userName: string, id: string): IamUser | QueryError {
  const user = iam.user(userName);
  if (user instanceof QueryError || user.accessKeys.some((key) => key.id === id)) return user;
  return missing(`The Access Key with id ${id}`);
}
