/**
 * The items that are there more than once. A request may have a million of them: to look for each among all
 * others would take hours.
 */
export function repeated<Item>(items: Iterable<Item>): ReadonlySet<Item> {
  const seen = new Set<Item>();
  const twice = new Set<Item>();
  for (const item of items) {
    if (seen.has(item)) twice.add(item);
    else seen.add(item);
  }
  return twice;
}
