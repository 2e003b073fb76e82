import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Clusters } from './clusters.ts';
import type { Decision } from './decision.ts';
import { type ControlRecord, clusterOf } from './records.ts';

/** Raised with every change that an older Millrace would misread. */
const STORE_VERSION = 6;

/** A history longer than this, and than twice the shortest one that gives the same state, is replaced by that one. */
const LONGEST_HISTORY = 1_000;

/** The store of a folder. */
export const STORE_FILE = 'control.db';

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const DAMAGED = [11, 26];

/** The folder was written by a release that came after this one. */
export class NewerStoreError extends Error {
  constructor(folder: string, version: number) {
    super(
      `The data folder ${folder} was written by a newer Millrace (its store has version ${version}, this release knows ${STORE_VERSION}): ` +
        'update Millrace, or choose another folder with --data.',
    );
  }
}

/** The store cannot be written (or read) now: its disk is full, or fails. What was wanted did not happen; it may be tried again. */
export class StoreError extends Error {}

/**
 * The control plane's state machine with its history in SQLite. A command is one transaction, synced to the device before the
 * records are replayed, so that whoever sees a state sees one that a crash leaves standing.
 */
export class Store {
  readonly clusters = new Clusters();
  readonly #folder: string;
  readonly #database: DatabaseSync;
  readonly #listeners: ((record: ControlRecord) => void)[] = [];
  /** Replayed and not stored yet. */
  #told: ControlRecord[] = [];
  /** Of the history in the database. */
  #length = 0;

  private constructor(folder: string, database: DatabaseSync) {
    this.#folder = folder;
    this.#database = database;
  }

  /** Throws NewerStoreError and StoreError. */
  static open(folder: string): Store {
    try {
      return Store.#open(folder);
    } catch (error) {
      if (error instanceof NewerStoreError || !(error instanceof Error)) throw error;
      const isDamaged =
        !isSqliteError(error) || DAMAGED.includes(Number('errcode' in error && error.errcode));
      const wayOut = isDamaged
        ? `put a copy of it back, or move ${folder} away and begin anew`
        : 'see that its disk has room and that this user may write there';
      throw new StoreError(`${join(folder, STORE_FILE)} cannot be read (${error.message}): ${wayOut}.`, {
        cause: error,
      });
    }
  }

  static #open(folder: string): Store {
    const database = new DatabaseSync(join(folder, STORE_FILE));
    try {
      database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL');
      const version = readVersion(database);
      if (version > STORE_VERSION) throw new NewerStoreError(folder, version);
      const store = new Store(folder, database);
      if (version === 0) store.#format();
      store.#load();
      // What an older Millrace wrote is read as it is; from here on there may be records that it does not know.
      if (version < STORE_VERSION) database.exec(`PRAGMA user_version = ${STORE_VERSION}`);
      return store;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Throws StoreError, and nothing has changed then. */
  execute<Answer>(decide: (clusters: Clusters) => Decision<ControlRecord, Answer>): Answer {
    const { records, answer } = decide(this.clusters);
    if (records.length > 0) {
      this.#write([...this.#told, ...records]);
      this.#told = [];
      this.#replay(records);
      this.#shorten();
    }
    return answer;
  }

  /**
   * For what is so, whether it can be stored or not: true for everybody at once, and stored by `flush` or the next transaction. What
   * a crash takes with it must be something that the next life finds out by itself.
   */
  tell(decide: (clusters: Clusters) => Decision<ControlRecord, null>): void {
    const { records } = decide(this.clusters);
    // Nothing else comes between, so of each cluster the last state is what counts.
    const replaced = (one: ControlRecord): boolean =>
      records.some((record) => record.type === one.type && clusterOf(record) === clusterOf(one));
    this.#told = [...this.#told.filter((one) => !replaced(one)), ...records];
    this.#replay(records);
  }

  /** Something was told and is not stored yet. */
  get isBehind(): boolean {
    return this.#told.length > 0;
  }

  /** Stores what was told. Throws StoreError. */
  flush(): void {
    if (!this.isBehind) return;
    this.#write(this.#told);
    this.#told = [];
    this.#shorten();
  }

  /** Told of every record once it is stored and replayed. */
  onRecord(listener: (record: ControlRecord) => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#database.close();
  }

  #format(): void {
    this.#transaction(() => {
      this.#database.exec('CREATE TABLE records (position INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT');
      this.#database.exec(`PRAGMA user_version = ${STORE_VERSION}`);
    });
  }

  #load(): void {
    for (const row of this.#database.prepare('SELECT record FROM records ORDER BY position').iterate()) {
      this.clusters.replay(parseRecord(row.record));
      this.#length++;
    }
    this.#shorten();
  }

  /** What is stored is whole either way: a disk that has no room for it now may have later. */
  #shorten(): void {
    if (this.#length <= LONGEST_HISTORY) return;
    const shortest = this.clusters.records();
    if (this.#length <= 2 * shortest.length) return;
    try {
      this.#transaction(() => {
        this.#database.exec('DELETE FROM records');
        this.#append(shortest);
      });
      this.#length = shortest.length;
    } catch (error) {
      if (!isSqliteError(error)) throw error;
    }
  }

  #write(records: readonly ControlRecord[]): void {
    try {
      this.#transaction(() => this.#append(records));
    } catch (error) {
      if (!isSqliteError(error)) throw error;
      throw new StoreError(
        `Nothing can be stored in ${join(this.#folder, STORE_FILE)} now: ${error.message}. What was asked for did not happen.`,
        { cause: error },
      );
    }
    this.#length += records.length;
  }

  #replay(records: readonly ControlRecord[]): void {
    for (const record of records) this.clusters.replay(record);
    for (const record of records) for (const listener of this.#listeners) listener(record);
  }

  #append(records: readonly ControlRecord[]): void {
    const insert = this.#database.prepare('INSERT INTO records (record) VALUES (?)');
    for (const record of records) insert.run(JSON.stringify(record));
  }

  #transaction(run: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      run();
      this.#database.exec('COMMIT');
    } catch (error) {
      // A full disk may have rolled it back already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function isSqliteError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';
}

function readVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}

const RECORD_TYPES: Record<ControlRecord['type'], true> = {
  ClusterRecord: true,
  ClusterStepRecord: true,
  ClusterStateRecord: true,
  OperationRecord: true,
  RemoveClusterRecord: true,
  RetiredPortsRecord: true,
  ScramRecord: true,
  ConfigurationRecord: true,
  ConfigurationRevisionRecord: true,
  RemoveConfigurationRecord: true,
};

/** The rows are our own, under a version we know: what is checked is that they are whole. */
function parseRecord(text: unknown): ControlRecord {
  const record: unknown = JSON.parse(String(text));
  if (!isRecord(record))
    throw new Error(`control.db holds a record that is none: ${String(text).slice(0, 80)}`);
  return record;
}

function isRecord(value: unknown): value is ControlRecord {
  return typeof value === 'object' && value !== null && 'type' in value && String(value.type) in RECORD_TYPES;
}
