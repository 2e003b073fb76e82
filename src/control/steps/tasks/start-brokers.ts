import { EngineError } from '../../engine.ts';
import { brokersTakenBack } from '../../state/operation-progress.ts';
import { holdAnything } from './hold-anything.ts';
import { ended, isCancelled } from './operation-error.ts';
import type { StepRun } from './step-run.ts';

/**
 * Starts the brokers that come. Those that cannot be started are taken away again, so that the cluster is
 * what it was.
 */
export async function startBrokers(run: StepRun): Promise<void> {
  const { engine, access, arn, signal, cluster } = run;
  run.say('starts brokers');
  const patience = run.patience();
  try {
    return await engine.start(cluster, run.cancellable());
  } catch (error) {
    const isOver = patience.isOver && error instanceof EngineError;
    if (signal.aborted || !(isOver || isCancelled(error))) throw error;
    const added = run.operation.target.brokerCountUpdateInfo?.createdBrokerIds ?? [];
    // Topics that came meanwhile may lie there: what has records is not taken away.
    if (await holdAnything(access, added))
      throw ended(error, 'The brokers that came have partitions and stay.');
    run.say(`takes the brokers ${added.join(', ')} away again`);
    for (const broker of added) {
      await engine.stopBroker(cluster, broker);
      await access.unregister(broker);
      await engine.removeBroker(cluster, broker);
    }
    run.store.execute((clusters) => brokersTakenBack(clusters, arn, added));
    throw ended(error, `The brokers ${added.join(', ')} were taken away again.`);
  }
}
