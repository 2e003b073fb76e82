import { EngineError } from '../../engine.ts';
import { type Cluster, withProperties } from '../../state/cluster.ts';
import { ended, isCancelled } from './operation-error.ts';
import type { StepRun } from './step-run.ts';

/**
 * Restarts the controller with other properties of a configuration; brokers go on without one for the moment
 * that it takes. It gets its former ones back when it may not serve with these.
 */
export async function updateController(
  run: StepRun,
  { properties }: { readonly properties: Cluster['properties'] },
): Promise<void> {
  const { engine, signal, cluster } = run;
  const patience = run.patience();
  const cancellable = run.cancellable();
  try {
    run.say('restarts the controller');
    await engine.restartController(withProperties(cluster, properties), cancellable);
    await run.inSync('The controller was restarted', cancellable);
  } catch (error) {
    if (signal.aborted || !(isCancelled(error) || patience.isOver)) throw error;
    run.say('gives the controller its former configuration again');
    try {
      await engine.restartController(cluster, signal);
    } catch (failure) {
      // It has that from its next start on; why it does not start is told as the cluster's health.
      if (!(failure instanceof EngineError)) throw failure;
    }
    throw ended(error, 'The controller has its former configuration again.');
  }
}
