/**
 * A flag of a query as Kafka Connect reads it, by Java's Boolean.valueOf: `true` in any case of its letters,
 * as Python writes it, and no by every other text. `otherwise`: where it is not named, or named without one.
 */
export function queryFlag(query: string, name: string, otherwise: boolean): boolean {
  const said = new URLSearchParams(query).get(name);
  return said === null || said === '' ? otherwise : said.toLowerCase() === 'true';
}
