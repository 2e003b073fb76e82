import type { Cluster } from '../../state/cluster.ts';
import { restartBroker } from './restart-broker.ts';
import type { StepRun } from './step-run.ts';

/** Restarts a broker with another size. */
export function updateBroker(
  run: StepRun,
  { broker, instanceType }: { readonly broker: number; readonly instanceType: string },
): Promise<void> {
  return restartBroker(run, broker, {
    settings: { instanceType },
    ofCluster: ({ spec }: Cluster) => ({ instanceType: spec.brokerNodeGroupInfo.instanceType }),
    describe: (settings) => `the size ${settings.instanceType}`,
  });
}
