import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Clusters } from './clusters.ts';
import type { Decision } from './decision.ts';
import type { ControlRecord } from './records.ts';

/** Raised with every change that an older Millrace would misread. */
const STORE_VERSION = 2;

/** At start, a history longer than this is replaced by the shortest one that gives the same state. */
const LONGEST_HISTORY = 1_000;

/** The folder was written by a release that came after this one. */
export class NewerStoreError extends Error {
  constructor(folder: string, version: number) {
    super(
      `The data folder ${folder} was written by a newer Millrace (its store has version ${version}, this release knows ${STORE_VERSION}): ` +
        'update Millrace, or choose another folder with --data.',
    );
  }
}

/**
 * The control plane's state machine with its history in SQLite. A command is one transaction, synced to the device before the
 * records are replayed, so that whoever sees a state sees one that a crash leaves standing.
 */
export class Store {
  readonly clusters = new Clusters();
  readonly #database: DatabaseSync;
  readonly #listeners: ((record: ControlRecord) => void)[] = [];

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  static open(folder: string): Store {
    const database = new DatabaseSync(join(folder, 'control.db'));
    try {
      database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL');
      const version = readVersion(database);
      if (version > STORE_VERSION) throw new NewerStoreError(folder, version);
      const store = new Store(database);
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

  execute<Answer>(decide: (clusters: Clusters) => Decision<ControlRecord, Answer>): Answer {
    const { records, answer } = decide(this.clusters);
    if (records.length > 0) {
      this.#transaction(() => this.#append(records));
      for (const record of records) this.clusters.replay(record);
      for (const record of records) for (const listener of this.#listeners) listener(record);
    }
    return answer;
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
    let length = 0;
    for (const row of this.#database.prepare('SELECT record FROM records ORDER BY position').iterate()) {
      this.clusters.replay(parseRecord(row.record));
      length++;
    }
    if (length <= LONGEST_HISTORY) return;
    this.#transaction(() => {
      this.#database.exec('DELETE FROM records');
      this.#append(this.clusters.records());
    });
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

function readVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}

const RECORD_TYPES: Record<ControlRecord['type'], true> = {
  ClusterRecord: true,
  ClusterStepRecord: true,
  ClusterStateRecord: true,
  OperationRecord: true,
  RemoveClusterRecord: true,
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
