import { isApiError } from '../../control/aws/api-error.ts';
import type { StateInfo } from '../../control/aws/state-info.ts';
import type { ConnectStore } from '../state/connect-store.ts';
import type { Connector } from '../state/connector.ts';

/** One connector in the store, which its runner changes where nobody else has since it was read. */
export class ConnectorEntry {
  readonly #store: ConnectStore;
  readonly #arn: string;

  constructor(store: ConnectStore, arn: string) {
    this.#store = store;
    this.#arn = arn;
  }

  /** Null once it is removed. */
  read(): Connector | null {
    const connector = this.#store.state.connectors.get(this.#arn);
    return isApiError(connector) ? null : connector;
  }

  /** It is FAILED for good. Throws StoreError. */
  fail(seen: Connector, code: string, message: string, more: Partial<Connector> = {}): void {
    this.change(seen, { ...more, state: 'FAILED', stateInfo: { code, message } });
  }

  /** It is not what it should be, and goes on trying. Throws StoreError. */
  note(seen: Connector, stateInfo: StateInfo): void {
    if (seen.state === 'FAILED' && seen.stateInfo?.message === stateInfo.message) return;
    this.change(seen, { ...(seen.hasRun ? { state: 'FAILED' } : {}), stateInfo });
  }

  /** Throws StoreError. */
  change(seen: Connector, change: Partial<Connector>): void {
    this.#store.execute((state) => {
      const connector = state.connectors.get(this.#arn);
      // What was asked for meanwhile is looked at first.
      if (isApiError(connector) || connector.revision !== seen.revision) return { records: [], answer: null };
      return { records: [{ type: 'ConnectorRecord', connector: { ...connector, ...change } }], answer: null };
    });
  }

  /** Its tasks have written or read these, among others. Throws StoreError. */
  usesTopics(topics: ReadonlySet<string>): void {
    this.#changeTopics((known) => new Set([...known, ...topics]));
  }

  /** Throws StoreError. */
  forgetTopics(): void {
    this.#changeTopics(() => new Set());
  }

  /** Throws StoreError. */
  remove(): void {
    this.#store.execute(() => ({
      records: [{ type: 'RemoveConnectorRecord', arn: this.#arn }],
      answer: null,
    }));
  }

  /** Whatever else was asked for meanwhile: they are no part of it. */
  #changeTopics(next: (known: ReadonlySet<string>) => ReadonlySet<string>): void {
    this.#store.execute((state) => {
      const connector = state.connectors.get(this.#arn);
      if (isApiError(connector)) return { records: [], answer: null };
      const known = new Set(connector.activeTopics);
      const topics = next(known);
      if (topics.size === known.size) return { records: [], answer: null };
      const changed = { ...connector, activeTopics: [...topics].sort() };
      return { records: [{ type: 'ConnectorRecord', connector: changed }], answer: null };
    });
  }
}
