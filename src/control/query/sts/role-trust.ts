import { SESSION_POLICY } from '../../../security/iam/access-decision.ts';
import { contextOf } from '../../../security/iam/iam-asker.ts';
import { MalformedPolicy } from '../../../security/iam/policy/malformed-policy.ts';
import { decide, ruleText } from '../../../security/iam/policy/policy-decision.ts';
import { readPolicy } from '../../../security/iam/policy/policy-document.ts';
import { isOneOf } from '../../../security/iam/policy/policy-principals.ts';
import { matchesStatement } from '../../../security/iam/policy/statement-match.ts';
import type { Place } from '../../aws/arn.ts';
import type { Iam } from '../../state/iam/iam.ts';
import type { IamRole } from '../../state/iam/identity.ts';
import { policiesOf } from '../../state/iam/policies-of.ts';
import type { SignedCaller } from './signed-caller.ts';

/** What is asked of a role's trust policy. */
const ACTION = 'sts:AssumeRole';

/**
 * Why the caller may not assume the role, as the end of a sentence; null when it may. As IAM decides it: the
 * role's trust policy has to name the caller, its user or its role; where it names the account instead, the
 * caller's own policies have to allow sts:AssumeRole on the role. A Deny of either wins.
 */
export function mayNotAssume(
  role: IamRole,
  caller: SignedCaller,
  {
    iam,
    place,
    host,
    now,
  }: {
    readonly iam: Iam;
    readonly place: Place;
    /** Where the request came from, an IP address. */
    readonly host: string;
    readonly now: number;
  },
): string | null {
  const trust = readPolicy(role.trustPolicy, 'trust');
  if (trust instanceof MalformedPolicy) return `its trust policy cannot be read: ${trust.message}`;
  const identityId = (arn: string) => iam.byArn(arn)?.id ?? null;
  const asker = { identity: caller, host };
  // The API has no TLS of its own.
  const context = contextOf(asker, { ...place, identityId }, { nowMs: now, isSecure: false });
  const request = { action: ACTION, resource: role.arn, context };
  const about = trust.statements.filter(
    (statement) =>
      statement.principals && isOneOf(statement.principals, caller) && matchesStatement(statement, request),
  );
  if (about.some(({ effect }) => effect === 'Deny')) return 'its trust policy denies it';
  const allowing = about.filter(({ effect }) => effect === 'Allow');
  if (allowing.length === 0) return 'its trust policy does not name the caller';
  const identity = iam.byArn(caller.identityArn);
  if (!identity || identity.kind === 'policy') return 'there is no such user or role';
  const named = ({ name, document }: { name: string; document: string }) => ({
    name,
    document: readPolicy(document),
  });
  const { sessionPolicy } = caller;
  const session = sessionPolicy === null ? null : named({ name: SESSION_POLICY, document: sessionPolicy });
  const own = decide({ policies: policiesOf(iam, identity).map(named), session }, request);
  if (own.allowed) return null;
  const isNamed = allowing.some(({ principals }) =>
    principals?.aws.some((one) => one === caller.identityArn || one === caller.principalArn),
  );
  if (!isNamed || own.rule.kind !== 'no statement') return ruleText(own.rule);
  // Nothing of its own denies it, and the trust policy takes the place of an Allow of its own: not of one of
  // the session's policy, which limits whatever the session may do.
  return session && !decide({ policies: [session], session: null }, request).allowed
    ? ruleText({ kind: 'no statement of the session' })
    : null;
}
