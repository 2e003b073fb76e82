import { MalformedPolicy } from '../../../security/iam/policy/malformed-policy.ts';
import { validatePolicy } from '../../../security/iam/policy/policy-document.ts';
import type { PolicyKind } from '../../../security/iam/policy/policy-statement.ts';
import { QueryError } from '../query-error.ts';

/** Why a document is no policy of a user or role, or one that brokers could not obey; null when it is one. */
export function wrongPolicy(document: string): QueryError | null {
  return wrong(document, 'identity');
}

/** The same of a document that says who may assume a role. */
export function wrongTrustPolicy(document: string): QueryError | null {
  return wrong(document, 'trust');
}

function wrong(document: string, kind: PolicyKind): QueryError | null {
  const policy = validatePolicy(document, kind);
  return policy instanceof MalformedPolicy ? new QueryError('MalformedPolicyDocument', policy.message) : null;
}
