import { zoneId } from '../aws/zone-id.ts';
import type { Cluster } from '../state/cluster.ts';
import { currentVersion } from '../state/current-version.ts';

/** ClusterInfo: how DescribeCluster and ListClusters show a cluster. */
export function clusterInfo(cluster: Cluster): object {
  const { kafkaVersion, brokerNodeGroupInfo: _, ...spec } = cluster.spec;
  return {
    ...spec,
    ...shared(cluster),
    brokerNodeGroupInfo: brokerNodeGroupInfo(cluster),
    currentBrokerSoftwareInfo: { kafkaVersion },
    customerActionStatus: 'NONE',
  };
}

/** Cluster: how the V2 operations show it. */
export function clusterV2(cluster: Cluster): object {
  const { kafkaVersion, brokerNodeGroupInfo: _, ...spec } = cluster.spec;
  return {
    ...shared(cluster),
    clusterType: 'PROVISIONED',
    provisioned: {
      ...spec,
      brokerNodeGroupInfo: brokerNodeGroupInfo(cluster),
      currentBrokerSoftwareInfo: { kafkaVersion },
      customerActionStatus: 'NONE',
    },
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
  return {
    ...cluster.spec.brokerNodeGroupInfo,
    zoneIds: [...zones].map((zone) => zoneId(cluster.region, zone)),
  };
}
