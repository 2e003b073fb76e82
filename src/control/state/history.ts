import { DatabaseSync } from 'node:sqlite';
import { StoreError } from './store-error.ts';

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const DAMAGED = [11, 26];

/** The file was written by a release that came after this one. */
export class NewerHistoryError extends Error {
  readonly version: number;
  constructor(version: number) {
    super(`it was written by a newer Millrace, with version ${version} of the store`);
    this.version = version;
  }
}

export interface HistoryOptions<Kind extends string> {
  /** Raised with every change that an older Millrace would misread. */
  readonly version: number;
  /**
   * A history longer than this, and than twice the shortest one that gives the same state, is replaced by
   * that one.
   */
  readonly longest: number;
  readonly types: Readonly<Record<Kind, true>>;
  /** What helps when the file is damaged, after "cannot be read: ". */
  readonly wayOut: string;
}

/**
 * The records of a state machine, in their order, in a SQLite file: each append is one transaction, synced to
 * the device.
 */
export class History<Entry extends { readonly type: string }> {
  readonly #file: string;
  readonly #options: HistoryOptions<Entry['type']>;
  readonly #database: DatabaseSync;
  #length = 0;
  /**
   * Nothing is in the write-ahead log that its own file alone has. Otherwise a sync of it may have failed in
   * a process that was killed then, or just now: it may show what the device has not, no later sync brings
   * that there, and what is committed after it would be lost with it in a power loss.
   */
  #isSettled = false;

  private constructor(file: string, database: DatabaseSync, options: HistoryOptions<Entry['type']>) {
    this.#file = file;
    this.#database = database;
    this.#options = options;
  }

  /**
   * Makes the file when it is not there, and gives `replay` every record that it has. Throws
   * NewerHistoryError and StoreError.
   */
  static open<Entry extends { readonly type: string }>(
    file: string,
    options: HistoryOptions<Entry['type']>,
    replay: (record: Entry) => void,
  ): History<Entry> {
    try {
      const database = new DatabaseSync(file);
      try {
        const history = new History<Entry>(file, database, options);
        history.#load(replay);
        return history;
      } catch (error) {
        database.close();
        throw error;
      }
    } catch (error) {
      if (error instanceof NewerHistoryError || !(error instanceof Error)) throw error;
      const isDamaged =
        !isSqliteError(error) || DAMAGED.includes(Number('errcode' in error && error.errcode));
      const wayOut = isDamaged
        ? options.wayOut
        : 'see that its disk has room and that this user may write there';
      throw new StoreError('NOT_STORED', `${file} cannot be read (${error.message}): ${wayOut}.`, {
        cause: error,
      });
    }
  }

  /** Throws StoreError, and nothing is stored then. */
  append(records: readonly Entry[]): void {
    try {
      this.#transaction(() => this.#insert(records));
    } catch (error) {
      if (!isSqliteError(error)) throw error;
      throw new StoreError(
        'NOT_STORED',
        `Nothing can be stored in ${this.#file} now: ${error.message}. What was asked for did not happen.`,
        { cause: error },
      );
    }
    this.#length += records.length;
  }

  /**
   * To be called after an append was replayed. `shortest` gives the same state; what is stored is whole,
   * whether there is room for it or not.
   */
  shorten(shortest: () => readonly Entry[]): void {
    if (this.#length <= this.#options.longest) return;
    const records = shortest();
    if (this.#length <= 2 * records.length) return;
    try {
      this.#transaction(() => {
        this.#database.exec('DELETE FROM records');
        this.#insert(records);
      });
      this.#length = records.length;
    } catch (error) {
      if (!isSqliteError(error)) throw error;
    }
  }

  /**
   * Leaves nothing in the file but these, not even in pages that are not in use. Throws StoreError, and all
   * is as it was then.
   */
  forgetAllBut(records: readonly Entry[]): void {
    try {
      this.#transaction(() => {
        this.#database.exec('DELETE FROM records');
        this.#insert(records);
      });
      this.#length = records.length;
      this.#database.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
    } catch (error) {
      if (!isSqliteError(error)) throw error;
      throw new StoreError('NOT_STORED', `${this.#file} cannot be written anew now: ${error.message}.`, {
        cause: error,
      });
    }
  }

  close(): void {
    this.#database.close();
  }

  #load(replay: (record: Entry) => void): void {
    const database = this.#database;
    const known = this.#options.version;
    database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL');
    const version = Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
    if (version > known) throw new NewerHistoryError(version);
    if (version === 0)
      this.#transaction(() => {
        database.exec('CREATE TABLE records (position INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT');
        database.exec(`PRAGMA user_version = ${known}`);
      });
    for (const row of database.prepare('SELECT record FROM records ORDER BY position').iterate()) {
      replay(this.#parsed(row.record));
      this.#length++;
    }
    this.#settleIfPossible();
    // What an older Millrace wrote is read as it is; from here on there may be records that it does not know.
    if (version < known) database.exec(`PRAGMA user_version = ${known}`);
  }

  /** What is read is acted upon, so it should last; a disk that refuses keeps nobody from reading. */
  #settleIfPossible(): void {
    try {
      this.#settle();
    } catch (error) {
      // The next transaction tries again, and tells of it.
      if (!isSqliteError(error)) throw error;
    }
  }

  #insert(records: readonly Entry[]): void {
    const insert = this.#database.prepare('INSERT INTO records (record) VALUES (?)');
    for (const record of records) insert.run(JSON.stringify(record));
  }

  #transaction(run: () => void): void {
    if (!this.#isSettled) this.#settle();
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      run();
      this.#database.exec('COMMIT');
    } catch (error) {
      // A full disk may have rolled it back already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#isSettled = false;
      throw error;
    }
  }

  /**
   * Writes what is in the write-ahead log into the database's own file, synced, and empties the log. As long
   * as somebody else reads the file the log is not emptied, and the next transaction tries again. Throws
   * SQLite's error.
   */
  #settle(): void {
    const { busy } = this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() ?? {};
    this.#isSettled = busy === 0;
  }

  /** The rows are our own, under a version we know: what is checked is that they are whole. */
  #parsed(text: unknown): Entry {
    const record: unknown = JSON.parse(String(text));
    if (!this.#isEntry(record))
      throw new Error(`it holds a record that is none: ${String(text).slice(0, 80)}`);
    return record;
  }

  #isEntry(value: unknown): value is Entry {
    return (
      typeof value === 'object' &&
      value !== null &&
      'type' in value &&
      String(value.type) in this.#options.types
    );
  }
}

function isSqliteError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';
}
