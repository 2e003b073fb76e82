import { isApiError } from '../aws/api-error.ts';
import { brokerArn } from '../aws/arn.ts';
import { shortInstanceType } from '../aws/instance-types.ts';
import { page } from '../aws/paging.ts';
import { bootstrapStrings } from '../bootstrap.ts';
import { hostOfBroker } from '../broker-host.ts';
import type { BrokerPlace, Cluster } from '../state/cluster.ts';
import { ARN, operation, PAGE } from './operation.ts';
import { structure } from './shape.ts';

export const getBootstrapBrokers = operation({
  name: 'GetBootstrapBrokers',
  input: structure({ ClusterArn: ARN }),
  handle: (control, { ClusterArn }) => {
    const cluster = control.store.clusters.get(ClusterArn);
    // The model of this operation has no NotFoundException, yet the SDKs read it by its name like any other.
    if (isApiError(cluster)) return cluster;
    if (cluster.state === 'CREATING' || cluster.state === 'FAILED' || cluster.state === 'DELETING')
      return {
        error: 'ConflictException',
        message: `The cluster ${cluster.name} is ${cluster.state}: it has no bootstrap brokers.`,
      };
    return bootstrapStrings(cluster, control.options.advertise);
  },
});

export const listNodes = operation({
  name: 'ListNodes',
  input: structure({ ClusterArn: ARN, ...PAGE }),
  handle: (control, input) => {
    const cluster = control.store.clusters.get(input.ClusterArn);
    if (isApiError(cluster)) return cluster;
    const paged = page(cluster.brokers, {
      ...input,
      key: (broker) => String(broker.id).padStart(4, '0'),
      scope: `nodes/${cluster.arn}`,
    });
    if (isApiError(paged)) return paged;
    return {
      nodeInfoList: paged.items.map((broker) => nodeInfo(cluster, broker, control.options.advertise)),
      nextToken: paged.nextToken,
    };
  },
});

function nodeInfo(cluster: Cluster, broker: BrokerPlace, host: string): object {
  return {
    addedToClusterTime: new Date(broker.addedAt).toISOString(),
    brokerNodeInfo: {
      brokerId: broker.id,
      clientSubnet: broker.subnet,
      currentBrokerSoftwareInfo: { kafkaVersion: cluster.spec.kafkaVersion },
      endpoints: [hostOfBroker(host, broker.id)],
    },
    instanceType: shortInstanceType(broker.instanceType),
    nodeARN: brokerArn(cluster.arn, broker.id),
    nodeType: 'BROKER',
  };
}
