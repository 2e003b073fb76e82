import { below, type Random } from '../../src/base/random.ts';

/**
 * By key, the events that must be captured, in this order: `r 1`, `c 5`, `u 5 9`, `d 9`, and `-` for a
 * tombstone; numbers are versions.
 */
export type Events = Map<number, string[]>;

/** The records of one change of the database, by key: an update of a key makes three. */
export type Change = readonly (readonly [key: number, event: string])[];

/**
 * The name of a row with this version: it has a letter that is not ASCII, and a character that JSON escapes.
 */
const nameOf = (version: number) => `Zoë "${version}"`;
/** The most statements of a transaction. */
const MOST_STATEMENTS = 20;
/** One transaction in this many is rolled back. */
const ROLLED_BACK = 12;

export const TABLE = 'items';
export const COLUMNS = 'id int PRIMARY KEY, version int NOT NULL, name text NOT NULL, amount numeric(10,2)';
/** Each row as a line that can be compared with the capture. */
export const ALL_ROWS = `SELECT concat_ws('|', id, version, name, amount) FROM ${TABLE};`;

/**
 * Random changes of rows: the statements that a writer sends, and what must be captured of them. Every change
 * has its own version.
 */
export class History {
  readonly events: Events = new Map();
  /** The changes that make more than one record, in order. */
  readonly compound: Change[] = [];
  readonly counts = { inserted: 0, updated: 0, deleted: 0, moved: 0, rolledBack: 0 };
  readonly #random: Random;
  /** The current version of each key. */
  readonly #rows = new Map<number, number>();
  /** The keys, from which one is chosen. */
  readonly #keys: number[] = [];
  #version = 0;
  #nextKey = 1;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The version of the newest change. */
  get version(): number {
    return this.#version;
  }

  get changes(): number {
    const { inserted, updated, deleted, moved } = this.counts;
    return inserted + updated + deleted + moved;
  }

  /** Inserts rows before anything is captured. */
  snapshot(rows: number): string {
    return Array.from({ length: rows }, () => this.#insert('r')).join('\n');
  }

  transaction(): string {
    if (below(this.#random, ROLLED_BACK) === 0) {
      this.counts.rolledBack++;
      return `BEGIN; UPDATE ${TABLE} SET version = -1 WHERE id % 97 = 0; DELETE FROM ${TABLE} WHERE id % 89 = 0; ROLLBACK;`;
    }
    const statements = Array.from({ length: 1 + below(this.#random, MOST_STATEMENTS) }, () => this.#change());
    return `BEGIN; ${statements.join('\n')} COMMIT;`;
  }

  /** Inserts one more row, with the newest version: once it is captured, everything is. */
  end(): string {
    return this.#insert('c');
  }

  #change(): string {
    const kind = below(this.#random, 100);
    if (kind < 40 || this.#keys.length === 0) return this.#insert('c');
    if (kind < 80) return this.#update();
    return kind < 93 ? this.#delete() : this.#move();
  }

  #insert(op: 'c' | 'r'): string {
    const key = this.#nextKey++;
    const version = ++this.#version;
    if (op === 'c') this.counts.inserted++;
    this.#there(key, version);
    this.#expect([[key, `${op} ${version}`]]);
    return `INSERT INTO ${TABLE} VALUES (${key}, ${version}, '${nameOf(version)}', ${amountOf(version)});`;
  }

  #update(): string {
    const key = this.#anyKey();
    const version = ++this.#version;
    this.counts.updated++;
    this.#expect([[key, `u ${this.#rows.get(key)} ${version}`]]);
    this.#rows.set(key, version);
    return `UPDATE ${TABLE} SET ${set(version)} WHERE id = ${key};`;
  }

  #delete(): string {
    const key = this.#anyKey();
    this.counts.deleted++;
    this.#expect([
      [key, `d ${this.#rows.get(key)}`],
      [key, '-'],
    ]);
    this.#gone(key);
    return `DELETE FROM ${TABLE} WHERE id = ${key};`;
  }

  /** A change of the key is a deletion of the old row and a new row. */
  #move(): string {
    const from = this.#anyKey();
    const to = this.#nextKey++;
    const version = ++this.#version;
    this.counts.moved++;
    this.#expect([
      [from, `d ${this.#rows.get(from)}`],
      [from, '-'],
      [to, `c ${version}`],
    ]);
    this.#gone(from);
    this.#there(to, version);
    return `UPDATE ${TABLE} SET id = ${to}, ${set(version)} WHERE id = ${from};`;
  }

  #expect(change: Change): void {
    for (const [key, event] of change) {
      const of = this.events.get(key);
      if (of) of.push(event);
      else this.events.set(key, [event]);
    }
    if (change.length > 1) this.compound.push(change);
  }

  #anyKey(): number {
    return this.#keys[below(this.#random, this.#keys.length)] ?? 0;
  }

  #there(key: number, version: number): void {
    this.#keys.push(key);
    this.#rows.set(key, version);
  }

  #gone(key: number): void {
    const last = this.#keys.pop();
    const at = this.#keys.indexOf(key);
    if (at >= 0 && last !== undefined) this.#keys[at] = last;
    this.#rows.delete(key);
  }
}

const amountOf = (version: number) => (version / 100).toFixed(2);
const set = (version: number) =>
  `version = ${version}, name = '${nameOf(version)}', amount = ${amountOf(version)}`;
