import { errorCode } from '../../protocol/errors.ts';
import { renewDelegationToken } from '../../protocol/messages/39-renew-delegation-token.ts';
import { handle } from '../../server/handler.ts';
import { delegationTokenRefusal } from '../delegation-token-refusal.ts';

/** RenewDelegationToken v1-2 (KIP-48): refused as by Apache Kafka without `delegation.token.secret.key`. */
export const renewDelegationTokenHandler = handle(
  renewDelegationToken,
  { versions: [1, 2], operations: [] },
  (_context: unknown, _request, info) => {
    const error = delegationTokenRefusal(info);
    return {
      errorCode: errorCode(error),
      expiryTimestampMs: error === 'DELEGATION_TOKEN_AUTH_DISABLED' ? 0n : -1n,
    };
  },
);
