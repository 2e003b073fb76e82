import { Backoff } from '../../base/backoff.ts';
import type { World } from '../../base/world.ts';
import { isApiError } from '../aws/api-error.ts';
import type { SealedStore } from '../sealed/sealed-store.ts';
import type { Cluster } from '../state/cluster.ts';
import { clusterOf } from '../state/records.ts';
import type { Store } from '../state/store.ts';
import type { Connect } from './cluster-access.ts';
import { scramChange } from './scram-logins.ts';

/** Users in one request: salting a password takes milliseconds, and nothing else is done meanwhile. */
const MOST_AT_ONCE = 20;
/** Waits before brokers are told again that could not be: it doubles from the first to the last. */
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 30_000;

/**
 * Brings the users of clusters to what the secrets that are associated with them say. Whom the brokers may
 * know is stored before they are told, and what they know after it; so a crash between any two steps costs
 * that a user is told twice, and nobody who is to be gone stays.
 */
export class ScramUsers {
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #store: Store;
  readonly #sealed: SealedStore;
  readonly #connect: Connect;
  readonly #working = new Map<string, Work>();
  #stopped = false;

  constructor(world: Pick<World, 'clock' | 'log'>, store: Store, sealed: SealedStore, connect: Connect) {
    this.#world = world;
    this.#store = store;
    this.#sealed = sealed;
    this.#connect = connect;
  }

  /** From now on every change of a secret, an association or a cluster's state is followed. */
  start(): void {
    this.#store.onRecord((record) => {
      const arn = clusterOf(record);
      if (arn !== null) this.#wake(arn);
    });
    this.#sealed.onRecord((record) => {
      if (record.type === 'SecretRecord' || record.type === 'RemoveSecretRecord') this.#wakeAll();
    });
    this.#wakeAll();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const works = [...this.#working.values()];
    for (const work of works) work.rest?.();
    await Promise.all(works.map(({ done }) => done));
  }

  #wakeAll(): void {
    for (const arn of this.#store.clusters.scram.clusters()) this.#wake(arn);
  }

  #wake(arn: string): void {
    if (this.#stopped) return;
    const work = this.#working.get(arn);
    if (work) {
      work.wakened = true;
      work.rest?.();
      return;
    }
    if (!this.#isToDo(arn)) return;
    const started: Work = {
      wakened: false,
      rest: null,
      done: Promise.resolve(),
    };
    this.#working.set(arn, started);
    started.done = this.#work(arn, started).finally(() => {
      this.#working.delete(arn);
      if (started.wakened) this.#wake(arn);
    });
  }

  async #work(arn: string, work: Work): Promise<void> {
    const backoff = new Backoff({ firstMs: FIRST_RETRY_MS, lastMs: LAST_RETRY_MS });
    // A record that is being replayed wakes us; the brokers are told when its command is over.
    await Promise.resolve();
    while (!this.#stopped && this.#isToDo(arn)) {
      work.wakened = false;
      try {
        await this.#tell(arn, work);
        backoff.succeeded();
      } catch (error) {
        const retryMs = backoff.failed();
        // The message names brokers and errors of Kafka, never what a secret holds.
        this.#world.log.warn('The users of a cluster cannot be changed now; that is tried again', {
          cluster: arn,
          retryMs,
          error,
        });
        if (!work.wakened) await this.#rest(work, retryMs);
      }
    }
  }

  #isToDo(arn: string): boolean {
    const cluster = this.#store.clusters.get(arn);
    return (
      !isApiError(cluster) &&
      serves(cluster) &&
      scramChange(this.#sealed.secrets, this.#store.clusters.scram.of(arn), 1) !== null
    );
  }

  async #tell(arn: string, work: Work): Promise<void> {
    const { clusters } = this.#store;
    const cluster = clusters.get(arn);
    const change = scramChange(this.#sealed.secrets, clusters.scram.of(arn), MOST_AT_ONCE);
    if (isApiError(cluster) || !change) return;
    const { give, take } = change;
    this.#store.execute(({ scram }) =>
      scram.giving(
        arn,
        give.map(({ name }) => name),
      ),
    );
    // That record woke us too, and says nothing that is not known here.
    work.wakened = false;
    const access = this.#connect(cluster);
    try {
      await access.alterScramUsers(give, take);
    } finally {
      await access.close();
    }
    const users = give.map(({ name, value }) => ({ name, value }));
    this.#store.execute(({ scram }) => scram.given(arn, users, take));
  }

  /** Ends early when something changes. */
  async #rest(work: Work, ms: number): Promise<void> {
    await new Promise<void>((over) => {
      const timer = this.#world.clock.after(ms, over);
      work.rest = () => {
        timer.cancel();
        over();
      };
    });
    work.rest = null;
  }
}

interface Work {
  /** Something changed since the last attempt began. */
  wakened: boolean;
  /** Ends the wait for the next attempt; null while there is none. */
  rest: (() => void) | null;
  done: Promise<void>;
}

/** Whether its brokers can be told. */
function serves({ state }: Cluster): boolean {
  return state === 'ACTIVE' || state === 'HEALING' || state === 'UPDATING' || state === 'REBOOTING_BROKER';
}
