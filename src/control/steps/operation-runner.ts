import type { World } from '../../base/world.ts';
import type { Connect } from '../access/cluster-access.ts';
import type { Engine } from '../engine.ts';
import type { Health } from '../health/health.ts';
import { inSync } from '../health/in-sync.ts';
import { Patience, STALLED_MS } from '../health/patience.ts';
import type { Cluster } from '../state/cluster.ts';
import { type ClusterOperation, currentStep, type OperationTask } from '../state/operation.ts';
import { beginStep, completeStep, endOperation, failOperation } from '../state/operation-progress.ts';
import type { Store } from '../state/store.ts';
import { OperationError } from './tasks/operation-error.ts';
import { type OperationActivity, StepRun } from './tasks/step-run.ts';
import { doTask } from './tasks/tasks.ts';

/**
 * After a start the replicas of a healthy cluster are in sync again in a second or two; one that is not must
 * not hold up its clients.
 */
const REJOIN_MS = 5_000;

/** So long replicas may take to be in sync before the next node of an older release is restarted. */
const SECURE_MS = 30_000;

/**
 * Carries out the operations of clusters, a step at a time. Where a step is, is in the store or follows from
 * the cluster itself, so that another life of the control plane goes on where this one ended.
 */
export class OperationRunner {
  readonly #world: World;
  readonly #store: Store;
  readonly #engine: Engine;
  readonly #health: Health;
  readonly #connect: Connect;
  /** By operation. */
  readonly #runs = new Map<string, StepRun>();
  /** Of the steps under way, over all attempts of this life of the control plane. */
  readonly #patience = new Map<string, Patience>();

  constructor(world: World, store: Store, engine: Engine, health: Health, connect: Connect) {
    this.#world = world;
    this.#store = store;
    this.#engine = engine;
    this.#health = health;
    this.#connect = connect;
    store.onRecord((record) => {
      if (record.type === 'OperationRecord' && record.operation.cancelled)
        this.#runs.get(record.operation.arn)?.cancel();
      if (record.type === 'ClusterRecord' && record.cluster.operationArn !== null)
        this.#runs.get(record.cluster.operationArn)?.executor?.setThrottle(record.cluster.bytesPerSecond);
    });
  }

  activity(operationArn: string): OperationActivity | null {
    return this.#runs.get(operationArn)?.activity ?? null;
  }

  /**
   * Gives the brokers of a cluster that was started again a moment to get in sync: until then a write with
   * acks=all, and with it the joining of a group, may be refused.
   */
  async rejoin(cluster: Cluster, signal: AbortSignal): Promise<void> {
    const access = this.#connect(cluster);
    const patience = AbortSignal.any([signal, AbortSignal.timeout(REJOIN_MS)]);
    const expired = new Promise<void>((done) => patience.addEventListener('abort', () => done()));
    const rejoined = inSync(this.#world.clock, access, patience).catch((error: unknown) => {
      if (!patience.aborted)
        this.#world.log.warn(`Cluster ${cluster.name} does not tell its replicas`, { error });
    });
    await Promise.race([rejoined, expired]);
    await access.close();
  }

  /**
   * Restarts the nodes of a cluster of an older release, one after the other, until they let in each other
   * alone. What stands in the way is tried again at the next start: until then the cluster serves as it did.
   */
  async secure(cluster: Cluster, signal: AbortSignal): Promise<void> {
    const { log } = this.#world;
    try {
      for (;;) {
        await this.#inSync(cluster, AbortSignal.any([signal, AbortSignal.timeout(SECURE_MS)]));
        const node = this.#engine.nextToSecure(cluster);
        if (node === null) return;
        log.info(`Cluster ${cluster.name} comes to let in its own nodes alone: ${node} is restarted`);
        if (node === 'controller') await this.#engine.restartController(cluster, signal);
        else await this.#engine.restartBroker(cluster, node, { anew: false }, signal);
      }
    } catch (error) {
      if (signal.aborted) throw error;
      log.warn(`Cluster ${cluster.name} lets in everybody on its internal listeners until its next start`, {
        error,
      });
    }
  }

  async #inSync(cluster: Cluster, signal: AbortSignal): Promise<void> {
    const access = this.#connect(cluster);
    try {
      await inSync(this.#world.clock, access, signal);
    } finally {
      await access.close();
    }
  }

  /** The brokers that the cluster's operation restarts itself, when all the others are in sync. */
  restarting(cluster: Cluster): number[] {
    if (cluster.operationArn === null) return [];
    const task = currentStep(this.#operation(cluster.operationArn))?.task;
    return task && 'broker' in task ? [task.broker] : [];
  }

  /**
   * Does the next step of the cluster's operation. Rejects when it should be tried again, and with the
   * signal's reason.
   */
  async step(cluster: Cluster, signal: AbortSignal): Promise<void> {
    const arn = cluster.operationArn ?? '';
    try {
      const step = currentStep(this.#operation(arn));
      if (!step) {
        this.#store.execute((clusters) => endOperation(clusters, arn, this.#world.clock.now()));
        return;
      }
      this.#store.execute((clusters) => beginStep(clusters, arn));
      await this.#do(step.task, this.#operation(arn), signal);
      this.#health.report(cluster.arn, this.#engine.problem(cluster));
      this.#store.execute((clusters) => completeStep(clusters, arn, this.#world.clock.now()));
      this.#patience.delete(arn);
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      this.#world.log.warn(`The operation ${arn} ends: ${error.message}`);
      // What an earlier attempt found is over; what the processes lack now is not.
      this.#health.report(cluster.arn, this.#engine.problem(cluster));
      this.#store.execute((clusters) => failOperation(clusters, arn, error, this.#world.clock.now()));
      this.#patience.delete(arn);
    } finally {
      this.#runs.delete(arn);
    }
  }

  async #do(task: OperationTask, operation: ClusterOperation, signal: AbortSignal): Promise<void> {
    const { arn, clusterArn } = operation;
    // Beginning the step may have changed what the cluster is to be.
    const access = this.#connect(this.#cluster(clusterArn));
    const run = new StepRun(this.#world, {
      store: this.#store,
      engine: this.#engine,
      access,
      operation,
      signal,
      patience: (stalledMs = STALLED_MS) => {
        const patience = this.#patience.get(arn) ?? new Patience(this.#world.clock, stalledMs);
        this.#patience.set(arn, patience);
        return patience;
      },
    });
    this.#runs.set(arn, run);
    try {
      await doTask(run, task);
    } finally {
      await access.close();
    }
  }

  #operation(arn: string): ClusterOperation {
    const operation = this.#store.clusters.operations.get(arn);
    if ('endedAt' in operation) return operation;
    throw new Error(operation.message);
  }

  #cluster(arn: string): Cluster {
    const cluster = this.#store.clusters.get(arn);
    if ('arn' in cluster) return cluster;
    throw new Error(cluster.message);
  }
}
