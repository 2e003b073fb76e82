import { CreateClusterCommand, type CreateClusterCommandInput } from '@aws-sdk/client-kafka';
import type { ApiHarness } from './api-harness.ts';

/** A cluster of three brokers in three zones, as CreateCluster asks for it. */
export const ORDERS = {
  ClusterName: 'orders',
  KafkaVersion: '3.9.x.kraft',
  NumberOfBrokerNodes: 3,
  BrokerNodeGroupInfo: {
    InstanceType: 'kafka.m5.large',
    ClientSubnets: ['subnet-a', 'subnet-b', 'subnet-c'],
  },
  Tags: { team: 'billing' },
} satisfies CreateClusterCommandInput;

/** The same request on the wire, without tags. */
export const ORDERS_BODY = {
  clusterName: 'orders',
  kafkaVersion: '3.9.x.kraft',
  numberOfBrokerNodes: 3,
  brokerNodeGroupInfo: {
    instanceType: 'kafka.m5.large',
    clientSubnets: ['subnet-a', 'subnet-b', 'subnet-c'],
  },
};

/** Makes the cluster, with other fields where they are given. Resolves with its ARN when it is settled. */
export async function createActive(
  api: ApiHarness,
  input: Partial<CreateClusterCommandInput> = {},
): Promise<string> {
  const { ClusterArn = '' } = await api.aws.send(new CreateClusterCommand({ ...ORDERS, ...input }));
  await api.control.settled();
  return ClusterArn;
}
