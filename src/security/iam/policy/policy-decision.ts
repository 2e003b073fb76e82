import { MalformedPolicy } from './malformed-policy.ts';
import type { PolicyDocument } from './policy-document.ts';
import type { PolicyStatement } from './policy-statement.ts';
import { matchesStatement, type PolicyRequest } from './statement-match.ts';

/** A policy that counts, under the name that people know it by. */
export interface NamedPolicy {
  readonly name: string;
  readonly document: PolicyDocument | MalformedPolicy;
}

/** Everything that limits whoever asks. */
export interface PolicySet {
  /** Of the user or role. */
  readonly policies: readonly NamedPolicy[];
  /** What the session is limited to besides; null where it is not. */
  readonly session: NamedPolicy | null;
}

/** Whether something is allowed, and what says so. */
export interface PolicyDecision {
  readonly allowed: boolean;
  readonly rule: PolicyRule;
}

export type PolicyRule =
  /** This statement allows it, or denies it. */
  | {
      readonly kind: 'statement';
      readonly policy: string;
      /** 1 for the first statement of the policy. */
      readonly number: number;
      readonly sid: string | null;
    }
  | { readonly kind: 'no statement' }
  /** The user or role may, and the policy of its session does not allow it. */
  | { readonly kind: 'no statement of the session' }
  /** A policy that cannot be read may have a Deny in it. */
  | { readonly kind: 'unreadable policy'; readonly policy: string; readonly message: string };

/**
 * As IAM decides within an account: a Deny wins, then something has to allow it, and the session's policy
 * too.
 */
export function decide({ policies, session }: PolicySet, request: PolicyRequest): PolicyDecision {
  const all = session ? [...policies, session] : policies;
  for (const { name, document } of all)
    if (document instanceof MalformedPolicy)
      return no({ kind: 'unreadable policy', policy: name, message: document.message });
  const denying = firstOf(all, 'Deny', request);
  if (denying) return no(denying);
  const allowing = firstOf(policies, 'Allow', request);
  if (!allowing) return no({ kind: 'no statement' });
  if (session && !firstOf([session], 'Allow', request)) return no({ kind: 'no statement of the session' });
  return { allowed: true, rule: allowing };
}

function no(rule: PolicyRule): PolicyDecision {
  return { allowed: false, rule };
}

function firstOf(
  policies: readonly NamedPolicy[],
  effect: PolicyStatement['effect'],
  request: PolicyRequest,
): PolicyRule | null {
  for (const { name, document } of policies) {
    if (document instanceof MalformedPolicy) continue;
    for (const statement of document.statements) {
      if (statement.effect !== effect || !matchesStatement(statement, request)) continue;
      return { kind: 'statement', policy: name, number: statement.number, sid: statement.sid };
    }
  }
  return null;
}

/** For people: which rule decided. */
export function ruleText(rule: PolicyRule): string {
  switch (rule.kind) {
    case 'statement':
      return `statement ${rule.sid ?? rule.number} of the policy ${rule.policy}`;
    case 'no statement':
      return 'no statement allows it';
    case 'no statement of the session':
      return 'no statement of the session policy allows it';
    case 'unreadable policy':
      return `the policy ${rule.policy} cannot be read: ${rule.message}`;
  }
}
