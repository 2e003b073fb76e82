import type { Engine } from '../engine.ts';
import type { Health } from '../health/health.ts';
import type { Cluster } from '../state/cluster.ts';
import { type NextStep, nextStep } from '../state/next-step.ts';
import type { Store } from '../state/store.ts';
import type { OperationRunner } from './operation-runner.ts';

/** SECURE: the nodes are restarted for the sake of the secret or the certificates between them. */
export type ReconciledStep = NextStep | 'SECURE';

interface StepParts {
  readonly store: Store;
  readonly engine: Engine;
  readonly health: Health;
  readonly operations: OperationRunner;
}

/** Which step a cluster takes next, and what the step does through the engine. */
export class ClusterSteps {
  readonly #store: Store;
  readonly #engine: Engine;
  readonly #health: Health;
  readonly #operations: OperationRunner;
  /** Those whose processes this control plane has started or found. */
  readonly #running = new Set<string>();
  /** What runs of them must be stopped before the next start. */
  readonly #stale = new Set<string>();
  /**
   * Those that an operation was changing when they were started: its end is awaited before their nodes are
   * restarted for their own sake.
   */
  readonly #toSecure = new Set<string>();

  constructor({ store, engine, health, operations }: StepParts) {
    this.#store = store;
    this.#engine = engine;
    this.#health = health;
    this.#operations = operations;
  }

  /** Null when the cluster is where it should be. */
  next(cluster: Cluster): ReconciledStep | null {
    return nextStep(cluster, this.#running.has(cluster.arn)) ?? this.#afterOperation(cluster);
  }

  /** The next start stops what runs of the cluster before. */
  startAgain(arn: string): void {
    this.#running.delete(arn);
    this.#stale.add(arn);
  }

  /**
   * Does the step and stores that it is done. Rejects when it failed; it may be done again then, also where
   * it was done in part. Ends soon after the signal is aborted.
   */
  async do(step: ReconciledStep, cluster: Cluster, signal: AbortSignal): Promise<void> {
    const { arn, state } = cluster;
    switch (step) {
      case 'PREPARE':
        await this.#engine.prepare(cluster);
        this.#store.execute((clusters) => clusters.completeStep(arn, state, 'PREPARED'));
        return;
      case 'START':
        if (this.#stale.has(arn)) {
          await this.#engine.stop(cluster);
          this.#stale.delete(arn);
        }
        await this.#engine.start(cluster, signal, this.#operations.restarting(cluster));
        if (state === 'ACTIVE' && !this.#engine.problem(cluster))
          await this.#operations.rejoin(cluster, signal);
        // An operation restarts brokers itself.
        if (state === 'UPDATING' || state === 'REBOOTING_BROKER') this.#toSecure.add(arn);
        else if (serves(state)) await this.#secure(cluster, signal);
        this.#running.add(arn);
        if (state === 'CREATING')
          this.#store.execute((clusters) => clusters.completeStep(arn, state, 'STARTED'));
        else this.#health.report(arn, this.#engine.problem(cluster));
        return;
      case 'OPERATE':
        return this.#operations.step(cluster, signal);
      case 'SECURE':
        await this.#secure(cluster, signal);
        this.#toSecure.delete(arn);
        return;
      case 'STOP':
        await this.#engine.stop(cluster);
        this.#running.delete(arn);
        this.#store.execute((clusters) => clusters.completeStep(arn, state, 'STOPPED'));
        return;
      case 'REMOVE':
        this.#toSecure.delete(arn);
        await this.#engine.remove(cluster);
        this.#store.execute((clusters) => clusters.removed(arn));
        return;
    }
  }

  async #secure(cluster: Cluster, signal: AbortSignal): Promise<void> {
    if (this.#engine.nextToSecure(cluster) !== null) await this.#operations.secure(cluster, signal);
  }

  #afterOperation({ arn, state }: Cluster): 'SECURE' | null {
    return this.#toSecure.has(arn) && serves(state) ? 'SECURE' : null;
  }
}

/** Whether no operation restarts its brokers. */
function serves(state: Cluster['state']): boolean {
  return state === 'ACTIVE' || state === 'HEALING';
}
