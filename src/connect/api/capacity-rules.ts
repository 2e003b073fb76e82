import type { TypeOf } from '../../control/api/shape.ts';
import { type ApiError, badRequest } from '../../control/aws/api-error.ts';
import type { Capacity } from '../state/capacity.ts';
import type { CAPACITY } from './connector-shapes.ts';

const MCU_COUNTS = [1, 2, 4, 8];
/** MSK Connect's own, where a policy is left out. */
const SCALE_IN_PERCENT = 20;
const SCALE_OUT_PERCENT = 80;

type Given = TypeOf<typeof CAPACITY>;

/**
 * The capacity that was asked for; or why it cannot be had. `current`: how many workers an autoscaled
 * connector has now, which it keeps as far as it may; it begins with the least.
 */
export function capacityOf({ autoScaling, provisionedCapacity }: Given, current = 0): Capacity | ApiError {
  if (autoScaling && provisionedCapacity)
    return badRequest('Exactly one of autoScaling and provisionedCapacity must be given.', 'capacity');
  if (autoScaling) return scaled(autoScaling, current);
  if (!provisionedCapacity)
    return badRequest('One of autoScaling and provisionedCapacity must be given.', 'capacity');
  return mcuRefusal(provisionedCapacity.mcuCount, 'provisionedCapacity') ?? provisionedCapacity;
}

function scaled(given: NonNullable<Given['autoScaling']>, current: number): Capacity | ApiError {
  const { mcuCount, minWorkerCount, maxWorkerCount, maxAutoscalingTaskCount: maxTaskCount } = given;
  const field = 'capacity.autoScaling';
  const scaleInPercent = given.scaleInPolicy?.cpuUtilizationPercentage ?? SCALE_IN_PERCENT;
  const scaleOutPercent = given.scaleOutPolicy?.cpuUtilizationPercentage ?? SCALE_OUT_PERCENT;
  const refusal = mcuRefusal(mcuCount, 'autoScaling');
  if (refusal) return refusal;
  if (minWorkerCount > maxWorkerCount)
    return badRequest('minWorkerCount cannot be more than maxWorkerCount.', `${field}.minWorkerCount`);
  if (scaleInPercent >= scaleOutPercent)
    return badRequest(
      `The scaleInPolicy (${scaleInPercent} %) must be below the scaleOutPolicy (${scaleOutPercent} %).`,
      `${field}.scaleInPolicy.cpuUtilizationPercentage`,
    );
  if (maxTaskCount !== undefined && maxTaskCount < maxWorkerCount)
    return badRequest(
      'maxAutoscalingTaskCount cannot be less than maxWorkerCount.',
      `${field}.maxAutoscalingTaskCount`,
    );
  return {
    mcuCount,
    workerCount: Math.min(Math.max(current, minWorkerCount), maxWorkerCount),
    autoScaling: {
      ...{ minWorkerCount, maxWorkerCount, scaleInPercent, scaleOutPercent },
      maxTaskCount: maxTaskCount ?? null,
    },
  };
}

function mcuRefusal(mcuCount: number, member: string): ApiError | null {
  return MCU_COUNTS.includes(mcuCount)
    ? null
    : badRequest('mcuCount must be 1, 2, 4 or 8.', `capacity.${member}.mcuCount`);
}

/** As AWS describes it. */
export function capacityDescription({ mcuCount, workerCount, autoScaling }: Capacity): object {
  if (!autoScaling) return { provisionedCapacity: { mcuCount, workerCount } };
  const { minWorkerCount, maxWorkerCount, scaleInPercent, scaleOutPercent, maxTaskCount } = autoScaling;
  return {
    autoScaling: {
      ...{ mcuCount, minWorkerCount, maxWorkerCount },
      scaleInPolicy: { cpuUtilizationPercentage: scaleInPercent },
      scaleOutPolicy: { cpuUtilizationPercentage: scaleOutPercent },
      ...(maxTaskCount === null ? {} : { maxAutoscalingTaskCount: maxTaskCount }),
    },
  };
}
