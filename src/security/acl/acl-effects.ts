import {
  type Acl,
  type AclOperation,
  aclKey,
  patternTypeCodes,
  type ResourceType,
  resourceTypeCodes,
  WILDCARD,
  WILDCARD_PRINCIPAL,
} from './acl.ts';
import { type Asker, StandardAuthorizer } from './standard-authorizer.ts';
import { supportedOperations } from './supported-operations.ts';

/** What a change of ACLs takes from somebody, or gives: these operations on one resource. */
export interface AclEffect {
  readonly resourceType: ResourceType;
  /**
   * With PREFIXED: every name that begins with it and that no ACL names more exactly; `*`: every name that no
   * ACL names.
   */
  readonly resourceName: string;
  readonly patternType: 'LITERAL' | 'PREFIXED';
  /** `*`: every host that no ACL names. */
  readonly host: string;
  readonly operations: readonly AclOperation[];
  /** `User:*`: everybody who is not named in an ACL or among the known principals. */
  readonly principals: readonly string[];
}

export interface AclEffects {
  readonly denies: readonly AclEffect[];
  readonly allows: readonly AclEffect[];
  /** False: there was more to compare than the limit, and what is told is only a part. */
  readonly isComplete: boolean;
}

/** Questions put to both sides; some 100 ms of one event loop. */
const MOST_QUESTIONS = 200_000;
/**
 * Follows a prefix where any name that begins with it is meant: the last character there is, which no topic
 * has.
 */
const ANY_NAME = '\u{10FFFF}';

/**
 * Who may do less or more when the ACLs `before` become those `after`: asked of the authorizer itself, for
 * every principal that is known or named in an ACL and for everybody else, from every host that is named and
 * from any other, on every resource that the change is about.
 */
export function aclEffects(change: {
  readonly before: readonly Acl[];
  readonly after: readonly Acl[];
  /** Principals that ACLs need not name: users that can sign in. */
  readonly known: Iterable<string>;
  readonly superUsers: Iterable<string>;
  readonly allowEveryoneIfNoAclFound: boolean;
}): AclEffects {
  const before = new StandardAuthorizer(change);
  before.replaceAcls(change.before);
  const after = new StandardAuthorizer(change);
  after.replaceAcls(change.after);
  const all = [...change.before, ...change.after];
  const principals = new Set([...change.known, ...all.map(({ principal }) => principal), WILDCARD_PRINCIPAL]);
  const hosts = new Set([WILDCARD, ...all.map(({ host }) => host)]);
  const denied = new Effects();
  const allowed = new Effects();
  let questions = 0;
  for (const resource of changedResources(change.before, change.after)) {
    for (const principal of principals) {
      const elsewhere = lostAndWon(resource, { principal, host: WILDCARD }, before, after);
      for (const host of hosts) {
        questions += supportedOperations[resource.resourceType].length;
        if (questions > MOST_QUESTIONS)
          return { denies: denied.list(), allows: allowed.list(), isComplete: false };
        const { lost, won } =
          host === WILDCARD ? elsewhere : lostAndWon(resource, { principal, host }, before, after);
        // A host that fares as every other one is told with them.
        if (host === WILDCARD || !sameOperations(lost, elsewhere.lost))
          denied.add(resource, host, lost, principal);
        if (host === WILDCARD || !sameOperations(won, elsewhere.won))
          allowed.add(resource, host, won, principal);
      }
    }
  }
  return { denies: denied.list(), allows: allowed.list(), isComplete: true };
}

type Resource = Pick<AclEffect, 'resourceType' | 'resourceName' | 'patternType'>;

function lostAndWon(
  { resourceType, resourceName, patternType }: Resource,
  asker: Asker,
  before: StandardAuthorizer,
  after: StandardAuthorizer,
): { readonly lost: AclOperation[]; readonly won: AclOperation[] } {
  const name = patternType === 'PREFIXED' ? `${resourceName}${ANY_NAME}` : resourceName;
  const lost: AclOperation[] = [];
  const won: AclOperation[] = [];
  for (const operation of supportedOperations[resourceType]) {
    const could = before.explain(asker, operation, resourceType, name).allowed;
    const can = after.explain(asker, operation, resourceType, name).allowed;
    if (could && !can) lost.push(operation);
    if (can && !could) won.push(operation);
  }
  return { lost, won };
}

/** What the ACLs that come or go are about: their own resources, and those of other ACLs that lie within. */
function changedResources(before: readonly Acl[], after: readonly Acl[]): Resource[] {
  const beforeKeys = new Set(before.map(aclKey));
  const afterKeys = new Set(after.map(aclKey));
  const changed = [
    ...before.filter((acl) => !afterKeys.has(aclKey(acl))),
    ...after.filter((acl) => !beforeKeys.has(aclKey(acl))),
  ];
  const resources = new Map<string, Resource>();
  for (const acl of [...before, ...after]) {
    const resource = resourceOf(acl);
    if (resource && changed.some((one) => covers(one, acl)))
      resources.set(JSON.stringify(resource), resource);
  }
  return [...resources.values()];
}

function covers(changed: Acl, acl: Acl): boolean {
  if (changed.resourceType !== acl.resourceType) return false;
  if (changed.patternType === patternTypeCodes.PREFIXED)
    return acl.resourceName.startsWith(changed.resourceName);
  if (changed.resourceName === WILDCARD) return true;
  return acl.patternType === changed.patternType && acl.resourceName === changed.resourceName;
}

function resourceOf({ resourceType: code, resourceName, patternType }: Acl): Resource | null {
  for (const resourceType in resourceTypeCodes)
    if (isType(resourceType) && resourceTypeCodes[resourceType] === code)
      return {
        resourceType,
        resourceName,
        patternType: patternType === patternTypeCodes.PREFIXED ? 'PREFIXED' : 'LITERAL',
      };
  return null;
}

function isType(name: string): name is ResourceType {
  return name in resourceTypeCodes;
}

function sameOperations(one: readonly AclOperation[], other: readonly AclOperation[]): boolean {
  return one.join() === other.join();
}

/** Principals that fare alike are told together. */
class Effects {
  readonly #byKey = new Map<string, AclEffect & { readonly principals: string[] }>();

  add(resource: Resource, host: string, operations: readonly AclOperation[], principal: string): void {
    if (operations.length === 0) return;
    const key = JSON.stringify([resource, host, operations]);
    const known = this.#byKey.get(key);
    if (known) known.principals.push(principal);
    else this.#byKey.set(key, { ...resource, host, operations, principals: [principal] });
  }

  list(): AclEffect[] {
    return [...this.#byKey.values()];
  }
}
