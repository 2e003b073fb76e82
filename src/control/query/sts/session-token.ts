import { integerText, optional, string, structure } from '../../api/shape.ts';
import { QueryError } from '../query-error.ts';
import { queryOperation } from '../query-operation.ts';
import { INVALID, signedCaller } from './signed-caller.ts';
import { temporaryCredentials } from './temporary-credentials.ts';

const DEFAULT_SECONDS = 43_200;

export const getSessionToken = queryOperation({
  name: 'GetSessionToken',
  input: structure({
    DurationSeconds: optional(integerText({ min: 900, max: 129_600 })),
    SerialNumber: optional(string({ max: 256 })),
    TokenCode: optional(string({ max: 16 })),
  }),
  handle: ({ sealed }, { DurationSeconds = DEFAULT_SECONDS, SerialNumber, TokenCode }, request) => {
    if (SerialNumber !== undefined || TokenCode !== undefined)
      return new QueryError('ValidationError', 'Multi-factor authentication is not built yet.');
    const caller = signedCaller(sealed, request);
    if (caller instanceof QueryError) return caller;
    if (!caller) return INVALID;
    const user = sealed.iam.byArn(caller.identityArn);
    if (caller.isTemporary || user?.kind !== 'user')
      return new QueryError('AccessDenied', 'Cannot call GetSessionToken with session credentials');
    return {
      Credentials: temporaryCredentials(sealed, {
        principalArn: user.arn,
        identity: user,
        expiresAt: request.now + DurationSeconds * 1000,
        sessionPolicy: null,
      }),
    };
  },
});
