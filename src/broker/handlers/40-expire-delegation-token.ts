import { errorCode } from '../../protocol/errors.ts';
import { expireDelegationToken } from '../../protocol/messages/40-expire-delegation-token.ts';
import { handle } from '../../server/handler.ts';
import { delegationTokenRefusal } from '../delegation-token-refusal.ts';

/** ExpireDelegationToken v1-2 (KIP-48): refused as by Apache Kafka without `delegation.token.secret.key`. */
export const expireDelegationTokenHandler = handle(
  expireDelegationToken,
  { versions: [1, 2], operations: [] },
  (_context: unknown, _request, info) => {
    const error = delegationTokenRefusal(info);
    return {
      errorCode: errorCode(error),
      expiryTimestampMs: error === 'DELEGATION_TOKEN_AUTH_DISABLED' ? 0n : -1n,
    };
  },
);
