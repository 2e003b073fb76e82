import { refuse } from '../../../base/decision.ts';
import { QueryError } from '../../query/query-error.ts';
import { changed, type IamDecision } from './iam.ts';
import type { Identity } from './identity.ts';

/** IAM's own limit. */
const MOST_TAGS = 50;

export function tagIdentity<T extends Identity>(
  identity: T | QueryError,
  added: Readonly<Record<string, string>>,
): IamDecision<T> {
  if (identity instanceof QueryError) return refuse(identity);
  const tags = { ...identity.tags, ...added };
  return Object.keys(tags).length > MOST_TAGS
    ? refuse(new QueryError('LimitExceeded', `Cannot exceed quota for TagsPerResource: ${MOST_TAGS}`))
    : changed({ ...identity, tags });
}

export function untagIdentity<T extends Identity>(
  identity: T | QueryError,
  keys: readonly string[],
): IamDecision<T> {
  if (identity instanceof QueryError) return refuse(identity);
  const tags = Object.fromEntries(Object.entries(identity.tags).filter(([key]) => !keys.includes(key)));
  return changed({ ...identity, tags });
}
