import type { ErrorName } from '../protocol/errors.ts';
import type { RequestInfo } from '../server/handler.ts';

const ANONYMOUS = 'User:ANONYMOUS';

/**
 * Requests about delegation tokens end as with an Apache Kafka without `delegation.token.secret.key`, as MSK
 * has it: tokens are off. A client that did not sign in is not told even that.
 */
export function delegationTokenRefusal({ principal }: Pick<RequestInfo, 'principal'>): ErrorName {
  return principal === ANONYMOUS ? 'DELEGATION_TOKEN_REQUEST_NOT_ALLOWED' : 'DELEGATION_TOKEN_AUTH_DISABLED';
}
