import { restartBroker } from './restart-broker.ts';
import type { StepRun } from './step-run.ts';

/** Restarts a broker as it is. */
export function rebootBroker(run: StepRun, { broker }: { readonly broker: number }): Promise<void> {
  return restartBroker(run, broker, null);
}
