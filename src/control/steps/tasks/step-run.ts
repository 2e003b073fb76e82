import type { World } from '../../../base/world.ts';
import type { ClusterAccess } from '../../access/cluster-access.ts';
import type { Engine } from '../../engine.ts';
import { inSync } from '../../health/in-sync.ts';
import { describeLagging, type LaggingPartition } from '../../health/lagging.ts';
import { type Patience, STALLED_MS } from '../../health/patience.ts';
import type { RebalanceExecutor, RebalanceProgress } from '../../rebalance/executor.ts';
import type { Cluster } from '../../state/cluster.ts';
import type { ClusterOperation } from '../../state/operation.ts';
import type { Store } from '../../state/store.ts';
import { AGAIN, cancelled, OperationError } from './operation-error.ts';

/** What an operation does at the moment, for people who watch it. */
export interface OperationActivity {
  readonly doing: string;
  readonly moved: RebalanceProgress | null;
}

/** One attempt at a step of an operation: what its task works with, and what others may tell it meanwhile. */
export class StepRun {
  readonly world: World;
  readonly store: Store;
  readonly engine: Engine;
  readonly access: ClusterAccess;
  /** The operation's ARN. */
  readonly arn: string;
  /** Aborted when the control plane stops or the cluster is being deleted. */
  readonly signal: AbortSignal;
  /** Of all attempts at this step, made by the first of them to ask. */
  readonly patience: (stalledMs?: number) => Patience;
  /** Null until the task says something. */
  activity: OperationActivity | null = null;
  /** What moves partitions at the moment. */
  executor: RebalanceExecutor | null = null;
  readonly #cluster: string;
  readonly #cancel = new AbortController();

  constructor(
    world: World,
    parts: Pick<StepRun, 'store' | 'engine' | 'access' | 'signal' | 'patience'> & {
      readonly operation: ClusterOperation;
    },
  ) {
    this.world = world;
    this.store = parts.store;
    this.engine = parts.engine;
    this.access = parts.access;
    this.signal = parts.signal;
    this.patience = parts.patience;
    this.arn = parts.operation.arn;
    this.#cluster = parts.operation.clusterArn;
  }

  /** As the store has it now. */
  get operation(): ClusterOperation {
    const operation = this.store.clusters.operations.get(this.arn);
    if ('endedAt' in operation) return operation;
    throw new Error(operation.message);
  }

  /** As the store has it now. */
  get cluster(): Cluster {
    const cluster = this.store.clusters.get(this.#cluster);
    if ('arn' in cluster) return cluster;
    throw new Error(cluster.message);
  }

  say(doing: string): void {
    this.activity = { doing, moved: null };
  }

  /** Somebody asks for the end of the operation. */
  cancel(): void {
    this.executor?.cancel();
    this.#cancel.abort(cancelled());
  }

  /** Aborted with `signal`, and when somebody cancels the operation. */
  cancellable(): AbortSignal {
    if (this.operation.cancelled) this.#cancel.abort(cancelled());
    return AbortSignal.any([this.signal, this.#cancel.signal]);
  }

  /**
   * Waits until every replica is in sync, so that taking one away leaves as many as there can be. Rejects
   * with OperationError when that does not come nearer, which begins with `sofar`; and with the signal's
   * reason.
   */
  inSync(sofar: string, signal: AbortSignal): Promise<void> {
    const patience = this.patience();
    return inSync(this.world.clock, this.access, signal, async (lagging) => {
      this.say(`waits for ${lagging.length} partition(s) whose replicas are not all in sync`);
      await patience.watch(this.access, lagging);
      if (patience.isOver) throw stalled(sofar, lagging);
    });
  }
}

function stalled(sofar: string, lagging: readonly LaggingPartition[]): OperationError {
  return new OperationError(
    'REPLICAS_NOT_IN_SYNC',
    `${sofar}, and for ${STALLED_MS / 1000} s no replica came nearer to being in sync: ${describeLagging(lagging)}. ` +
      `See whether these brokers run and what their logs say. ${AGAIN}`,
  );
}
