import type { OperationTask } from '../../state/operation.ts';
import { finalizeFeatures } from './finalize-features.ts';
import { movePartitions } from './move-partitions.ts';
import { rebootBroker } from './reboot-broker.ts';
import { removeBrokers } from './remove-brokers.ts';
import { resizeVolumes } from './resize-volumes.ts';
import { startBrokers } from './start-brokers.ts';
import type { StepRun } from './step-run.ts';
import { updateBroker } from './update-broker.ts';
import { updateController } from './update-controller.ts';
import { updateListeners } from './update-listeners.ts';
import { updateLiveConfigs } from './update-live-configs.ts';
import { updateMonitoring } from './update-monitoring.ts';
import { updateProperties } from './update-properties.ts';
import { updateVersion } from './update-version.ts';

type TaskOf<Kind extends OperationTask['kind']> = Extract<OperationTask, { readonly kind: Kind }>;

/** How each kind of task is done: one file each. */
const doers: {
  readonly [Kind in OperationTask['kind']]: (run: StepRun, task: TaskOf<Kind>) => Promise<void>;
} = {
  START_BROKERS: startBrokers,
  MOVE_PARTITIONS: movePartitions,
  REMOVE_BROKERS: removeBrokers,
  UPDATE_BROKER: updateBroker,
  UPDATE_LISTENERS: updateListeners,
  RESIZE_VOLUMES: resizeVolumes,
  UPDATE_PROPERTIES: updateProperties,
  UPDATE_CONTROLLER: updateController,
  UPDATE_LIVE_CONFIGS: updateLiveConfigs,
  UPDATE_VERSION: updateVersion,
  FINALIZE_FEATURES: finalizeFeatures,
  UPDATE_MONITORING: updateMonitoring,
  REBOOT_BROKER: rebootBroker,
};

/**
 * Resolves when the task is done. Rejects with OperationError when the operation has to end, and with
 * anything else when the task should be tried again.
 */
export function doTask<Kind extends OperationTask['kind']>(
  run: StepRun,
  task: TaskOf<Kind> & { readonly kind: Kind },
): Promise<void> {
  return doers[task.kind](run, task);
}
