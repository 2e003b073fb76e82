import { join } from 'node:path';
import type { Decision } from '../../base/decision.ts';
import { RefusedStart } from '../../base/refused.ts';
import { Clusters } from './clusters.ts';
import { History, NewerHistoryError } from './history.ts';
import { type ControlRecord, clusterOf } from './records.ts';
import { recordOf, STORE_VERSION, type StoredRecord } from './stored-records.ts';

const LONGEST_HISTORY = 1_000;

/** The store of a folder. */
export const STORE_FILE = 'control.db';

/**
 * The control plane's state machine with its history in SQLite. A command is one transaction, synced to the
 * device before the records are replayed, so that whoever sees a state sees one that a crash leaves standing.
 */
export class Store {
  readonly clusters = new Clusters();
  readonly #history: History<StoredRecord>;
  readonly #listeners: ((record: ControlRecord) => void)[] = [];
  /** Replayed and not stored yet. */
  #told: ControlRecord[] = [];

  private constructor(folder: string) {
    this.#history = History.open(
      join(folder, STORE_FILE),
      {
        version: STORE_VERSION,
        longest: LONGEST_HISTORY,
        types: RECORD_TYPES,
        wayOut: `put a copy of it back, or move ${folder} away and begin anew`,
      },
      (stored) => this.clusters.replay(recordOf(stored)),
    );
    this.#shorten();
  }

  /** Throws StoreError, and RefusedStart where a release that came after this one wrote the folder. */
  static open(folder: string): Store {
    try {
      return new Store(folder);
    } catch (error) {
      if (!(error instanceof NewerHistoryError)) throw error;
      throw new RefusedStart(
        'DATA_FOLDER',
        `The data folder ${folder} was written by a newer Millrace (its store has version ${error.version}, this release knows ${STORE_VERSION}): update Millrace, or choose another folder with --data.`,
        { cause: error },
      );
    }
  }

  /** Throws StoreError, and nothing has changed then. */
  execute<Answer>(decide: (clusters: Clusters) => Decision<ControlRecord, Answer>): Answer {
    const { records, answer } = decide(this.clusters);
    if (records.length > 0) {
      this.#history.append([...this.#told, ...records]);
      this.#told = [];
      this.#replay(records);
      this.#shorten();
    }
    return answer;
  }

  /**
   * For facts that hold whether or not they can be stored: everybody sees the record at once, and `flush` or
   * the next transaction stores it. A crash may lose it, so it must be something that the next life finds out
   * by itself.
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
    this.#history.append(this.#told);
    this.#told = [];
    this.#shorten();
  }

  /** Told of every record once it is stored and replayed. */
  onRecord(listener: (record: ControlRecord) => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#history.close();
  }

  #shorten(): void {
    this.#history.shorten(() => this.clusters.records());
  }

  #replay(records: readonly ControlRecord[]): void {
    for (const record of records) this.clusters.replay(record);
    for (const record of records) for (const listener of this.#listeners) listener(record);
  }
}

const RECORD_TYPES: Record<ControlRecord['type'], true> = {
  ClusterRecord: true,
  ClusterStepRecord: true,
  ClusterStateRecord: true,
  OperationRecord: true,
  QueuedChangeRecord: true,
  RemoveClusterRecord: true,
  RetiredPortsRecord: true,
  ScramRecord: true,
  ConfigurationRecord: true,
  ConfigurationRevisionRecord: true,
  RemoveConfigurationRecord: true,
};
