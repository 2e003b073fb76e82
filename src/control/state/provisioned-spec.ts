import type { ProvisionedRequest } from '../api/cluster-shapes.ts';

/** What a provisioned cluster was asked to be, complete with defaults, in the API's own words: descriptions echo it. */
export type ProvisionedSpec = Pick<
  ProvisionedRequest,
  | 'numberOfBrokerNodes'
  | 'kafkaVersion'
  | 'brokerNodeGroupInfo'
  | 'clientAuthentication'
  | 'configurationInfo'
  | 'encryptionInfo'
  | 'loggingInfo'
  | 'openMonitoring'
> & {
  /** ACTIVE: partitions move onto brokers that are added, by themselves. */
  readonly rebalancing: { readonly status: 'ACTIVE' | 'PAUSED' };
  readonly enhancedMonitoring: NonNullable<ProvisionedRequest['enhancedMonitoring']>;
  readonly storageMode: NonNullable<ProvisionedRequest['storageMode']>;
};

export type ConnectivityInfo = NonNullable<ProvisionedSpec['brokerNodeGroupInfo']['connectivityInfo']>;

/** Whether the cluster has public addresses on AWS. */
export function isPublic(connectivity: ConnectivityInfo | undefined): boolean {
  return connectivity?.publicAccess?.type === 'SERVICE_PROVIDED_EIPS';
}

/** MSK's default. */
export const VOLUME_GIB = 1000;
const GIBIBYTE = 1024 ** 3;

export function volumeGib({ brokerNodeGroupInfo }: Pick<ProvisionedSpec, 'brokerNodeGroupInfo'>): number {
  return brokerNodeGroupInfo.storageInfo?.ebsStorageInfo?.volumeSize ?? VOLUME_GIB;
}

/** What one broker may store. */
export function volumeBytes(spec: Pick<ProvisionedSpec, 'brokerNodeGroupInfo'>): number {
  return volumeGib(spec) * GIBIBYTE;
}

export function withVolume(spec: ProvisionedSpec, gib: number): ProvisionedSpec {
  const group = spec.brokerNodeGroupInfo;
  const ebsStorageInfo = { ...group.storageInfo?.ebsStorageInfo, volumeSize: gib };
  return {
    ...spec,
    brokerNodeGroupInfo: { ...group, storageInfo: { ...group.storageInfo, ebsStorageInfo } },
  };
}
