import { structure } from '../../api/shape.ts';
import { queryOperation } from '../query-operation.ts';

/**
 * Tools that are given one address for all services ask STS who they are before they come to MSK. Who signs
 * with a key that is not known here is the root user of the account, since nobody has to sign.
 */
export const getCallerIdentity = queryOperation({
  name: 'GetCallerIdentity',
  input: structure({}),
  handle: ({ options: { account } }) => ({
    Arn: `arn:aws:iam::${account}:root`,
    UserId: account,
    Account: account,
  }),
});
