import type { World } from '../../base/world.ts';
import type { ClusterAccess, Connect } from '../access/cluster-access.ts';
import { type Engine, EngineError } from '../engine.ts';
import type { Health } from '../health/health.ts';
import { inSync } from '../health/in-sync.ts';
import { describeLagging, type LaggingPartition } from '../health/lagging.ts';
import { MOVES_STALLED_MS, Patience, STALLED_MS } from '../health/patience.ts';
import { AdminError } from '../rebalance/cluster-admin.ts';
import { RebalanceExecutor, type RebalanceOutcome, type RebalanceProgress } from '../rebalance/executor.ts';
import type { RebalancePlan } from '../rebalance/plan.ts';
import { type BrokerSettings, type Cluster, withBroker } from '../state/cluster.ts';
import { CLIENT_LISTENERS, listenersOf } from '../state/listeners.ts';
import { type ClusterOperation, currentStep, type Task } from '../state/operation.ts';
import {
  beginStep,
  brokerChanged,
  brokersTakenBack,
  completeStep,
  endOperation,
  failOperation,
  savePlan,
} from '../state/operation-progress.ts';
import type { Store } from '../state/store.ts';
import { clusterPlan } from './cluster-plan.ts';

/** After a start the replicas of a healthy cluster are in sync again in a second or two; one that is not must not hold up its clients. */
const REJOIN_MS = 5_000;
/** How often partitions that came while others were moved are moved after them; then something else puts them there. */
const ROUNDS_MAX = 10;

/** What an operation does at the moment, for people who watch it. */
export interface OperationActivity {
  readonly doing: string;
  readonly moved: RebalanceProgress | null;
}

/** The operation cannot be carried out, and trying again would not help. */
class OperationError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Carries out the operations of clusters, a step at a time. Where a step is, is in the store or follows from the cluster itself,
 * so that another life of the control plane goes on where this one ended.
 */
export class OperationRunner {
  readonly #world: World;
  readonly #store: Store;
  readonly #engine: Engine;
  readonly #health: Health;
  readonly #connect: Connect;
  readonly #activities = new Map<string, OperationActivity>();
  readonly #executors = new Map<string, RebalanceExecutor>();
  /** Of the steps under way, over all attempts of this life of the control plane. */
  readonly #patience = new Map<string, Patience>();
  /** Aborted when somebody asks for the end of the operation. */
  readonly #cancels = new Map<string, AbortController>();

  constructor(world: World, store: Store, engine: Engine, health: Health, connect: Connect) {
    this.#world = world;
    this.#store = store;
    this.#engine = engine;
    this.#health = health;
    this.#connect = connect;
    store.onRecord((record) => {
      if (record.type === 'OperationRecord' && record.operation.cancelled) {
        this.#executors.get(record.operation.arn)?.cancel();
        this.#cancels.get(record.operation.arn)?.abort(cancelled());
      }
      if (record.type === 'ClusterRecord' && record.cluster.operationArn !== null)
        this.#executors.get(record.cluster.operationArn)?.setThrottle(record.cluster.bytesPerSecond);
    });
  }

  activity(operationArn: string): OperationActivity | null {
    return this.#activities.get(operationArn) ?? null;
  }

  /**
   * Gives the brokers of a cluster that was started again a moment to get in sync: until then a write with acks=all, and with it the
   * joining of a group, may be refused.
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

  /** The brokers that the cluster's operation restarts itself, when all the others are in sync. */
  restarting(cluster: Cluster): number[] {
    if (cluster.operationArn === null) return [];
    const task = currentStep(this.#operation(cluster.operationArn))?.task;
    return task && 'broker' in task ? [task.broker] : [];
  }

  /** Does the next step of the cluster's operation. Rejects when it should be tried again, and with the signal's reason. */
  async step(cluster: Cluster, signal: AbortSignal): Promise<void> {
    const arn = cluster.operationArn ?? '';
    try {
      const step = currentStep(this.#operation(arn));
      if (!step) {
        this.#store.execute((clusters) => endOperation(clusters, arn, this.#world.clock.now()));
        return;
      }
      this.#store.execute((clusters) => beginStep(clusters, arn));
      // Beginning may have changed what the cluster is to be.
      await this.#do(step.task, this.#cluster(cluster.arn), arn, signal);
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
      this.#activities.delete(arn);
      this.#executors.delete(arn);
      this.#cancels.delete(arn);
    }
  }

  async #do(task: Task, cluster: Cluster, arn: string, signal: AbortSignal): Promise<void> {
    const access = this.#connect(cluster);
    try {
      switch (task.kind) {
        case 'START_BROKERS':
          return await this.#startBrokers(access, cluster, arn, signal);
        case 'MOVE_PARTITIONS':
          return await this.#move(access, cluster, arn, task.leaving, signal);
        case 'REMOVE_BROKERS':
          return await this.#remove(access, cluster, arn, task.brokers, signal);
        case 'UPDATE_BROKER':
        case 'UPDATE_LISTENERS':
        case 'REBOOT_BROKER':
          return await this.#restart(access, cluster, arn, task, signal);
      }
    } finally {
      await access.close();
    }
  }

  /** Those that cannot be started are taken away again, so that the cluster is what it was. */
  async #startBrokers(
    access: ClusterAccess,
    cluster: Cluster,
    arn: string,
    signal: AbortSignal,
  ): Promise<void> {
    this.#say(arn, 'starts brokers');
    const patience = this.#patienceOf(arn);
    try {
      return await this.#engine.start(cluster, this.#cancellable(arn, signal));
    } catch (error) {
      const isOver = patience.isOver && error instanceof EngineError;
      if (signal.aborted || !(isOver || isCancelled(error))) throw error;
      const added = this.#operation(arn).target.brokerCountUpdateInfo?.createdBrokerIds ?? [];
      // Topics that came meanwhile may lie there: what has records is not taken away.
      if (await holdAnything(access, added))
        throw ended(error, 'The brokers that came have partitions and stay.');
      this.#say(arn, `takes the brokers ${added.join(', ')} away again`);
      for (const broker of added) {
        await this.#engine.stopBroker(cluster, broker);
        await access.unregister(broker);
        await this.#engine.removeBroker(cluster, broker);
      }
      this.#store.execute((clusters) => brokersTakenBack(clusters, arn, added));
      throw ended(error, `The brokers ${added.join(', ')} were taken away again.`);
    }
  }

  /** One broker, when it can be spared; done when it and all others are in sync again. */
  async #restart(
    access: ClusterAccess,
    cluster: Cluster,
    arn: string,
    task: Task & { readonly broker: number },
    signal: AbortSignal,
  ): Promise<void> {
    const patience = this.#patienceOf(arn);
    const { broker } = task;
    const settings = settingsOf(task);
    const change = settings === null ? 'restarted' : `given ${told(settings)}`;
    const cancellable = this.#cancellable(arn, signal);
    try {
      await this.#inSync(access, arn, patience, `Broker ${broker} was not ${change}`, cancellable);
      this.#say(arn, `restarts broker ${broker}`);
      await this.#restartWith(cluster, arn, broker, settings, cancellable);
      patience.renew();
      await this.#inSync(access, arn, patience, `Broker ${broker} was ${change}`, cancellable);
      await electPreferred(access);
    } catch (error) {
      if (signal.aborted || error instanceof OperationError) {
        if (!signal.aborted && isCancelled(error) && settings !== null)
          await this.#giveBack(cluster, arn, broker, settings, signal);
        throw error;
      }
      if (!patience.isOver) throw error;
      const code = error instanceof EngineError ? error.code : 'CLUSTER_UNREACHABLE';
      const message = error instanceof Error ? error.message : String(error);
      const back =
        error instanceof EngineError && settings !== null
          ? await this.#giveBack(cluster, arn, broker, settings, signal)
          : AGAIN;
      throw new OperationError(
        code,
        `Broker ${broker} was not ${change} within ${STALLED_MS / 1000} s: ${message}. ${back}`,
      );
    }
  }

  async #restartWith(
    cluster: Cluster,
    arn: string,
    broker: number,
    settings: BrokerSettings | null,
    signal: AbortSignal,
  ): Promise<void> {
    if (settings === null) return this.#engine.restartBroker(cluster, broker, { anew: true }, signal);
    const changed = { broker, settings };
    try {
      const wanted = withBroker(cluster, broker, settings);
      await this.#engine.restartBroker(wanted, broker, { anew: false }, signal);
    } catch (error) {
      // It was stopped for the change, and what starts in its place, sooner or later, has the new settings.
      if (error instanceof EngineError || isCancelled(error))
        this.#store.execute((clusters) => brokerChanged(clusters, arn, changed));
      throw error;
    }
    this.#store.execute((clusters) => brokerChanged(clusters, arn, changed));
  }

  /** A broker that may not serve with its new settings gets back those that the cluster has; a sentence about it. */
  async #giveBack(
    cluster: Cluster,
    arn: string,
    broker: number,
    settings: BrokerSettings,
    signal: AbortSignal,
  ): Promise<string> {
    const before: BrokerSettings =
      settings.listeners === undefined
        ? { instanceType: cluster.spec.brokerNodeGroupInfo.instanceType }
        : { listeners: listenersOf(cluster.spec) };
    this.#say(arn, `gives broker ${broker} ${told(before)} again`);
    try {
      await this.#restartWith(this.#cluster(cluster.arn), arn, broker, before, signal);
    } catch (error) {
      // It has them from its next start on; why it does not start is told as the cluster's health.
      if (!(error instanceof EngineError)) throw error;
    }
    return `It has ${told(before)} again.`;
  }

  /** Until brokers that leave have nothing, and the others as much as each other. */
  async #move(
    access: ClusterAccess,
    cluster: Cluster,
    arn: string,
    leaving: readonly number[],
    signal: AbortSignal,
  ): Promise<void> {
    for (let round = 1; ; round++) {
      if (this.#operation(arn).cancelled && !this.#operation(arn).plan) throw cancelled();
      const plan = this.#operation(arn).plan ?? (await this.#makePlan(access, cluster, arn, leaving));
      if (plan.moves.length > 0) await this.#carryOut(access, arn, plan, signal);
      else if (leaving.length === 0 || !(await holdAnything(access, leaving))) return;
      // What moves without need is no reason to fail: topics come and go while clients work.
      if (round === ROUNDS_MAX && leaving.length === 0) return;
      if (round === ROUNDS_MAX)
        throw new OperationError(
          'PARTITIONS_REMAIN',
          `The brokers ${leaving.join(', ')} still have partitions after ${round} attempts to move them.`,
        );
      this.#store.execute((clusters) => savePlan(clusters, arn, null));
    }
  }

  async #makePlan(
    access: ClusterAccess,
    cluster: Cluster,
    arn: string,
    leaving: readonly number[],
  ): Promise<RebalancePlan> {
    this.#say(arn, 'plans the moves');
    const plan = await clusterPlan(access, cluster.brokers, leaving);
    if ('error' in plan) throw new OperationError(plan.error, plan.message);
    this.#store.execute((clusters) => savePlan(clusters, arn, plan));
    return plan;
  }

  async #carryOut(
    access: ClusterAccess,
    arn: string,
    plan: RebalancePlan,
    signal: AbortSignal,
  ): Promise<void> {
    const { clusterArn } = this.#operation(arn);
    const patience = this.#patienceOf(arn, MOVES_STALLED_MS);
    const stalled = { is: false };
    const executor = new RebalanceExecutor(this.#world.clock, access, plan, {
      bytesPerSecond: this.#cluster(clusterArn).bytesPerSecond,
      onProgress: (moved) => {
        this.#activities.set(arn, { doing: 'moves partitions', moved });
        patience.saw(`${moved.movedPartitions}/${moved.movedBytes}`);
        if (!patience.isOver || stalled.is) return;
        stalled.is = true;
        executor.cancel();
      },
    });
    this.#executors.set(arn, executor);
    if (this.#operation(arn).cancelled) executor.cancel();
    let outcome: RebalanceOutcome;
    try {
      outcome = await executor.run(signal);
    } catch (error) {
      if (!(error instanceof AdminError) || !patience.isOver) throw error;
      throw new OperationError(
        'CLUSTER_UNREACHABLE',
        `For ${MOVES_STALLED_MS / 1000} s the cluster could not be asked to move partitions: ${error.message}. What moves goes on to move.`,
      );
    } finally {
      this.#executors.delete(arn);
    }
    if (stalled.is && !this.#operation(arn).cancelled)
      throw new OperationError(
        'MOVES_STALLED',
        `For ${MOVES_STALLED_MS / 1000} s no partition that moves came nearer to its new brokers: see whether all brokers run. What had not arrived was taken back.`,
      );
    for (const refusal of outcome.refused) this.#world.log.warn('A partition was not moved', { refusal });
    if (outcome.state === 'CANCELLED') throw cancelled();
  }

  /** A topic that was made while its brokers were leaving brings them back until it has gone too. */
  async #remove(
    access: ClusterAccess,
    cluster: Cluster,
    arn: string,
    leaving: readonly number[],
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      this.#say(arn, `stops the brokers ${leaving.join(', ')}`);
      await Promise.all(leaving.map((broker) => this.#engine.stopBroker(cluster, broker)));
      if (!(await holdAnything(access, leaving))) break;
      this.#world.log.info('Partitions came to brokers that leave; they are moved first', { leaving });
      await this.#engine.start(cluster, signal);
      await this.#move(access, cluster, arn, leaving, signal);
    }
    signal.throwIfAborted();
    for (const broker of leaving) {
      await access.unregister(broker);
      await this.#engine.removeBroker(cluster, broker);
    }
  }

  /** Waits until every replica is in sync, so that taking one away leaves as many as there can be. */
  #inSync(
    access: ClusterAccess,
    arn: string,
    patience: Patience,
    sofar: string,
    signal: AbortSignal,
  ): Promise<void> {
    return inSync(this.#world.clock, access, signal, async (lagging) => {
      this.#say(arn, `waits for ${lagging.length} partition(s) whose replicas are not all in sync`);
      await patience.watch(access, lagging);
      if (patience.isOver) throw stalled(sofar, lagging);
    });
  }

  #patienceOf(arn: string, stalledMs = STALLED_MS): Patience {
    const patience = this.#patience.get(arn) ?? new Patience(this.#world.clock, stalledMs);
    this.#patience.set(arn, patience);
    return patience;
  }

  /** Aborted with `signal`, and when somebody cancels the operation. */
  #cancellable(arn: string, signal: AbortSignal): AbortSignal {
    const cancel = new AbortController();
    this.#cancels.set(arn, cancel);
    if (this.#operation(arn).cancelled) cancel.abort(cancelled());
    return AbortSignal.any([signal, cancel.signal]);
  }

  #say(arn: string, doing: string): void {
    this.#activities.set(arn, { doing, moved: null });
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

/** What the task changes of its broker; null for a restart as it is. */
function settingsOf(task: Task): BrokerSettings | null {
  if (task.kind === 'UPDATE_BROKER') return { instanceType: task.instanceType };
  return task.kind === 'UPDATE_LISTENERS' ? { listeners: task.listeners } : null;
}

function told({ instanceType, listeners }: BrokerSettings): string {
  return listeners === undefined
    ? `the size ${instanceType}`
    : `the listeners ${listeners.map((kind) => CLIENT_LISTENERS[kind].name).join(', ')}`;
}

function cancelled(): OperationError {
  return new OperationError('CANCELLED', 'The operation was cancelled; what had moved by then stays.');
}

function isCancelled(error: unknown): boolean {
  return error instanceof OperationError && error.code === 'CANCELLED';
}

/** Why it ends, and what became of it. */
function ended(error: unknown, outcome: string): OperationError {
  const code = error instanceof OperationError || error instanceof EngineError ? error.code : 'START_FAILED';
  const why = isCancelled(error)
    ? 'The operation was cancelled'
    : error instanceof Error
      ? error.message
      : String(error);
  return new OperationError(code, `${why}. ${outcome}`);
}

const AGAIN = 'What was changed by then stays; ask for the same change again when this is mended.';

function stalled(sofar: string, lagging: readonly LaggingPartition[]): OperationError {
  return new OperationError(
    'REPLICAS_NOT_IN_SYNC',
    `${sofar}, and for ${STALLED_MS / 1000} s no replica came nearer to being in sync: ${describeLagging(lagging)}. ` +
      `See whether these brokers run and what their logs say. ${AGAIN}`,
  );
}

/** The broker that came back leads again what it led before, and not only when Kafka's own interval is over. */
async function electPreferred(access: ClusterAccess): Promise<void> {
  const partitions = await access.describePartitions(null);
  const led = partitions.filter(({ replicas, leader }) => replicas[0] !== leader);
  // What is refused is led by somebody else, and the cluster tries again by itself.
  if (led.length > 0) await access.electPreferred(led);
}

async function holdAnything(access: ClusterAccess, brokers: readonly number[]): Promise<boolean> {
  const partitions = await access.describePartitions(null);
  return partitions.some(({ replicas }) => replicas.some((broker) => brokers.includes(broker)));
}
