import { type Acl, aclKey, WILDCARD_PRINCIPAL } from '../../security/acl/acl.ts';
import { type AclEffect, aclEffects } from '../../security/acl/acl-effects.ts';

/** What a cluster's authorizer decides by. */
export interface AclGuard {
  readonly acls: readonly Acl[];
  readonly superUsers: readonly string[];
  readonly allowEveryoneIfNoAclFound: boolean;
}

export interface AclChangeEffects {
  readonly denies: readonly AclEffect[];
  readonly allows: readonly AclEffect[];
  /** False: there is more than is told. */
  readonly isComplete: boolean;
  /** Sentences about what is rarely meant. */
  readonly warnings: readonly string[];
}

/** Who does not sign in. */
const ANONYMOUS = 'User:ANONYMOUS';
/** Principals that a warning names; with more it counts them. */
const MOST_NAMED = 5;

/** What it would mean if these ACLs came and went. */
export function aclChange(
  { acls: before, superUsers, allowEveryoneIfNoAclFound }: AclGuard,
  /** `users`: who signs in by SCRAM. `letsAnonymousIn`: some clients do not sign in. */
  { users, letsAnonymousIn }: { readonly users: readonly string[]; readonly letsAnonymousIn: boolean },
  { come, gone }: { readonly come: readonly Acl[]; readonly gone: readonly Acl[] },
): AclChangeEffects {
  const leaving = new Set(gone.map(aclKey));
  const after = [...before.filter((acl) => !leaving.has(aclKey(acl))), ...come];
  const known = [...users.map((name) => `User:${name}`), ...(letsAnonymousIn ? [ANONYMOUS] : [])];
  const effects = aclEffects({ before, after, known, superUsers, allowEveryoneIfNoAclFound });
  const warnings = [
    ...lockedOut(effects.denies),
    ...nobodyIsCalled(come, users),
    ...(effects.isComplete ? [] : ['There is more to compare than the limit: not all effects are told.']),
  ];
  return { ...effects, warnings };
}

/** Whoever administers the cluster by Kafka's own tools, and could not any more. */
function lockedOut(denies: readonly AclEffect[]): string[] {
  const losers = denies
    .filter(({ resourceType, operations }) => resourceType === 'CLUSTER' && operations.includes('ALTER'))
    .flatMap(({ principals }) => principals);
  if (losers.length === 0) return [];
  return [
    `${listed([...new Set(losers)])} could not change ACLs any more with Kafka's tools. The control plane always can: "millrace acl remove".`,
  ];
}

/**
 * A user that does not exist has mostly a name that was mistyped. Names of certificates are not known here.
 */
function nobodyIsCalled(come: readonly Acl[], users: readonly string[]): string[] {
  if (users.length === 0) return [];
  const known = new Set([WILDCARD_PRINCIPAL, ANONYMOUS, ...users.map((name) => `User:${name}`)]);
  const strange = come
    .map(({ principal }) => principal)
    .filter((one) => !known.has(one) && !one.includes('='));
  if (strange.length === 0) return [];
  return [`No user of this cluster signs in by SCRAM as ${listed([...new Set(strange)])}.`];
}

/** `User:a, User:b and 3 others`. */
function listed(principals: readonly string[]): string {
  const names = principals.map((one) => (one === WILDCARD_PRINCIPAL ? 'everybody else' : one));
  const rest = names.length - MOST_NAMED;
  if (rest <= 0) return names.join(', ');
  return `${names.slice(0, MOST_NAMED).join(', ')} and ${rest} others`;
}
