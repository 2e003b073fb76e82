/**
 * A persistent map: `set` and `delete` return a new map that shares all but one path with the old one, so
 * that an image of ten thousand topics changes in microseconds and every older image stays whole. A hash
 * array mapped trie of 32-way nodes. The order of iteration depends on the keys alone, not on the history:
 * equal maps iterate equally.
 */
export class ImmutableMap<Key extends string | number, Value> implements Iterable<readonly [Key, Value]> {
  readonly #root: Node<Key, Value> | undefined;
  readonly size: number;

  private constructor(root: Node<Key, Value> | undefined, size: number) {
    this.#root = root;
    this.size = size;
  }

  static empty<Key extends string | number, Value>(): ImmutableMap<Key, Value> {
    return new ImmutableMap<Key, Value>(undefined, 0);
  }

  static from<Key extends string | number, Value>(
    entries: Iterable<readonly [Key, Value]>,
  ): ImmutableMap<Key, Value> {
    let map = ImmutableMap.empty<Key, Value>();
    for (const [key, value] of entries) map = map.set(key, value);
    return map;
  }

  get(key: Key): Value | undefined {
    const hash = hashOf(key);
    let node = this.#root;
    let shift = 0;
    while (node && 'bitmap' in node) {
      const bit = 1 << ((hash >>> shift) & 31);
      if ((node.bitmap & bit) === 0) return undefined;
      node = node.children[ones(node.bitmap & (bit - 1))];
      shift += BITS;
    }
    if (!node || node.hash !== hash) return undefined;
    return node.entries.find((entry) => entry[0] === key)?.[1];
  }

  has(key: Key): boolean {
    return this.get(key) !== undefined;
  }

  set(key: Key, value: Value): ImmutableMap<Key, Value> {
    const hash = hashOf(key);
    const grown = { by: 0 };
    const root = insert(this.#root, hash, 0, key, value, grown);
    return new ImmutableMap(root, this.size + grown.by);
  }

  delete(key: Key): ImmutableMap<Key, Value> {
    if (this.#root === undefined || !this.has(key)) return this;
    return new ImmutableMap(without(this.#root, hashOf(key), 0, key), this.size - 1);
  }

  *[Symbol.iterator](): IterableIterator<readonly [Key, Value]> {
    if (this.#root) yield* entriesOf(this.#root);
  }

  /**
   * What is another value here than in a map of before, each once; undefined where there is none. It takes
   * time in proportion to the difference where this map came of that one, since they share the rest.
   */
  *changesSince(before: ImmutableMap<Key, Value>): IterableIterator<Change<Key, Value>> {
    yield* changesOf(before.#root, this.#root, 0);
  }

  *keys(): IterableIterator<Key> {
    for (const [key] of this) yield key;
  }

  *values(): IterableIterator<Value> {
    for (const [, value] of this) yield value;
  }
}

/** The value of a key in an older map and in a newer one. */
interface Change<Key, Value> {
  readonly key: Key;
  readonly before: Value | undefined;
  readonly after: Value | undefined;
}

interface Branch<Key, Value> {
  readonly bitmap: number;
  readonly children: readonly Node<Key, Value>[];
}
/** All keys of one hash: nearly always one. */
interface Leaf<Key, Value> {
  readonly hash: number;
  readonly entries: readonly (readonly [Key, Value])[];
}
type Node<Key, Value> = Branch<Key, Value> | Leaf<Key, Value>;

const BITS = 5;
const WIDTH = 1 << BITS;

function insert<Key extends string | number, Value>(
  node: Node<Key, Value> | undefined,
  hash: number,
  shift: number,
  key: Key,
  value: Value,
  grown: { by: number },
): Node<Key, Value> {
  if (!node) {
    grown.by = 1;
    return { hash, entries: [[key, value]] };
  }
  if ('entries' in node) {
    if (node.hash === hash) {
      const at = node.entries.findIndex((entry) => entry[0] === key);
      if (at < 0) grown.by = 1;
      // Colliding keys are kept in their own order, so that iteration does not depend on which came first.
      const entries = [...node.entries.filter((_, i) => i !== at), [key, value] as const];
      return { hash, entries: entries.sort((a, b) => (a[0] < b[0] ? -1 : 1)) };
    }
    const lifted: Branch<Key, Value> = { bitmap: 1 << ((node.hash >>> shift) & 31), children: [node] };
    return insert(lifted, hash, shift, key, value, grown);
  }
  const bit = 1 << ((hash >>> shift) & 31);
  const at = ones(node.bitmap & (bit - 1));
  const children = [...node.children];
  if ((node.bitmap & bit) === 0) {
    grown.by = 1;
    children.splice(at, 0, { hash, entries: [[key, value]] });
    return { bitmap: node.bitmap | bit, children };
  }
  children[at] = insert(node.children[at], hash, shift + BITS, key, value, grown);
  return { bitmap: node.bitmap, children };
}

/** The key is known to be there. */
function without<Key extends string | number, Value>(
  node: Node<Key, Value>,
  hash: number,
  shift: number,
  key: Key,
): Node<Key, Value> | undefined {
  if ('entries' in node) {
    const entries = node.entries.filter((entry) => entry[0] !== key);
    return entries.length === 0 ? undefined : { hash: node.hash, entries };
  }
  const bit = 1 << ((hash >>> shift) & 31);
  const at = ones(node.bitmap & (bit - 1));
  const child = node.children[at];
  const rest = child && without(child, hash, shift + BITS, key);
  const children = [...node.children];
  if (rest) children[at] = rest;
  else children.splice(at, 1);
  if (children.length === 0) return undefined;
  const only = children[0];
  // A lone leaf moves up, so that the shape is the one that insertion alone would have made.
  if (children.length === 1 && only && 'entries' in only) return only;
  return { bitmap: rest ? node.bitmap : node.bitmap & ~bit, children };
}

function* entriesOf<Key, Value>(node: Node<Key, Value>): IterableIterator<readonly [Key, Value]> {
  if ('entries' in node) yield* node.entries;
  else for (const child of node.children) yield* entriesOf(child);
}

function* changesOf<Key, Value>(
  before: Node<Key, Value> | undefined,
  after: Node<Key, Value> | undefined,
  shift: number,
): IterableIterator<Change<Key, Value>> {
  if (before === after) return;
  if (before && after && !('entries' in before && 'entries' in after)) {
    const bits = bitsOf(before, shift) | bitsOf(after, shift);
    for (let place = 0; place < WIDTH; place++)
      if (bits & (1 << place))
        yield* changesOf(childAt(before, place, shift), childAt(after, place, shift), shift + BITS);
    return;
  }
  const known = new Map(before ? entriesOf(before) : []);
  for (const [key, value] of after ? entriesOf(after) : []) {
    const former = known.get(key);
    known.delete(key);
    if (former !== value) yield { key, before: former, after: value };
  }
  for (const [key, value] of known) yield { key, before: value, after: undefined };
}

/** The places in which a node has something; a leaf stands for the branch that it would be alone in. */
function bitsOf<Key, Value>(node: Node<Key, Value>, shift: number): number {
  return 'entries' in node ? 1 << ((node.hash >>> shift) & 31) : node.bitmap;
}

function childAt<Key, Value>(
  node: Node<Key, Value>,
  place: number,
  shift: number,
): Node<Key, Value> | undefined {
  const bit = 1 << place;
  if ((bitsOf(node, shift) & bit) === 0) return undefined;
  return 'entries' in node ? node : node.children[ones(node.bitmap & (bit - 1))];
}

function ones(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return (((n + (n >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/** FNV-1a over the characters, then a final mix so that short keys spread over the upper bits too. */
function hashOf(key: string | number): number {
  let hash = 0x811c9dc5;
  if (typeof key === 'number') hash ^= key | 0;
  else for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
