import { inPortions } from '../../base/portions.ts';
import { undescribedTransaction } from '../../coordinator/transaction/describe.ts';
import { describeTransactions } from '../../protocol/messages/65-describe-transactions.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

/**
 * DescribeTransactions v0: state, age and partitions of transactional ids (KIP-664); topics only those to be
 * described.
 */
export const describeTransactionsHandler = handle(
  describeTransactions,
  { versions: [0, 0], operations: ['TRANSACTIONAL_ID:DESCRIBE', 'TOPIC:DESCRIBE'] },
  async (context: BrokerContext, request, info) => ({
    transactionStates: await inPortions(
      context.world.clock,
      [...new Set(request.transactionalIds)],
      async (id) => {
        if (!info.authorize('DESCRIBE', 'TRANSACTIONAL_ID', id)) {
          return undescribedTransaction(id, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED');
        }
        const described = await context.transactions.describe(id);
        return {
          ...described,
          topics: described.topics.filter(({ topic }) => info.allows('DESCRIBE', 'TOPIC', topic)),
        };
      },
    ),
  }),
);
