import type { ErrorName } from '../../protocol/errors.ts';
import { errorCode } from '../../protocol/errors.ts';
import {
  type CreateDelegationTokenRequest,
  createDelegationToken,
} from '../../protocol/messages/38-create-delegation-token.ts';
import { handle, type RequestInfo } from '../../server/handler.ts';
import { delegationTokenRefusal } from '../delegation-token-refusal.ts';

type Info = RequestInfo<'USER:CREATE_TOKENS'>;

/** The first version whose answer says who asked. */
const REQUESTER_SINCE = 3;
/** What Kafka's answers have in the place of times where the request is refused. */
const NO_TIME = -1n;

/**
 * CreateDelegationToken v1-3 (KIP-48): refused as by Apache Kafka without `delegation.token.secret.key`.
 * There are no tokens, and none is a password.
 */
export const createDelegationTokenHandler = handle(
  createDelegationToken,
  { versions: [1, 3], operations: ['USER:CREATE_TOKENS'] },
  (_context: unknown, request, info) => {
    const [requesterType, requesterName] = partsOf(info.principal);
    const [type, name] = partsOf(ownerOf(request, info));
    const error = refusal(request, info);
    const time = error === 'DELEGATION_TOKEN_AUTH_DISABLED' ? 0n : NO_TIME;
    return {
      errorCode: errorCode(error),
      principalType: type,
      principalName: name,
      ...(info.apiVersion >= REQUESTER_SINCE && {
        tokenRequesterPrincipalType: requesterType,
        tokenRequesterPrincipalName: requesterName,
      }),
      issueTimestampMs: time,
      expiryTimestampMs: time,
      maxTimestampMs: time,
      tokenId: '',
      hmac: Buffer.alloc(0),
    };
  },
);

function refusal(request: CreateDelegationTokenRequest, info: Info): ErrorName {
  const refused = delegationTokenRefusal(info);
  if (refused === 'DELEGATION_TOKEN_REQUEST_NOT_ALLOWED') return refused;
  const owner = ownerOf(request, info);
  if (owner !== info.principal && !info.authorize('CREATE_TOKENS', 'USER', owner))
    return 'DELEGATION_TOKEN_AUTHORIZATION_FAILED';
  if (request.renewers.some(({ principalType }) => principalType !== 'User')) return 'INVALID_PRINCIPAL_TYPE';
  return refused;
}

function ownerOf(
  { ownerPrincipalType, ownerPrincipalName }: CreateDelegationTokenRequest,
  { principal }: Info,
): string {
  return ownerPrincipalName ? `${ownerPrincipalType}:${ownerPrincipalName}` : principal;
}

function partsOf(principal: string): [type: string, name: string] {
  const colon = principal.indexOf(':');
  return [principal.slice(0, colon), principal.slice(colon + 1)];
}
