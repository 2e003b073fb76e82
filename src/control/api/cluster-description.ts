import { managedKeyArn } from '../aws/arn.ts';
import { zoneId } from '../aws/zone-id.ts';
import type { Cluster } from '../state/cluster.ts';
import { currentVersion } from '../state/current-version.ts';
import type { ProvisionedSpec } from '../state/provisioned-spec.ts';

/** ClusterInfo: how DescribeCluster and ListClusters show a cluster. */
export function clusterInfo(cluster: Cluster): object {
  const { kafkaVersion: _, brokerNodeGroupInfo: __, configurationInfo: ___, ...spec } = cluster.spec;
  return {
    ...spec,
    ...encryption(cluster),
    ...shared(cluster),
    brokerNodeGroupInfo: brokerNodeGroupInfo(cluster),
    currentBrokerSoftwareInfo: brokerSoftwareInfo(cluster.spec),
    customerActionStatus: 'NONE',
  };
}

/** Cluster: how the V2 operations show it. */
export function clusterV2(cluster: Cluster): object {
  const { kafkaVersion: _, brokerNodeGroupInfo: __, configurationInfo: ___, ...spec } = cluster.spec;
  return {
    ...shared(cluster),
    clusterType: 'PROVISIONED',
    provisioned: {
      ...spec,
      ...encryption(cluster),
      brokerNodeGroupInfo: brokerNodeGroupInfo(cluster),
      currentBrokerSoftwareInfo: brokerSoftwareInfo(cluster.spec),
      customerActionStatus: 'NONE',
    },
  };
}

function brokerSoftwareInfo({ kafkaVersion, configurationInfo }: ProvisionedSpec): object {
  return {
    kafkaVersion,
    ...(configurationInfo
      ? { configurationArn: configurationInfo.arn, configurationRevision: configurationInfo.revision }
      : {}),
  };
}

function shared(cluster: Cluster): object {
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    creationTime: new Date(cluster.createdAt).toISOString(),
    currentVersion: currentVersion(cluster),
    state: cluster.state,
    ...(cluster.operationArn === null ? {} : { activeOperationArn: cluster.operationArn }),
    ...(cluster.stateInfo ? { stateInfo: cluster.stateInfo } : {}),
    tags: cluster.tags,
  };
}

function brokerNodeGroupInfo(cluster: Cluster): object {
  const zones = new Set(cluster.brokers.map((broker) => broker.zone));
  const group = cluster.spec.brokerNodeGroupInfo;
  return {
    ...group,
    connectivityInfo: {
      ...group.connectivityInfo,
      vpcConnectivity: withEveryScheme(group.connectivityInfo?.vpcConnectivity),
    },
    zoneIds: [...zones].map((zone) => zoneId(cluster.region, zone)),
  };
}

type VpcConnectivity = NonNullable<Group['connectivityInfo']>['vpcConnectivity'];
type Group = Cluster['spec']['brokerNodeGroupInfo'];

/** AWS names every scheme, also those that nobody asked for. */
function withEveryScheme(asked: VpcConnectivity): object {
  const { sasl, tls } = asked?.clientAuthentication ?? {};
  return {
    clientAuthentication: {
      sasl: {
        scram: { enabled: sasl?.scram?.enabled ?? false },
        iam: { enabled: sasl?.iam?.enabled ?? false },
      },
      tls: { enabled: tls?.enabled ?? false },
    },
  };
}

/**
 * AWS always names a key for data at rest: the caller's, or one that it manages itself. Neither encrypts
 * anything here.
 */
function encryption({ arn, spec: { encryptionInfo } }: Cluster): object {
  if (!encryptionInfo) return {};
  const { encryptionAtRest = { dataVolumeKMSKeyId: managedKeyArn(arn) } } = encryptionInfo;
  return { encryptionInfo: { ...encryptionInfo, encryptionAtRest } };
}
