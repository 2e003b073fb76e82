/**
 * What MSK's API has no words for: faults, health, plans and throttles. Beside it, under a path that AWS does not use, with the same
 * conventions: JSON, errors, and ARNs in the path.
 */
export const OWN_OPERATIONS = [
  ['CancelClusterOperation', 'POST', '/millrace/v1/operations/{ClusterOperationArn}/cancel'],
  ['DescribeActivity', 'GET', '/millrace/v1/operations/{ClusterOperationArn}/activity'],
  ['DescribeDisk', 'GET', '/millrace/v1/disk'],
  ['DescribeHealth', 'GET', '/millrace/v1/clusters/{ClusterArn}/health'],
  ['InjectFault', 'POST', '/millrace/v1/clusters/{ClusterArn}/faults'],
  ['PlanBrokerCount', 'GET', '/millrace/v1/clusters/{ClusterArn}/plan'],
  ['RetryCluster', 'POST', '/millrace/v1/clusters/{ClusterArn}/retry'],
  ['UpdateThrottle', 'PUT', '/millrace/v1/clusters/{ClusterArn}/throttle'],
] as const satisfies readonly (readonly [name: string, method: 'GET' | 'POST' | 'PUT', path: string])[];

export type OwnOperationName = (typeof OWN_OPERATIONS)[number][0];
