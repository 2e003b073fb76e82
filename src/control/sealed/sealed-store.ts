import { join } from 'node:path';
import type { Decision } from '../../base/decision.ts';
import { ClientCas } from '../state/client-cas.ts';
import { Iam } from '../state/iam/iam.ts';
import { KmsKeys } from '../state/kms-keys.ts';
import type { ConnectorValues, KeptCa, SealedRecord } from '../state/sealed-records.ts';
import { Secrets } from '../state/secrets.ts';
import { StoreError } from '../state/store-error.ts';
import { SealedFile, writeSealed } from './sealed-file.ts';
import { type KeySource, type SecretsKey, secretsKey } from './secrets-key.ts';

const SEALED_FILE = 'secrets.sealed';

/**
 * The file is written whole at each change, so this bounds what a change costs: thousands of user names with
 * their passwords.
 */
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * What is sealed, as it is now: secrets, the keys of KMS that they name, passwords of connectors, the CA of
 * brokers and those of clients, IAM's users with their keys.
 */
export interface SealedState {
  readonly secrets: Secrets;
  readonly keys: KmsKeys;
  readonly clientCas: ClientCas;
  readonly iam: Iam;
  /** By the connector's uuid. */
  readonly connectorValues: Map<string, ConnectorValues>;
  ca: KeptCa | null;
}

/**
 * The state machine of secrets with its store. The store keeps the state and no history, so that what is
 * deleted is gone with the next byte that is written. A command is one new file, synced and renamed into
 * place before its records are replayed.
 */
export class SealedStore {
  readonly #path: string;
  readonly #key: SecretsKey;
  readonly #listeners: ((record: SealedRecord) => void)[] = [];
  #records: ReadonlyMap<string, SealedRecord> = new Map();
  #state: SealedState = stateOf([]);

  private constructor(path: string, key: SecretsKey) {
    this.#path = path;
    this.#key = key;
  }

  /** Makes the key file when there is none yet. Throws StoreError. */
  static open(folder: string, source?: KeySource): SealedStore {
    const path = join(folder, SEALED_FILE);
    const file = SealedFile.read(path);
    const store = new SealedStore(path, secretsKey(folder, source, file?.header ?? null));
    if (file) store.#adopt(parseRecords(file.open(store.#key)));
    return store;
  }

  get secrets(): Secrets {
    return this.#state.secrets;
  }

  get keys(): KmsKeys {
    return this.#state.keys;
  }

  get clientCas(): ClientCas {
    return this.#state.clientCas;
  }

  get iam(): Iam {
    return this.#state.iam;
  }

  /** By the connector's uuid. */
  get connectorValues(): ReadonlyMap<string, ConnectorValues> {
    return this.#state.connectorValues;
  }

  /** The CA of this installation; null until it is needed. */
  get ca(): KeptCa | null {
    return this.#state.ca;
  }

  /** Throws StoreError, and nothing has changed then. */
  execute<Answer>(decide: (state: SealedState) => Decision<SealedRecord, Answer>): Answer {
    const { records, answer } = decide(this.#state);
    if (records.length === 0) return answer;
    const next = new Map(this.#records);
    for (const record of records) apply(next, record);
    const text = JSON.stringify([...next.values()]);
    if (text.length > MOST_BYTES)
      throw new StoreError('FULL', `All secrets together may have ${MOST_BYTES} bytes.`);
    this.#write(text);
    this.#records = next;
    for (const record of records) {
      replay(this.#state, record);
      for (const listener of this.#listeners) listener(record);
    }
    return answer;
  }

  /** Told of every record once it is stored and replayed. */
  onRecord(listener: (record: SealedRecord) => void): void {
    this.#listeners.push(listener);
  }

  #adopt(records: readonly SealedRecord[]): void {
    const kept = new Map<string, SealedRecord>();
    for (const record of records) apply(kept, record);
    this.#records = kept;
    this.#state = stateOf(records);
  }

  #write(text: string): void {
    try {
      writeSealed(this.#path, text, this.#key);
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause)) throw cause;
      throw new StoreError(
        'NOT_STORED',
        `Nothing can be stored in ${this.#path} now (${String(cause.code)}). What was asked for did not happen.`,
        { cause },
      );
    }
  }
}

function stateOf(records: readonly SealedRecord[]): SealedState {
  const state: SealedState = {
    secrets: new Secrets(),
    keys: new KmsKeys(),
    clientCas: new ClientCas(),
    iam: new Iam(),
    connectorValues: new Map(),
    ca: null,
  };
  for (const record of records) replay(state, record);
  return state;
}

function replay(state: SealedState, record: SealedRecord): void {
  switch (record.type) {
    case 'SecretRecord':
    case 'RemoveSecretRecord':
      state.secrets.replay(record);
      return;
    case 'KmsKeyRecord':
    case 'RemoveKmsKeyRecord':
      state.keys.replay(record);
      return;
    case 'ClientCaRecord':
    case 'RemoveClientCaRecord':
      state.clientCas.replay(record);
      return;
    case 'ConnectorValuesRecord':
      state.connectorValues.set(record.uuid, record.values);
      return;
    case 'RemoveConnectorValuesRecord':
      state.connectorValues.delete(record.uuid);
      return;
    case 'IdentityRecord':
    case 'RemoveIdentityRecord':
    case 'IamTokenKeyRecord':
      state.iam.replay(record);
      return;
    case 'CaRecord':
      state.ca = record.ca;
      return;
  }
}

/** The last record of a thing is its whole state. */
function apply(kept: Map<string, SealedRecord>, record: SealedRecord): void {
  switch (record.type) {
    case 'SecretRecord':
      kept.set(record.secret.arn, record);
      return;
    case 'RemoveSecretRecord':
      kept.delete(record.arn);
      return;
    case 'KmsKeyRecord':
      kept.set(record.key.arn, record);
      return;
    case 'RemoveKmsKeyRecord':
    case 'RemoveClientCaRecord':
    case 'RemoveIdentityRecord':
      kept.delete(record.arn);
      return;
    case 'ClientCaRecord':
      kept.set(record.ca.arn, record);
      return;
    case 'ConnectorValuesRecord':
      kept.set(`connector ${record.uuid}`, record);
      return;
    case 'RemoveConnectorValuesRecord':
      kept.delete(`connector ${record.uuid}`);
      return;
    case 'IdentityRecord':
      kept.set(record.identity.arn, record);
      return;
    case 'IamTokenKeyRecord':
      kept.set('iam token key', record);
      return;
    case 'CaRecord':
      kept.set('ca', record);
      return;
  }
}

/** The text was written by us and not changed since; what is checked is that it is a list of records. */
function parseRecords(text: string): SealedRecord[] {
  const records: unknown = JSON.parse(text);
  if (!Array.isArray(records) || !records.every(isRecord))
    throw new StoreError('NOT_STORED', `${SEALED_FILE} holds something else than secrets.`);
  return records;
}

const TYPES: Record<SealedRecord['type'], true> = {
  SecretRecord: true,
  RemoveSecretRecord: true,
  KmsKeyRecord: true,
  RemoveKmsKeyRecord: true,
  ClientCaRecord: true,
  RemoveClientCaRecord: true,
  ConnectorValuesRecord: true,
  RemoveConnectorValuesRecord: true,
  IdentityRecord: true,
  RemoveIdentityRecord: true,
  IamTokenKeyRecord: true,
  CaRecord: true,
};

function isRecord(value: unknown): value is SealedRecord {
  return typeof value === 'object' && value !== null && 'type' in value && String(value.type) in TYPES;
}
