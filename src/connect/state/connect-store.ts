import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Decision } from '../../base/decision.ts';
import { History, NewerHistoryError } from '../../control/state/history.ts';
import { StoreError } from '../../control/state/store-error.ts';
import { ConnectState } from './connect-state.ts';
import type { ConnectStateRecord } from './records.ts';

/** Raised with every change that an older Millrace would misread. */
const STORE_VERSION = 4;
const LONGEST_HISTORY = 2_000;
const FILE = 'connect.db';
const WAY_OUT = 'put a copy of it back, or move it away';

/**
 * Connect's state machine with its history in SQLite, in a folder of its own. A command is one transaction,
 * synced to the device before its records are replayed.
 */
export class ConnectStore {
  readonly state = new ConnectState();
  readonly #history: History<ConnectStateRecord>;
  readonly #listeners: ((record: ConnectStateRecord) => void)[] = [];

  private constructor(file: string) {
    this.#history = History.open(
      file,
      { version: STORE_VERSION, longest: LONGEST_HISTORY, types: RECORD_TYPES, wayOut: WAY_OUT },
      (record) => this.state.replay(record),
    );
  }

  /** Makes the folder when it is not there. Throws StoreError. */
  static open(folder: string): ConnectStore {
    const file = join(folder, FILE);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return new ConnectStore(file);
    } catch (error) {
      if (error instanceof StoreError || !(error instanceof Error)) throw error;
      const wayOut = error instanceof NewerHistoryError ? 'update Millrace' : WAY_OUT;
      throw new StoreError('NOT_STORED', `${file} cannot be read (${error.message}): ${wayOut}.`, {
        cause: error,
      });
    }
  }

  /** Throws StoreError, and nothing has changed then. */
  execute<Answer>(decide: (state: ConnectState) => Decision<ConnectStateRecord, Answer>): Answer {
    const { records, answer } = decide(this.state);
    if (records.length === 0) return answer;
    this.#history.append(records);
    for (const record of records) this.state.replay(record);
    this.#history.shorten(() => this.state.records());
    for (const record of records) for (const listener of this.#listeners) listener(record);
    return answer;
  }

  /** Leaves nothing in the file but what is known now. Throws StoreError. */
  forgetThePast(): void {
    this.#history.forgetAllBut(this.state.records());
  }

  /** Told of every record once it is stored and replayed. */
  onRecord(listener: (record: ConnectStateRecord) => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#history.close();
  }
}

const RECORD_TYPES: Record<ConnectStateRecord['type'], true> = {
  PluginRecord: true,
  RemovePluginRecord: true,
  WorkerConfigurationRecord: true,
  RemoveWorkerConfigurationRecord: true,
  ConnectorRecord: true,
  RemoveConnectorRecord: true,
  ConnectorOperationRecord: true,
};
