import { availableParallelism } from 'node:os';
import { Backoff } from '../../base/backoff.ts';
import { sleep } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';
import { isApiError } from '../aws/api-error.ts';
import type { StateInfo } from '../aws/state-info.ts';
import { type Engine, EngineError } from '../engine.ts';
import type { Health } from '../health/health.ts';
import type { Cluster } from '../state/cluster.ts';
import { clusterOf } from '../state/records.ts';
import type { Store } from '../state/store.ts';
import { ClusterSteps, type ReconciledStep } from './cluster-steps.ts';
import type { OperationRunner } from './operation-runner.ts';
import { type StartTurn, StartTurns } from './start-turns.ts';

/** Waits before a step is tried again: it doubles from the first to the last. */
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 30_000;
/** So many clusters start at once where there are not more processors: one of them may wait for its disk. */
const LEAST_STARTS = 2;
/**
 * So often a creation may find that a port which was free is not; then something else is wrong with this
 * machine's ports.
 */
const MOST_MOVES = 5;

export interface ReconcilerOptions {
  readonly store: Store;
  readonly engine: Engine;
  /** Is told of the health of clusters and of steps that fail. */
  readonly health: Health;
  readonly operations: OperationRunner;
  /** Gives a cluster that is being created other ports; resolves to false when it must keep them. */
  readonly movePorts: (cluster: Cluster) => Promise<boolean>;
}

/**
 * Brings every cluster to the state the store wants, one of `ClusterSteps` at a time, and tries again what
 * fails. A step's result is stored before the next begins, and every step can be done again, so a crash
 * anywhere costs at most one step done twice.
 */
export class Reconciler {
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #store: Store;
  readonly #engine: Engine;
  readonly #health: Health;
  readonly #movePorts: (cluster: Cluster) => Promise<boolean>;
  readonly #starts: StartTurns;
  readonly #working = new Map<string, Work>();
  readonly #steps: ClusterSteps;
  readonly #onRest: (() => void)[] = [];
  #stopped = false;

  constructor(
    world: Pick<World, 'clock' | 'log'>,
    { store, engine, health, operations, movePorts }: ReconcilerOptions,
  ) {
    this.#world = world;
    this.#store = store;
    this.#engine = engine;
    this.#health = health;
    this.#steps = new ClusterSteps({ store, engine, health, operations });
    this.#movePorts = movePorts;
    this.#starts = new StartTurns(world.clock, Math.max(LEAST_STARTS, availableParallelism()));
    store.onRecord((record) => {
      const arn = clusterOf(record);
      if (arn !== null) this.#wake(arn);
      // Nobody waits for the next attempt of what is to be given up.
      if (record.type === 'OperationRecord' && record.operation.cancelled) {
        const work = this.#working.get(record.operation.clusterArn);
        if (work?.resting) work.abort.abort(new Error('the operation was cancelled'));
      }
    });
    engine.onHealth((arn, problem) => health.report(arn, problem));
  }

  /** Continues where the last life of this control plane ended. */
  async start(): Promise<void> {
    await this.#engine.stopOrphans(this.#store.clusters.all());
    for (const cluster of this.#store.clusters.all()) this.#wake(cluster.arn);
  }

  /** All processes of the cluster are stopped, and started as the store has it then. */
  startAgain(arn: string): void {
    this.#steps.startAgain(arn);
    this.#working.get(arn)?.abort.abort(new Error('the cluster is started again'));
    this.#wake(arn);
  }

  /** Every cluster is where it should be, or waits for the next attempt. */
  async settled(): Promise<void> {
    while ([...this.#working.values()].some((work) => !work.resting))
      await new Promise<void>((rested) => this.#onRest.push(rested));
  }

  /** Like `settled`, but clusters that serve while an operation goes on are waited for no longer. */
  async serving(): Promise<void> {
    while ([...this.#working.values()].some((work) => !work.resting && !work.operating))
      await new Promise<void>((rested) => this.#onRest.push(rested));
  }

  /** Ends what is being done and stops every cluster; the store keeps what was wanted. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const works = [...this.#working.values()];
    for (const work of works) work.abort.abort(new Error('Millrace is stopping'));
    await Promise.all(works.map(({ done }) => done));
    await Promise.all(this.#store.clusters.all().map((cluster) => this.#engine.stop(cluster)));
  }

  #wake(arn: string): void {
    if (this.#stopped) return;
    const work = this.#working.get(arn);
    if (work) {
      work.wakened = true;
      // What is under way serves a wish that was taken back.
      if (this.#wanted(arn)?.state === 'DELETING' && work.during !== 'DELETING')
        work.abort.abort(new Error('the cluster is being deleted'));
      return;
    }
    const started: Work = {
      abort: new AbortController(),
      during: null,
      wakened: false,
      resting: false,
      operating: false,
      moves: 0,
      done: Promise.resolve(),
    };
    this.#working.set(arn, started);
    started.done = this.#work(arn, started).finally(() => {
      this.#working.delete(arn);
      if (started.wakened) this.#wake(arn);
      this.#rested();
    });
  }

  async #work(arn: string, work: Work): Promise<void> {
    // A record that is being replayed wakes us; the step begins when its command is over.
    await Promise.resolve();
    const turn = this.#starts.turn();
    try {
      await this.#converge(arn, work, turn);
    } finally {
      turn.end();
    }
  }

  async #converge(arn: string, work: Work, turn: StartTurn): Promise<void> {
    const backoff = new Backoff({ firstMs: FIRST_RETRY_MS, lastMs: LAST_RETRY_MS });
    while (!this.#stopped) {
      work.wakened = false;
      const cluster = this.#wanted(arn);
      const step = cluster && this.#steps.next(cluster);
      if (!cluster || !step) return;
      work.during = cluster.state;
      work.operating = step === 'OPERATE';
      if (work.operating) this.#rested();
      work.abort = new AbortController();
      // One turn is for both steps, so that whoever was first also serves first.
      if (step !== 'PREPARE' && step !== 'START') turn.end();
      else if (!turn.isBegun) {
        await turn.begin(work.abort.signal);
        continue;
      }
      try {
        await this.#steps.do(step, cluster, work.abort.signal);
        backoff.succeeded();
      } catch (error) {
        turn.end();
        if (work.abort.signal.aborted) continue;
        const retryMs = backoff.failed();
        this.#world.log.error(`${step} of cluster ${cluster.name} failed`, { error, retryMs });
        if (
          cluster.state === 'CREATING' &&
          error instanceof EngineError &&
          (await this.#notCreated(cluster, work, error))
        ) {
          backoff.succeeded();
          continue;
        }
        this.#health.report(arn, stateInfo(step, error));
        await this.#pause(retryMs, work);
      }
    }
  }

  /**
   * The creation goes on elsewhere, or has failed for good; false when not even that can be stored, and
   * everything has to be tried again.
   */
  async #notCreated(cluster: Cluster, work: Work, error: EngineError): Promise<boolean> {
    try {
      if (error.code === 'PORT_IN_USE' && work.moves++ < MOST_MOVES) {
        await this.#engine.stop(cluster);
        if (await this.#movePorts(cluster)) return true;
      }
      this.#store.execute((clusters) => clusters.fail(cluster.arn, 'CREATING', stateInfo('START', error)));
      return true;
    } catch (failure) {
      this.#world.log.error(`That cluster ${cluster.name} failed cannot be dealt with now`, {
        error: failure,
      });
      return false;
    }
  }

  /** Ends early when the wish changes. */
  async #pause(ms: number, work: Work): Promise<void> {
    work.resting = true;
    this.#rested();
    await sleep(this.#world.clock, ms, work.abort.signal);
    work.resting = false;
  }

  #rested(): void {
    for (const listener of this.#onRest.splice(0)) listener();
  }

  #wanted(arn: string): Cluster | null {
    const cluster = this.#store.clusters.get(arn);
    return isApiError(cluster) ? null : cluster;
  }
}

interface Work {
  abort: AbortController;
  during: Cluster['state'] | null;
  wakened: boolean;
  /** Waits for another attempt. */
  resting: boolean;
  /** The cluster serves meanwhile. */
  operating: boolean;
  /** How often a creation was given other ports. */
  moves: number;
  done: Promise<void>;
}

function stateInfo(step: ReconciledStep, error: unknown): StateInfo {
  const message = error instanceof Error ? error.message : String(error);
  return { code: error instanceof EngineError ? error.code : `${step}_FAILED`, message };
}
