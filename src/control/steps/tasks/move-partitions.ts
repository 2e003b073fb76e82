import { MOVES_STALLED_MS } from '../../health/patience.ts';
import { AdminError } from '../../rebalance/cluster-admin.ts';
import { RebalanceExecutor, type RebalanceOutcome } from '../../rebalance/executor.ts';
import type { RebalancePlan } from '../../rebalance/plan.ts';
import { savePlan } from '../../state/operation-progress.ts';
import { clusterPlan } from '../cluster-plan.ts';
import { holdAnything } from './hold-anything.ts';
import { cancelled, OperationError } from './operation-error.ts';
import type { StepRun } from './step-run.ts';

/**
 * How often partitions that came while others were moved are moved after them; then something else puts them
 * there.
 */
const ROUNDS_MAX = 10;

/** Moves partitions until brokers that leave have nothing, and the others as much as each other. */
export async function movePartitions(
  run: StepRun,
  { leaving }: { readonly leaving: readonly number[] },
): Promise<void> {
  const { access, arn, store } = run;
  for (let round = 1; ; round++) {
    const { plan: saved, cancelled: isCancelled } = run.operation;
    if (isCancelled && !saved) throw cancelled();
    const plan = saved ?? (await makePlan(run, leaving));
    if (plan.moves.length > 0) await carryOut(run, plan);
    else if (leaving.length === 0 || !(await holdAnything(access, leaving))) return;
    // What moves without need is no reason to fail: topics come and go while clients work.
    if (round === ROUNDS_MAX && leaving.length === 0) return;
    if (round === ROUNDS_MAX)
      throw new OperationError(
        'PARTITIONS_REMAIN',
        `The brokers ${leaving.join(', ')} still have partitions after ${round} attempts to move them.`,
      );
    store.execute((clusters) => savePlan(clusters, arn, null));
  }
}

async function makePlan(run: StepRun, leaving: readonly number[]): Promise<RebalancePlan> {
  run.say('plans the moves');
  const plan = await clusterPlan(run.access, run.cluster.brokers, leaving);
  if ('error' in plan) throw new OperationError(plan.error, plan.message);
  run.store.execute((clusters) => savePlan(clusters, run.arn, plan));
  return plan;
}

async function carryOut(run: StepRun, plan: RebalancePlan): Promise<void> {
  const { world, access, signal } = run;
  const patience = run.patience(MOVES_STALLED_MS);
  const stalled = { is: false };
  const executor = new RebalanceExecutor(world.clock, access, plan, {
    bytesPerSecond: run.cluster.bytesPerSecond,
    onProgress: (moved) => {
      run.activity = { doing: 'moves partitions', moved };
      patience.saw(`${moved.movedPartitions}/${moved.movedBytes}`);
      if (!patience.isOver || stalled.is) return;
      stalled.is = true;
      executor.cancel();
    },
  });
  run.executor = executor;
  if (run.operation.cancelled) executor.cancel();
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
    run.executor = null;
  }
  if (stalled.is && !run.operation.cancelled)
    throw new OperationError(
      'MOVES_STALLED',
      `For ${MOVES_STALLED_MS / 1000} s no partition that moves came nearer to its new brokers: see whether all brokers run. What had not arrived was taken back.`,
    );
  for (const refusal of outcome.refused) world.log.warn('A partition was not moved', { refusal });
  if (outcome.state === 'CANCELLED') throw cancelled();
}
