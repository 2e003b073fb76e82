import { badRequest, isApiError } from '../aws/api-error.ts';
import type { Control } from '../control.ts';
import { type ProvisionedThroughput, volumeGib } from '../state/provisioned-spec.ts';
import { updateStorage } from '../state/updates.ts';
import { shrinkRefusal } from '../steps/shrink-check.ts';
import { notBuilt } from './not-built.ts';
import { type ApiAnswer, ARN, operation } from './operation.ts';
import { boolean, integer, list, oneOf, optional, string, structure } from './shape.ts';
import { begun, changeable, request, VERSION } from './update-request.ts';

const GIB = integer({ min: 1, max: 16_384 });
const provisionedThroughput = optional(
  structure({ enabled: optional(boolean), volumeThroughput: optional(integer({ min: 0, max: 1_000_000 })) }),
);

export const updateBrokerStorageOperation = operation({
  name: 'UpdateBrokerStorage',
  input: structure({
    ClusterArn: ARN,
    currentVersion: VERSION,
    targetBrokerEBSVolumeInfo: list(
      structure({
        kafkaBrokerNodeId: string({ min: 1, max: 16 }),
        volumeSizeGB: optional(GIB),
        provisionedThroughput,
      }),
      { min: 1, max: 60 },
    ),
  }),
  handle: (control, { ClusterArn, currentVersion, targetBrokerEBSVolumeInfo: targets }, caller) => {
    const [first] = targets;
    const field = 'targetBrokerEBSVolumeInfo';
    if (targets.some((target) => target.provisionedThroughput?.enabled))
      return notBuilt('Provisioned storage throughput', `${field}.provisionedThroughput`);
    if (targets.length !== 1 || first?.kafkaBrokerNodeId.toLowerCase() !== 'all')
      return badRequest(
        'The volumes of all brokers have the same size: name one target with the kafkaBrokerNodeId All.',
        `${field}.kafkaBrokerNodeId`,
      );
    return resized(control, request(ClusterArn, caller), {
      currentVersion,
      gib: first.volumeSizeGB,
      provisionedThroughput: first.provisionedThroughput,
      type: 'UPDATE_BROKER_STORAGE',
    });
  },
});

export const updateStorageOperation = operation({
  name: 'UpdateStorage',
  input: structure({
    ClusterArn: ARN,
    currentVersion: VERSION,
    provisionedThroughput,
    storageMode: optional(oneOf('LOCAL', 'TIERED')),
    volumeSizeGB: optional(GIB),
  }),
  handle: (control, { ClusterArn, currentVersion, provisionedThroughput: throughput, ...asked }, caller) => {
    if (throughput?.enabled) return notBuilt('Provisioned storage throughput', 'provisionedThroughput');
    if (asked.storageMode === 'TIERED') return notBuilt('Tiered storage', 'storageMode');
    return resized(control, request(ClusterArn, caller), {
      currentVersion,
      gib: asked.volumeSizeGB,
      provisionedThroughput: throughput,
      type: 'UPDATE_STORAGE',
    });
  },
});

async function resized(
  control: Control,
  asked: ReturnType<typeof request>,
  {
    gib,
    ...wish
  }: {
    readonly currentVersion: string;
    readonly gib: number | undefined;
    readonly provisionedThroughput: ProvisionedThroughput | undefined;
    readonly type: 'UPDATE_BROKER_STORAGE' | 'UPDATE_STORAGE';
  },
): Promise<ApiAnswer> {
  const cluster = changeable(control, asked.clusterArn);
  if (isApiError(cluster)) return cluster;
  const mayShrink = control.options.smallerVolumes ?? false;
  const change = { ...asked, ...wish, gib, mayShrink };
  if (mayShrink && gib !== undefined && gib < volumeGib(cluster.spec)) {
    // What is wrong with the request anyway is told before brokers are asked.
    const { answer } = updateStorage(control.store.clusters, change);
    const refusal = isApiError(answer) ? answer : await shrinkRefusal(control, cluster, gib);
    if (refusal) return refusal;
  }
  return begun(control.store.execute((clusters) => updateStorage(clusters, change)));
}
