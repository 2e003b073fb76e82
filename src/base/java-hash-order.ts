/**
 * The order in which Java's HashMap and HashSet hand out texts: that of their hashes in a table that grows
 * with them. Kafka describes configs in it. Its transforms go by it, too, where two fields get one name, and
 * so which of them stays depends on it. Beyond eight texts of one place in the table, Java orders these in a
 * tree, and we do not.
 */

/** Of a HashMap that began empty. `keys`: in the order in which they were put. */
export function hashMapOrder(keys: readonly string[]): string[] {
  let size = FIRST_SIZE;
  while (keys.length > size * LOAD) size *= 2;
  return inTable(keys, size);
}

/** Of `new HashSet<>(keys)`. */
export function hashSetOrder(keys: readonly string[]): string[] {
  let size = FIRST_SIZE;
  while (Math.trunc(keys.length / LOAD) + 1 > size) size *= 2;
  return inTable(keys, size);
}

const FIRST_SIZE = 16;
/** How full a table gets. */
const LOAD = 0.75;

function inTable(keys: readonly string[], size: number): string[] {
  const placeOf = (key: string) => {
    const hash = hashOf(key);
    return (hash ^ (hash >>> 16)) & (size - 1);
  };
  return keys
    .map((key) => ({ key, place: placeOf(key) }))
    .sort((a, b) => a.place - b.place)
    .map(({ key }) => key);
}

/** `String.hashCode`. */
function hashOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}
