import type { IamDirectory, IamPolicy } from './directory.ts';
import { contextOf, type IamAsker } from './iam-asker.ts';
import { type KafkaActionName, qualified } from './kafka-actions.ts';
import {
  decide,
  type NamedPolicy,
  type PolicyRule,
  type PolicySet,
  ruleText,
} from './policy/policy-decision.ts';
import { readPolicy } from './policy/policy-document.ts';

/** Whether an action is allowed, and why. */
export interface AccessDecision {
  readonly allowed: boolean;
  /**
   * What was decided about: the action that was asked for, or Connect where that is what is not allowed. As
   * policies name it: `kafka-cluster:ReadData`.
   */
  readonly action: string;
  /** The ARN of what it is done to. */
  readonly resource: string;
  readonly rule: AccessRule;
}

export type AccessRule =
  | PolicyRule
  /** The user or role was deleted, or never was. */
  | { readonly kind: 'no identity' }
  /** The broker does not know users and roles: their file is missing or broken. */
  | { readonly kind: 'no directory' }
  /** No action of `kafka-cluster` is like it: brokers alone do it, or MSK has no right for it. */
  | { readonly kind: 'no action' };

/** The name that the policy of a session has for people. */
export const SESSION_POLICY = 'of the session';

/**
 * The policies of users and roles that were read, for as long as the directory that has them: all sessions of
 * a role have the same.
 */
const READ = new WeakMap<IamPolicy, NamedPolicy>();

/** The policies that count for the asker; null where there is no such user or role. */
export function policySetOf(
  { identity }: IamAsker,
  directory: Pick<IamDirectory, 'identityId' | 'policies'>,
): PolicySet | null {
  if (directory.identityId(identity.identityArn) === null) return null;
  const policies = directory.policies(identity.identityArn).map(readOnce);
  const { sessionPolicy } = identity;
  const session =
    sessionPolicy === null ? null : { name: SESSION_POLICY, document: readPolicy(sessionPolicy) };
  return { policies, session };
}

function readOnce(policy: IamPolicy): NamedPolicy {
  let read = READ.get(policy);
  if (!read) {
    read = { name: policy.name, document: readPolicy(policy.document) };
    READ.set(policy, read);
  }
  return read;
}

/**
 * Whether the asker may do this, by policies that were read before. Whatever it is, Connect is needed too, so
 * that whoever loses Connect can do nothing on a connection that is open.
 */
export function decideAccess(
  asker: IamAsker,
  {
    directory,
    policies,
    nowMs,
    connect: decided,
  }: {
    readonly directory: Pick<IamDirectory, 'account' | 'region' | 'clusterArn' | 'identityId'>;
    readonly policies: PolicySet | null;
    readonly nowMs: number;
    /** What was decided about Connect, where that is known. */
    readonly connect?: AccessDecision;
  },
  action: KafkaActionName,
  resource: string,
): AccessDecision {
  const context = contextOf(asker, directory, { nowMs, isSecure: true });
  const about = (name: KafkaActionName, arn: string): AccessDecision => {
    const asked = { action: qualified(name), resource: arn };
    if (!policies) return { allowed: false, ...asked, rule: { kind: 'no identity' } };
    return { ...asked, ...decide(policies, { ...asked, context }) };
  };
  if (action === 'Connect') return about(action, resource);
  const connect = decided ?? about('Connect', directory.clusterArn);
  return connect.allowed ? about(action, resource) : connect;
}

/** For people, the end of a sentence: `statement 2 of the policy readers`. */
export function accessRuleText(rule: AccessRule): string {
  switch (rule.kind) {
    case 'no identity':
      return 'there is no such user or role';
    case 'no directory':
      return 'the broker does not know users and roles now';
    case 'no action':
      return 'no action of kafka-cluster allows it';
    default:
      return ruleText(rule);
  }
}
