import { errorCode } from '../../protocol/errors.ts';
import { describeDelegationToken } from '../../protocol/messages/41-describe-delegation-token.ts';
import { handle } from '../../server/handler.ts';
import { delegationTokenRefusal } from '../delegation-token-refusal.ts';

/** DescribeDelegationToken v1-3 (KIP-48): refused, as by Apache Kafka whose tokens are off. */
export const describeDelegationTokenHandler = handle(
  describeDelegationToken,
  { versions: [1, 3], operations: [] },
  (_context: unknown, _request, info) => ({
    errorCode: errorCode(delegationTokenRefusal(info)),
    tokens: [],
  }),
);
