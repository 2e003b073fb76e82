import { refuse } from '../../../base/decision.ts';
import { QueryError } from '../../query/query-error.ts';
import { changed, type IamDecision, missing } from './iam.ts';
import type { IamRole, IamUser } from './identity.ts';

/** IAM's own limits, of all policies of one user or role together; white space does not count. */
const MOST_CHARACTERS = { user: 2_048, role: 10_240 } as const;

/** `owner`: the user or role, or why there is none. One of this name before is replaced. */
export function putPolicy<T extends IamUser | IamRole>(
  owner: T | QueryError,
  name: string,
  document: string,
): IamDecision<T> {
  if (owner instanceof QueryError) return refuse(owner);
  const policies = { ...owner.policies, [name]: document };
  const most = MOST_CHARACTERS[owner.kind];
  const used = Object.values(policies).reduce((sum, one) => sum + withoutSpace(one).length, 0);
  if (used > most)
    return refuse(
      new QueryError(
        'LimitExceeded',
        `Maximum policy size of ${most} bytes exceeded for ${owner.kind} ${owner.name}`,
      ),
    );
  return changed({ ...owner, policies });
}

export function policyOf(owner: IamUser | IamRole, name: string): string | QueryError {
  const document = Object.hasOwn(owner.policies, name) ? owner.policies[name] : undefined;
  return document ?? missing(`The ${owner.kind} policy with name ${name}`);
}

export function removePolicy<T extends IamUser | IamRole>(
  owner: T | QueryError,
  name: string,
): IamDecision<T> {
  if (owner instanceof QueryError) return refuse(owner);
  const there = policyOf(owner, name);
  if (there instanceof QueryError) return refuse(there);
  const policies = Object.fromEntries(Object.entries(owner.policies).filter(([one]) => one !== name));
  return changed({ ...owner, policies });
}

export function withoutSpace(document: string): string {
  return document.replace(/\s+/g, '');
}
