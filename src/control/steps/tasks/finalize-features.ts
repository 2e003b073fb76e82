import { kafkaRelease } from '../../../metadata/kafka-releases.ts';
import { releaseOf } from '../../aws/kafka-versions.ts';
import { AdminError } from '../../rebalance/cluster-admin.ts';
import { AGAIN, OperationError } from './operation-error.ts';
import type { StepRun } from './step-run.ts';

/** Lets the cluster use what its new version has: from then on no broker of the former one can join it. */
export async function finalizeFeatures(
  run: StepRun,
  { kafkaVersion }: { readonly kafkaVersion: string },
): Promise<void> {
  const patience = run.patience();
  run.say(`puts the features of Kafka version ${kafkaVersion} in force`);
  try {
    await run.access.raiseFeatures(kafkaRelease(releaseOf(kafkaVersion))?.levels ?? new Map());
  } catch (error) {
    if (!(error instanceof AdminError) || (error.retriable && !patience.isOver)) throw error;
    throw new OperationError(
      error.retriable ? 'CLUSTER_UNREACHABLE' : 'FEATURES_REFUSED',
      `The cluster did not take the features of Kafka version ${kafkaVersion}: ${error.message}. ${AGAIN}`,
    );
  }
}
