import { type Acl, patternTypeCodes, WILDCARD } from './acl.ts';

/** All ACLs of a cluster, found by the resource that is asked about. Immutable. */
export class AclIndex {
  readonly size: number;
  readonly #literal = new Map<string, Acl[]>();
  readonly #prefixed = new Map<string, Acl[]>();
  /** By resource type, the lengths of the prefixes that there are, the shortest first. */
  readonly #prefixLengths = new Map<number, number[]>();

  constructor(acls: Iterable<Acl>) {
    let size = 0;
    for (const acl of acls) {
      size++;
      const isPrefix = acl.patternType === patternTypeCodes.PREFIXED;
      const byName = isPrefix ? this.#prefixed : this.#literal;
      const key = keyOf(acl.resourceType, acl.resourceName);
      const known = byName.get(key);
      if (known) known.push(acl);
      else byName.set(key, [acl]);
      if (isPrefix) this.#addLength(acl.resourceType, acl.resourceName.length);
    }
    this.size = size;
  }

  /**
   * Every ACL that applies to this resource, whomever it is about: for its name, for a prefix of it, or for
   * all names.
   */
  *applyingTo(resourceType: number, name: string): IterableIterator<Acl> {
    yield* this.#literal.get(keyOf(resourceType, name)) ?? [];
    if (name !== WILDCARD) yield* this.#literal.get(keyOf(resourceType, WILDCARD)) ?? [];
    for (const length of this.#prefixLengths.get(resourceType) ?? []) {
      if (length > name.length) break;
      yield* this.#prefixed.get(keyOf(resourceType, name.slice(0, length))) ?? [];
    }
  }

  /** Every ACL for resources of this type. */
  *ofType(resourceType: number): IterableIterator<Acl> {
    for (const byName of [this.#literal, this.#prefixed])
      for (const acls of byName.values()) if (acls[0]?.resourceType === resourceType) yield* acls;
  }

  #addLength(resourceType: number, length: number): void {
    const lengths = this.#prefixLengths.get(resourceType) ?? [];
    if (lengths.includes(length)) return;
    lengths.push(length);
    lengths.sort((a, b) => a - b);
    this.#prefixLengths.set(resourceType, lengths);
  }
}

function keyOf(resourceType: number, name: string): string {
  return `${resourceType}:${name}`;
}
