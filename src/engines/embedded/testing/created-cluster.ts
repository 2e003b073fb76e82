import { withDefaults } from '../../../control/api/provisioned.ts';
import { isApiError } from '../../../control/aws/api-error.ts';
import type { Cluster } from '../../../control/state/cluster.ts';
import { Clusters } from '../../../control/state/clusters.ts';
import { createCluster } from '../../../control/state/create-cluster.ts';

type Request = Parameters<typeof withDefaults>[0];

/** The cluster `orders`, with a broker in each subnet, as the control plane has it before its first step. */
export function createdCluster(
  clientSubnets: Request['brokerNodeGroupInfo']['clientSubnets'],
  encryptionInTransit: NonNullable<Request['encryptionInfo']>['encryptionInTransit'],
): Cluster {
  const clusters = new Clusters();
  const { records, answer } = createCluster(clusters, {
    name: 'orders',
    uuid: '8a1b6c2e-5d0f-4f53-9a3e-0c4b7e1d2f36',
    arn: 'arn:aws:kafka:us-east-1:000000000000:cluster/orders/8a1b6c2e-5d0f-4f53-9a3e-0c4b7e1d2f36-1',
    clusterId: 'id',
    region: 'us-east-1',
    now: 0,
    spec: withDefaults({
      kafkaVersion: '3.9.x.kraft',
      numberOfBrokerNodes: clientSubnets.length,
      brokerNodeGroupInfo: { instanceType: 'kafka.m5.large', clientSubnets },
      encryptionInfo: { encryptionInTransit },
    }),
    tags: {},
    brokerConfig: {},
    busy: new Set<number>(),
  });
  for (const record of records) clusters.replay(record);
  if (isApiError(answer)) throw new Error(answer.message);
  return answer;
}
