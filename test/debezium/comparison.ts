import type { Change, Events, History } from './history.ts';

export interface Comparison {
  /** Differences between what is captured and what should be, up to a limit. Empty if there are none. */
  readonly differences: readonly string[];
  /**
   * Changes whose last records are missing. Debezium gives all records of a change the position of the
   * change, so a change that is divided between two polls counts as captured after its first record
   * (debezium/dbz#2549). It can happen once at each end of a task.
   */
  readonly brokenApart: readonly Change[];
}

export function compare({ events, compound }: History, captured: Events, most = 10): Comparison {
  const broken = compound.filter((change) => isBroken(change, captured));
  const expected: Events = new Map([...events].map(([key, of]) => [key, [...of]]));
  for (const change of broken)
    for (const [key, event] of missing(change, captured)) leaveOut(expected, change, key, event);
  const differences: string[] = [];
  for (const key of new Set([...expected.keys(), ...captured.keys()])) {
    const [wanted, there] = [expected, captured].map((all) => all.get(key)?.join(', ') || 'nothing');
    if (wanted !== there && differences.length < most)
      differences.push(`key ${key}: expected ${wanted}; captured ${there}`);
  }
  return { differences, brokenApart: broken };
}

/** Its first record is there, and a later one is not. */
function isBroken(change: Change, captured: Events): boolean {
  const [first] = change;
  return first !== undefined && isThere(change, first, captured) && missing(change, captured).length > 0;
}

/** The records from the first missing one on. */
function missing(change: Change, captured: Events): Change {
  const at = change.findIndex((record) => !isThere(change, record, captured));
  return at < 0 ? [] : change.slice(at);
}

function isThere(change: Change, [key, event]: Change[number], captured: Events): boolean {
  const of = captured.get(key) ?? [];
  return event === '-' ? of[tombstoneAt(change, of)] === '-' : of.includes(event);
}

/** A tombstone has no content of its own: it must follow the deletion. */
function tombstoneAt([deletion]: Change, of: readonly string[]): number {
  return of.indexOf(deletion?.[1] ?? '') + 1;
}

function leaveOut(expected: Events, change: Change, key: number, event: string): void {
  const of = expected.get(key) ?? [];
  of.splice(event === '-' ? tombstoneAt(change, of) : of.indexOf(event), 1);
}
