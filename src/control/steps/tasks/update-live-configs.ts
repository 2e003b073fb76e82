import { AdminError } from '../../rebalance/cluster-admin.ts';
import { AGAIN, OperationError } from './operation-error.ts';
import type { StepRun } from './step-run.ts';

/** Sets the defaults of all brokers, which they obey at once; null takes one away. */
export async function updateLiveConfigs(
  run: StepRun,
  { values }: { readonly values: Readonly<Record<string, string | null>> },
): Promise<void> {
  const patience = run.patience();
  const names = Object.keys(values).join(', ');
  run.say(`tells the brokers ${names}`);
  try {
    await run.access.alterBrokerDefaults(values);
  } catch (error) {
    if (!(error instanceof AdminError) || (error.retriable && !patience.isOver)) throw error;
    throw new OperationError(
      error.retriable ? 'CLUSTER_UNREACHABLE' : 'CONFIG_REFUSED',
      `The brokers did not take ${names}: ${error.message}. ${AGAIN}`,
    );
  }
}
