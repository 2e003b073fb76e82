import { structure } from '../../api/shape.ts';
import { QueryError } from '../query-error.ts';
import { queryOperation } from '../query-operation.ts';
import { signedCaller } from './signed-caller.ts';

/**
 * Tools that are given one address for all services ask STS who they are before they come to MSK. Who signs
 * with a key that is not known here is the root user of the account, since nobody has to sign.
 */
export const getCallerIdentity = queryOperation({
  name: 'GetCallerIdentity',
  input: structure({}),
  handle: ({ options: { account }, sealed }, _, request) => {
    const caller = signedCaller(sealed, request);
    if (caller instanceof QueryError) return caller;
    return {
      Arn: caller?.principalArn ?? `arn:aws:iam::${account}:root`,
      UserId: caller?.userId ?? account,
      Account: account,
    };
  },
});
