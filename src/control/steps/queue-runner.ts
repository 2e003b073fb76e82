import type { World } from '../../base/world.ts';
import { type ApiError, isApiError } from '../aws/api-error.ts';
import { endQueuedChange } from '../state/change-queue.ts';
import { currentVersion } from '../state/current-version.ts';
import type { ClusterOperation } from '../state/operation.ts';
import { cancelOperation } from '../state/operation-progress.ts';
import type { QueuedChange } from '../state/queued-change.ts';
import { clusterOf } from '../state/records.ts';
import type { Store } from '../state/store.ts';

/** What could not be begun for want of the store is tried again after so long. */
const RETRY_MS = 5_000;

/**
 * Begins the change with this version of its cluster, as an operation with the change's ARN; an error says
 * that it was refused.
 */
type Begin = (change: QueuedChange, version: string) => Promise<object | null>;

/**
 * Begins the changes that wait, each when its cluster is ACTIVE and those before it have ended. The queue is
 * in the store, and an operation takes the place of its change in one transaction, so each is begun once,
 * whenever the control plane is killed.
 */
export class QueueRunner {
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #store: Store;
  readonly #begin: Begin;
  /** What is being begun, by cluster. */
  readonly #beginning = new Map<string, { readonly arn: string; readonly done: Promise<void> }>();
  #stopped = false;

  constructor(world: Pick<World, 'clock' | 'log'>, store: Store, begin: Begin) {
    this.#world = world;
    this.#store = store;
    this.#begin = begin;
    store.onRecord((record) => {
      const arn = clusterOf(record);
      if (arn !== null) this.#look(arn);
    });
  }

  /** Goes on with what an earlier life of this control plane left waiting. */
  start(): void {
    for (const { arn } of this.#store.clusters.all()) this.#look(arn);
  }

  /** Begins nothing more; resolves when nothing is being begun. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#beginning.values()].map(({ done }) => done));
  }

  /** Takes a change back, whether it waits, is being begun, or is under way as an operation. */
  async takeBack(arn: string): Promise<ClusterOperation | ApiError> {
    const change = this.#store.clusters.queued.get(arn);
    const beginning = change && this.#beginning.get(change.clusterArn);
    if (beginning?.arn === arn) await beginning.done;
    const error = { code: 'CANCELLED', message: 'It was taken back before it began' };
    const now = this.#world.clock.now();
    return (
      this.#store.execute((clusters) => endQueuedChange(clusters, arn, error, now)) ??
      this.#store.execute((clusters) => cancelOperation(clusters, arn))
    );
  }

  #look(clusterArn: string): void {
    if (this.#stopped || this.#beginning.has(clusterArn)) return;
    const [change] = this.#store.clusters.queued.of(clusterArn);
    if (!change || this.#activeVersion(clusterArn) === null) return;
    const done = this.#try(change).finally(() => {
      this.#beginning.delete(clusterArn);
      this.#look(clusterArn);
    });
    this.#beginning.set(clusterArn, { arn: change.arn, done });
  }

  async #try(change: QueuedChange): Promise<void> {
    // A record that is being replayed told us; the change begins when its command is over.
    await Promise.resolve();
    const { log, clock } = this.#world;
    const version = this.#activeVersion(change.clusterArn);
    if (version === null) return;
    try {
      const answer = (await this.#begin(change, version)) ?? {};
      // Something else came first, or the brokers do not hold: its turn comes again.
      if (!isApiError(answer) || this.#activeVersion(change.clusterArn) !== version) return;
      log.warn(`The change ${change.arn} is refused on its turn: ${answer.message}`);
      const error = { code: answer.error, message: answer.message };
      this.#store.execute((clusters) => endQueuedChange(clusters, change.arn, error, clock.now()));
    } catch (error) {
      log.error(`The change ${change.arn} cannot be begun now`, { error, retryMs: RETRY_MS });
      await new Promise<void>((tryAgain) => clock.after(RETRY_MS, tryAgain));
    }
  }

  /** The version of a cluster that may be changed; null when it may not be now. */
  #activeVersion(clusterArn: string): string | null {
    const cluster = this.#store.clusters.get(clusterArn);
    return isApiError(cluster) || cluster.state !== 'ACTIVE' ? null : currentVersion(cluster);
  }
}
