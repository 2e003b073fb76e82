import { withTarget } from '../../state/operation-progress.ts';
import type { StepRun } from './step-run.ts';

/** The brokers open and close their exporters within a second; nothing is restarted. */
export function updateMonitoring(run: StepRun): Promise<void> {
  run.say('tells the brokers what to monitor');
  return run.engine.applySettings({
    ...run.cluster,
    spec: withTarget(run.cluster.spec, run.operation.target),
  });
}
