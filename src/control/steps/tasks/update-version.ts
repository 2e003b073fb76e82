import type { Cluster } from '../../state/cluster.ts';
import { restartBroker } from './restart-broker.ts';
import type { StepRun } from './step-run.ts';

/**
 * Restarts a broker with another Kafka version, and with other properties of a configuration when there are
 * any.
 */
export function updateVersion(
  run: StepRun,
  {
    broker,
    kafkaVersion,
    properties,
  }: {
    readonly broker: number;
    readonly kafkaVersion: string;
    readonly properties: Cluster['properties'] | null;
  },
): Promise<void> {
  return restartBroker<{
    readonly kafkaVersion: string | null;
    readonly properties?: Cluster['properties'] | null;
  }>(run, broker, {
    settings: { kafkaVersion, ...(properties ? { properties } : {}) },
    ofCluster: ({ spec }) => ({
      kafkaVersion: spec.kafkaVersion,
      ...(properties ? { properties: null } : {}),
    }),
    describe: (settings) => `Kafka version ${settings.kafkaVersion}`,
  });
}
