import { type Acl, patternTypeCodes, WILDCARD, WILDCARD_PRINCIPAL } from './acl.ts';

/** All ACLs of a cluster, found by the resource that is asked about, or by whom they are about. */
export class AclIndex {
  readonly #literal = new SetsByKey<Acl>();
  readonly #prefixed = new SetsByKey<Acl>();
  readonly #byPrincipal = new SetsByKey<Acl>();
  /** By resource type, the lengths of the prefixes that there are. */
  readonly #prefixLengths = new Map<number, PrefixLengths>();

  constructor(acls: Iterable<Acl>) {
    for (const acl of acls) this.add(acl);
  }

  add(acl: Acl): void {
    const { resourceType, resourceName, principal } = acl;
    this.#byPrincipal.add(keyOf(resourceType, principal), acl);
    if (!isPrefix(acl)) {
      this.#literal.add(keyOf(resourceType, resourceName), acl);
      return;
    }
    this.#prefixed.add(keyOf(resourceType, resourceName), acl);
    const lengths = this.#prefixLengths.get(resourceType) ?? new PrefixLengths();
    this.#prefixLengths.set(resourceType, lengths);
    lengths.add(resourceName.length);
  }

  /** `acl` is the very object that was added. */
  delete(acl: Acl): void {
    const { resourceType, resourceName, principal } = acl;
    if (!this.#byPrincipal.delete(keyOf(resourceType, principal), acl)) return;
    const byName = isPrefix(acl) ? this.#prefixed : this.#literal;
    byName.delete(keyOf(resourceType, resourceName), acl);
    if (isPrefix(acl)) this.#prefixLengths.get(resourceType)?.delete(resourceName.length);
  }

  /**
   * Every ACL that applies to this resource, whomever it is about: for its name, for a prefix of it, or for
   * all names.
   */
  *applyingTo(resourceType: number, name: string): IterableIterator<Acl> {
    yield* this.#literal.get(keyOf(resourceType, name));
    if (name !== WILDCARD) yield* this.#literal.get(keyOf(resourceType, WILDCARD));
    for (const length of this.#prefixLengths.get(resourceType)?.sorted ?? []) {
      if (length > name.length) break;
      yield* this.#prefixed.get(keyOf(resourceType, name.slice(0, length)));
    }
  }

  /** Every ACL for resources of this type that is about the principal, or about everybody. */
  *about(resourceType: number, principal: string): IterableIterator<Acl> {
    yield* this.#byPrincipal.get(keyOf(resourceType, principal));
    if (principal !== WILDCARD_PRINCIPAL)
      yield* this.#byPrincipal.get(keyOf(resourceType, WILDCARD_PRINCIPAL));
  }

  /** Whether an ACL, whomever it is about, is for all names of the type. */
  hasForEveryName(resourceType: number): boolean {
    return this.#literal.get(keyOf(resourceType, WILDCARD)).size > 0;
  }
}

const NOTHING: ReadonlySet<never> = new Set();

class SetsByKey<Value> {
  readonly #sets = new Map<string, Set<Value>>();

  get(key: string): ReadonlySet<Value> {
    return this.#sets.get(key) ?? NOTHING;
  }

  add(key: string, value: Value): void {
    const known = this.#sets.get(key);
    if (known) known.add(value);
    else this.#sets.set(key, new Set([value]));
  }

  delete(key: string, value: Value): boolean {
    const known = this.#sets.get(key);
    if (!known?.delete(value)) return false;
    if (known.size === 0) this.#sets.delete(key);
    return true;
  }
}

/** How long the prefixes of a resource type are, the shortest first, and how many ACLs have each length. */
class PrefixLengths {
  sorted: readonly number[] = [];
  readonly #counts = new Map<number, number>();

  add(length: number): void {
    const count = this.#counts.get(length) ?? 0;
    this.#counts.set(length, count + 1);
    if (count === 0) this.sorted = [...this.sorted, length].sort((a, b) => a - b);
  }

  delete(length: number): void {
    const count = (this.#counts.get(length) ?? 0) - 1;
    if (count > 0) {
      this.#counts.set(length, count);
      return;
    }
    this.#counts.delete(length);
    this.sorted = this.sorted.filter((other) => other !== length);
  }
}

function isPrefix({ patternType }: Acl): boolean {
  return patternType === patternTypeCodes.PREFIXED;
}

function keyOf(resourceType: number, name: string): string {
  return `${resourceType}:${name}`;
}
