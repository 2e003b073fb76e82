import {
  type Acl,
  type AclOperation,
  ALL_OPERATIONS,
  operationCodes,
  patternTypeCodes,
  permissionCodes,
  type ResourceType,
  resourceTypeCodes,
  WILDCARD,
  WILDCARD_PRINCIPAL,
} from './acl.ts';
import { AclIndex } from './acl-index.ts';

/** Who asks for something, and from where. */
export interface Asker {
  /** `User:name`. */
  readonly principal: string;
  /** An IP address as text. */
  readonly host: string;
}

/** Whether something is allowed, and which rule says so. */
export interface Authorization {
  readonly allowed: boolean;
  readonly rule:
    | { readonly kind: 'super user' }
    /** `isImplied`: the ACL allows another operation, and whoever may do that may do this too. */
    | { readonly kind: 'acl'; readonly acl: Acl; readonly isImplied: boolean }
    /** There are ACLs for the resource, and none of them allows it. */
    | { readonly kind: 'no acl allows it' }
    /** There is no ACL for the resource: allow.everyone.if.no.acl.found decides. */
    | { readonly kind: 'no acl found' };
}

/** Whoever is allowed one of these is allowed to see that the resource is there. */
const IMPLY_DESCRIBE: ReadonlySet<number> = new Set([
  operationCodes.DESCRIBE,
  operationCodes.READ,
  operationCodes.WRITE,
  operationCodes.DELETE,
  operationCodes.ALTER,
]);
const IMPLY_DESCRIBE_CONFIGS: ReadonlySet<number> = new Set([
  operationCodes.DESCRIBE_CONFIGS,
  operationCodes.ALTER_CONFIGS,
]);
/** Decisions that are remembered until ACLs change. */
const REMEMBERED = 10_000;
/**
 * In characters, of a name and a principal that are remembered. Names of topics are shorter; ids of groups
 * and transactions may have 32,767 and need not exist, and clients may ask for as many as they like.
 */
const LONGEST_REMEMBERED = 500;

/**
 * Decides as Apache Kafka's StandardAuthorizer does (KIP-801): a Deny wins, then an Allow, then whether there
 * are ACLs at all.
 */
export class StandardAuthorizer {
  readonly #superUsers: ReadonlySet<string>;
  readonly #allowEveryoneIfNoAclFound: boolean;
  readonly #remembered = new Map<string, boolean>();
  #index = new AclIndex([]);

  constructor(options: {
    /** super.users: principals that may do everything. */
    readonly superUsers: Iterable<string>;
    /** allow.everyone.if.no.acl.found */
    readonly allowEveryoneIfNoAclFound: boolean;
  }) {
    this.#superUsers = new Set(options.superUsers);
    this.#allowEveryoneIfNoAclFound = options.allowEveryoneIfNoAclFound;
  }

  /** From now on these are all ACLs that there are. */
  replaceAcls(acls: Iterable<Acl>): void {
    this.#index = new AclIndex(acls);
    this.#remembered.clear();
  }

  /**
   * From now on `gone` are no ACLs any more, which are the very objects that were given, and `added` are. It
   * takes time in proportion to what changes.
   */
  changeAcls({ gone, added }: { readonly gone: Iterable<Acl>; readonly added: Iterable<Acl> }): void {
    for (const acl of gone) this.#index.delete(acl);
    for (const acl of added) this.#index.add(acl);
    this.#remembered.clear();
  }

  allows(asker: Asker, operation: AclOperation, resourceType: ResourceType, name: string): boolean {
    const { principal, host } = asker;
    const decide = () => this.explain(asker, operation, resourceType, name).allowed;
    if (principal.length + name.length > LONGEST_REMEMBERED) return decide();
    // Principals and names may hold any character: the length says where one ends and the other begins.
    return this.#once(`${operation} ${resourceType} ${host} ${principal.length} ${principal}${name}`, decide);
  }

  #once(asked: string, decide: () => boolean): boolean {
    const known = this.#remembered.get(asked);
    if (known !== undefined) return known;
    const allowed = decide();
    if (this.#remembered.size >= REMEMBERED) this.#remembered.clear();
    this.#remembered.set(asked, allowed);
    return allowed;
  }

  explain(asker: Asker, operation: AclOperation, resourceType: ResourceType, name: string): Authorization {
    if (this.#superUsers.has(asker.principal)) return { allowed: true, rule: { kind: 'super user' } };
    let allowing: Acl | undefined;
    let hasAcls = false;
    for (const acl of this.#index.applyingTo(resourceTypeCodes[resourceType], name)) {
      hasAcls = true;
      if (!isAbout(acl, asker)) continue;
      if (denies(acl, operation)) return { allowed: false, rule: { kind: 'acl', acl, isImplied: false } };
      if (allowing === undefined && grants(acl, operation)) allowing = acl;
    }
    if (allowing) {
      const isImplied = !grantsItself(allowing, operation);
      return { allowed: true, rule: { kind: 'acl', acl: allowing, isImplied } };
    }
    if (hasAcls) return { allowed: false, rule: { kind: 'no acl allows it' } };
    return { allowed: this.#allowEveryoneIfNoAclFound, rule: { kind: 'no acl found' } };
  }

  /**
   * Whether the asker may do this with at least one resource of the type, whatever its name (KIP-679): some
   * Allow is for it that no Deny takes back whole. As in Kafka an operation implies another one here only
   * where it is allowed for every name.
   */
  allowsSome(asker: Asker, operation: AclOperation, resourceType: ResourceType): boolean {
    const { principal, host } = asker;
    const decide = () => this.#decidesSome(asker, operation, resourceType);
    if (principal.length > LONGEST_REMEMBERED) return decide();
    // It looks at every ACL about the asker, and any client may ask as often as it likes (InitProducerId).
    return this.#once(`some ${operation} ${resourceType} ${host} ${principal}`, decide);
  }

  #decidesSome(asker: Asker, operation: AclOperation, resourceType: ResourceType): boolean {
    if (this.#superUsers.has(asker.principal)) return true;
    const type = resourceTypeCodes[resourceType];
    const acls = [...this.#index.about(type, asker.principal)].filter((acl) => isAbout(acl, asker));
    const denied = acls.filter((acl) => denies(acl, operation));
    if (denied.some(isForEveryName)) return false;
    // Then there are names without an ACL.
    if (this.#allowEveryoneIfNoAclFound && !this.#index.hasForEveryName(type)) return true;
    if (acls.some((acl) => isForEveryName(acl) && grants(acl, operation))) return true;
    return acls.some((acl) => grantsItself(acl, operation) && !isTakenBack(acl, denied));
  }
}

function isAbout({ principal, host }: Acl, asker: Asker): boolean {
  if (principal !== asker.principal && principal !== WILDCARD_PRINCIPAL) return false;
  return host === WILDCARD || host === asker.host;
}

/** A Deny of one operation denies that one only. */
function denies(acl: Acl, operation: AclOperation): boolean {
  if (acl.permissionType !== permissionCodes.DENY) return false;
  return acl.operation === ALL_OPERATIONS || acl.operation === operationCodes[operation];
}

function grants(acl: Acl, operation: AclOperation): boolean {
  if (grantsItself(acl, operation)) return true;
  if (acl.permissionType !== permissionCodes.ALLOW) return false;
  if (operation === 'DESCRIBE') return IMPLY_DESCRIBE.has(acl.operation);
  return operation === 'DESCRIBE_CONFIGS' && IMPLY_DESCRIBE_CONFIGS.has(acl.operation);
}

/** An Allow of this very operation, or of all. */
function grantsItself(acl: Acl, operation: AclOperation): boolean {
  if (acl.permissionType !== permissionCodes.ALLOW) return false;
  return acl.operation === ALL_OPERATIONS || acl.operation === operationCodes[operation];
}

/**
 * Whether every resource that the ACL allows is denied: for a literal name by itself or a prefix, for a
 * prefix by a shorter one.
 */
function isTakenBack(allowing: Acl, denied: readonly Acl[]): boolean {
  return denied.some((acl) => {
    if (isLiteral(acl)) return isLiteral(allowing) && acl.resourceName === allowing.resourceName;
    return !isForEveryName(allowing) && allowing.resourceName.startsWith(acl.resourceName);
  });
}

function isForEveryName(acl: Acl): boolean {
  return isLiteral(acl) && acl.resourceName === WILDCARD;
}

function isLiteral({ patternType }: Acl): boolean {
  return patternType === patternTypeCodes.LITERAL;
}
