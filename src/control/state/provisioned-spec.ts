/**
 * What a provisioned cluster was asked to be, complete with defaults. It is stored, and descriptions tell it
 * in the API's words; the shape is the store's own all the same: a field that the API comes to take is in it
 * when it was written here, too.
 */
export interface ProvisionedSpec {
  readonly numberOfBrokerNodes: number;
  readonly kafkaVersion: string;
  readonly brokerNodeGroupInfo: BrokerNodeGroupInfo;
  readonly clientAuthentication?: ClientAuthentication | undefined;
  readonly configurationInfo?: ConfigurationInfo | undefined;
  readonly encryptionInfo?: EncryptionInfo | undefined;
  readonly loggingInfo?: LoggingInfo | undefined;
  readonly openMonitoring?: OpenMonitoring | undefined;
  /** ACTIVE: partitions move onto brokers that are added, by themselves. */
  readonly rebalancing: { readonly status: 'ACTIVE' | 'PAUSED' };
  readonly enhancedMonitoring: 'DEFAULT' | 'PER_BROKER' | 'PER_TOPIC_PER_BROKER' | 'PER_TOPIC_PER_PARTITION';
  readonly storageMode: 'LOCAL' | 'TIERED';
}

interface BrokerNodeGroupInfo {
  readonly brokerAZDistribution?: 'DEFAULT' | undefined;
  readonly clientSubnets: readonly string[];
  readonly instanceType: string;
  readonly securityGroups?: readonly string[] | undefined;
  readonly storageInfo?: { readonly ebsStorageInfo?: EbsStorageInfo | undefined } | undefined;
  readonly connectivityInfo?: ConnectivityInfo | undefined;
}

interface EbsStorageInfo {
  readonly provisionedThroughput?: ProvisionedThroughput | undefined;
  readonly volumeSize?: number | undefined;
}

/** Never enabled; it is kept because Terraform compares what it sent with what is described. */
export interface ProvisionedThroughput {
  readonly enabled?: boolean | undefined;
  readonly volumeThroughput?: number | undefined;
}

export interface ConnectivityInfo {
  readonly publicAccess?: { readonly type?: string | undefined } | undefined;
  readonly vpcConnectivity?:
    | {
        readonly clientAuthentication?:
          | (Pick<ClientAuthentication, 'sasl'> & { readonly tls?: Switch })
          | undefined;
      }
    | undefined;
  readonly networkType?: 'IPV4' | 'DUAL' | undefined;
}

/** Something that is on or off; nobody said which where it is missing. */
type Switch = { readonly enabled?: boolean | undefined } | undefined;

interface ClientAuthentication {
  readonly sasl?: { readonly scram?: Switch; readonly iam?: Switch } | undefined;
  readonly tls?:
    | {
        readonly certificateAuthorityArnList?: readonly string[] | undefined;
        readonly enabled?: boolean | undefined;
      }
    | undefined;
  readonly unauthenticated?: Switch;
}

/** A revision of a configuration. */
export interface ConfigurationInfo {
  readonly arn: string;
  readonly revision: number;
}

interface EncryptionInfo {
  readonly encryptionAtRest?: { readonly dataVolumeKMSKeyId: string } | undefined;
  readonly encryptionInTransit?:
    | {
        readonly clientBroker?: 'TLS' | 'TLS_PLAINTEXT' | 'PLAINTEXT' | undefined;
        readonly inCluster?: boolean | undefined;
      }
    | undefined;
}

interface OpenMonitoring {
  readonly prometheus: {
    readonly jmxExporter?: { readonly enabledInBroker: boolean } | undefined;
    readonly nodeExporter?: { readonly enabledInBroker: boolean } | undefined;
  };
}

interface LoggingInfo {
  readonly brokerLogs: LogTargets;
  readonly authorizerLogs?: LogTargets | undefined;
}

interface LogTargets {
  readonly cloudWatchLogs?: { readonly enabled: boolean; readonly logGroup?: string | undefined } | undefined;
  readonly firehose?: { readonly enabled: boolean; readonly deliveryStream?: string | undefined } | undefined;
  readonly s3?:
    | {
        readonly enabled: boolean;
        readonly bucket?: string | undefined;
        readonly prefix?: string | undefined;
      }
    | undefined;
}

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

export function throughputOf({ brokerNodeGroupInfo }: ProvisionedSpec): ProvisionedThroughput | undefined {
  return brokerNodeGroupInfo.storageInfo?.ebsStorageInfo?.provisionedThroughput;
}

/** Without a `provisionedThroughput` that of the spec stays. */
export function withVolume(
  spec: ProvisionedSpec,
  gib: number,
  provisionedThroughput = throughputOf(spec),
): ProvisionedSpec {
  const group = spec.brokerNodeGroupInfo;
  const ebsStorageInfo = {
    ...group.storageInfo?.ebsStorageInfo,
    ...(provisionedThroughput ? { provisionedThroughput } : {}),
    volumeSize: gib,
  };
  return {
    ...spec,
    brokerNodeGroupInfo: { ...group, storageInfo: { ...group.storageInfo, ebsStorageInfo } },
  };
}
