import { integerText, optional, type Shape, string, structure } from '../../api/shape.ts';
import { assumedRoleArn } from '../../aws/arn.ts';
import { withoutSpace } from '../../state/iam/inline-policies.ts';
import { wrongPolicy } from '../iam/policy-document.ts';
import { QueryError } from '../query-error.ts';
import { queryOperation } from '../query-operation.ts';
import { mayNotAssume } from './role-trust.ts';
import { INVALID, signedCaller } from './signed-caller.ts';
import { temporaryCredentials } from './temporary-credentials.ts';

const DEFAULT_SECONDS = 3_600;
/** Of who has assumed a role already. */
const MOST_CHAINED_SECONDS = 3_600;
/** IAM's own limit of a session's policy. */
const LONGEST_POLICY = 2_048;

/** What is not built, and would be missed unsaid. */
const NOT_BUILT = ['PolicyArns', 'Tags', 'TransitiveTagKeys', 'SerialNumber', 'TokenCode', 'SourceIdentity'];
const notBuilt: Shape<boolean> = {
  optional: true,
  schema: {},
  parse: (value) => value !== undefined && !(Array.isArray(value) && value.length === 0),
};

export const assumeRole = queryOperation({
  name: 'AssumeRole',
  input: structure({
    RoleArn: string({ min: 20, max: 2048 }),
    RoleSessionName: string({
      min: 2,
      max: 64,
      pattern: /^[\w+=,.@-]+$/,
      says: 'may have letters, digits and the characters _ + = , . @ -',
    }),
    Policy: optional(string({ min: 1, max: 131_072 })),
    DurationSeconds: optional(integerText({ min: 900, max: 43_200 })),
    ...Object.fromEntries(NOT_BUILT.map((name) => [name, notBuilt])),
  }),
  handle: (control, input, request) => {
    const { RoleArn, RoleSessionName: session, Policy: policy = null } = input;
    const unbuilt = NOT_BUILT.find((name) => Reflect.get(input, name) === true);
    if (unbuilt !== undefined) return new QueryError('ValidationError', `${unbuilt} is not built yet.`);
    const { options: place, sealed } = control;
    const caller = signedCaller(sealed, request);
    if (caller instanceof QueryError) return caller;
    if (!caller) return INVALID;
    const role = sealed.iam.byArn(RoleArn);
    const denied =
      role?.kind === 'role'
        ? mayNotAssume(role, caller, { iam: sealed.iam, place, host: request.host, now: request.now })
        : 'there is no such role';
    if (role?.kind !== 'role' || denied !== null)
      return new QueryError(
        'AccessDenied',
        `User: ${caller.principalArn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}: ${denied}`,
      );
    const seconds = input.DurationSeconds ?? Math.min(DEFAULT_SECONDS, role.maxSessionSeconds);
    if (seconds > role.maxSessionSeconds)
      return new QueryError(
        'ValidationError',
        'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      );
    if (caller.isTemporary && seconds > MOST_CHAINED_SECONDS)
      return new QueryError(
        'ValidationError',
        'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
      );
    const wrong = policy === null ? null : wrongSessionPolicy(policy);
    if (wrong) return wrong;
    const arn = assumedRoleArn(place, role.name, session);
    return {
      Credentials: temporaryCredentials(sealed, {
        principalArn: arn,
        identity: role,
        expiresAt: request.now + seconds * 1000,
        sessionPolicy: policy,
      }),
      AssumedRoleUser: { AssumedRoleId: `${role.id}:${session}`, Arn: arn },
      PackedPolicySize:
        policy === null ? undefined : Math.ceil((withoutSpace(policy).length / LONGEST_POLICY) * 100),
    };
  },
});

function wrongSessionPolicy(policy: string): QueryError | null {
  return policy.length > LONGEST_POLICY
    ? new QueryError(
        'PackedPolicyTooLarge',
        `The policy of a session has up to ${LONGEST_POLICY} characters.`,
      )
    : wrongPolicy(policy);
}
