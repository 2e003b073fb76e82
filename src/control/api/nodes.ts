import { badRequest, isApiError } from '../aws/api-error.ts';
import { brokerArn, networkInterfaceId } from '../aws/arn.ts';
import { shortInstanceType } from '../aws/instance-types.ts';
import { page } from '../aws/paging.ts';
import { hostOfBroker } from '../broker-host.ts';
import type { ControlOptions } from '../control.ts';
import { bootstrapStrings } from '../endpoints/bootstrap.ts';
import type { BrokerPlace, Cluster } from '../state/cluster.ts';
import { ARN, operation, PAGE } from './operation.ts';
import { structure } from './shape.ts';

export const getBootstrapBrokers = operation({
  name: 'GetBootstrapBrokers',
  input: structure({ ClusterArn: ARN }),
  handle: (control, { ClusterArn }, { host }) => {
    const cluster = control.store.clusters.get(ClusterArn);
    // The model of this operation has no NotFoundException, yet the SDKs read it by its name like any other.
    if (isApiError(cluster)) return cluster;
    if (cluster.state === 'CREATING' || cluster.state === 'FAILED' || cluster.state === 'DELETING')
      return badRequest(`You can't get bootstrap broker nodes for a cluster in ${cluster.state} state.`);
    return bootstrapStrings(cluster, control.options.advertised, host);
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
      nodeInfoList: paged.items.map((broker) => nodeInfo(cluster, broker, control.options)),
      nextToken: paged.nextToken,
    };
  },
});

function nodeInfo(cluster: Cluster, broker: BrokerPlace, { advertised }: ControlOptions): object {
  return {
    addedToClusterTime: new Date(broker.addedAt).toISOString(),
    brokerNodeInfo: {
      attachedENIId: networkInterfaceId(cluster.arn, broker.id),
      brokerId: broker.id,
      clientSubnet: broker.subnet,
      clientVpcIpAddress: hostOfBroker(advertised[0].host, broker.id),
      currentBrokerSoftwareInfo: { kafkaVersion: broker.kafkaVersion ?? cluster.spec.kafkaVersion },
      endpoints: advertised.map(({ name }) => hostOfBroker(name, broker.id)),
    },
    instanceType: shortInstanceType(broker.instanceType),
    nodeARN: brokerArn(cluster.arn, broker.id),
    nodeType: 'BROKER',
  };
}
