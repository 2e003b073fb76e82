import type { Cluster } from '../../state/cluster.ts';
import { restartBroker } from './restart-broker.ts';
import type { StepRun } from './step-run.ts';

type Properties = Cluster['properties'];

/** Restarts a broker with other properties of a configuration. */
export function updateProperties(
  run: StepRun,
  { broker, properties }: { readonly broker: number; readonly properties: Properties },
): Promise<void> {
  return restartBroker<{ readonly properties: Properties | null }>(run, broker, {
    settings: { properties },
    ofCluster: () => ({ properties: null }),
    describe: (settings) => (settings.properties ? 'another configuration' : 'its former configuration'),
  });
}
