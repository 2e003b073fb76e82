import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Decision } from '../../control/state/decision.ts';
import { StoreError } from '../../control/state/store.ts';
import { ConnectState } from './connect-state.ts';
import type { ConnectRecord } from './records.ts';

/** Raised with every change that an older Millrace would misread. */
const STORE_VERSION = 1;
/** A history longer than this, and than twice the shortest one that gives the same state, is replaced by that one. */
const LONGEST_HISTORY = 2_000;
const FILE = 'connect.db';

/**
 * Connect's state machine with its history in SQLite, in a folder of its own. A command is one transaction, synced to the device
 * before its records are replayed.
 */
export class ConnectStore {
  readonly state = new ConnectState();
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #listeners: ((record: ConnectRecord) => void)[] = [];
  /** Of the history in the database. */
  #length = 0;

  private constructor(file: string, database: DatabaseSync) {
    this.#file = file;
    this.#database = database;
  }

  /** Makes the folder when it is not there. Throws StoreError. */
  static open(folder: string): ConnectStore {
    const file = join(folder, FILE);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const database = new DatabaseSync(file);
      database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL');
      const version = Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
      if (version > STORE_VERSION)
        throw new Error(`it was written by a newer Millrace, with version ${version} of the store`);
      if (version === 0)
        database.exec(
          `BEGIN; CREATE TABLE records (position INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
           PRAGMA user_version = ${STORE_VERSION}; COMMIT`,
        );
      const store = new ConnectStore(file, database);
      store.#load();
      return store;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new StoreError(
        `${file} cannot be read (${error.message}): put a copy of it back, or move it away.`,
        {
          cause: error,
        },
      );
    }
  }

  /** Throws StoreError, and nothing has changed then. */
  execute<Answer>(decide: (state: ConnectState) => Decision<ConnectRecord, Answer>): Answer {
    const { records, answer } = decide(this.state);
    if (records.length === 0) return answer;
    this.#transaction(() => this.#append(records));
    this.#length += records.length;
    for (const record of records) this.state.replay(record);
    this.#shorten();
    for (const record of records) for (const listener of this.#listeners) listener(record);
    return answer;
  }

  /** Told of every record once it is stored and replayed. */
  onRecord(listener: (record: ConnectRecord) => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#database.close();
  }

  #load(): void {
    for (const row of this.#database.prepare('SELECT record FROM records ORDER BY position').iterate()) {
      this.state.replay(parseRecord(row.record));
      this.#length++;
    }
  }

  #shorten(): void {
    if (this.#length <= LONGEST_HISTORY) return;
    const shortest = this.state.records();
    if (this.#length <= 2 * shortest.length) return;
    try {
      this.#transaction(() => {
        this.#database.exec('DELETE FROM records');
        this.#append(shortest);
      });
      this.#length = shortest.length;
    } catch (error) {
      // What is stored is whole either way: a disk that has no room for it now may have later.
      if (!(error instanceof StoreError)) throw error;
    }
  }

  #append(records: readonly ConnectRecord[]): void {
    const insert = this.#database.prepare('INSERT INTO records (record) VALUES (?)');
    for (const record of records) insert.run(JSON.stringify(record));
  }

  #transaction(run: () => void): void {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      run();
      this.#database.exec('COMMIT');
    } catch (error) {
      // A full disk may have rolled it back already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      if (!(error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR')) throw error;
      throw new StoreError(
        `Nothing can be stored in ${this.#file} now: ${error.message}. What was asked for did not happen.`,
        { cause: error },
      );
    }
  }
}

const RECORD_TYPES: Record<ConnectRecord['type'], true> = {
  PluginRecord: true,
  RemovePluginRecord: true,
  WorkerConfigurationRecord: true,
  RemoveWorkerConfigurationRecord: true,
  ConnectorRecord: true,
  RemoveConnectorRecord: true,
  ConnectorOperationRecord: true,
};

/** The rows are our own, under a version we know: what is checked is that they are whole. */
function parseRecord(text: unknown): ConnectRecord {
  const record: unknown = JSON.parse(String(text));
  if (!isRecord(record)) throw new Error(`it holds a record that is none: ${String(text).slice(0, 80)}`);
  return record;
}

function isRecord(value: unknown): value is ConnectRecord {
  return typeof value === 'object' && value !== null && 'type' in value && String(value.type) in RECORD_TYPES;
}
