/**
 * What MSK's API has no words for: ACLs, CAs, decisions by IAM, faults, health, plans, ports, queues and
 * throttles. Beside it,
 * under a path that AWS does not use, with the same conventions: JSON, errors, and ARNs in the path.
 */
export const OWN_OPERATIONS = [
  ['AddAcls', 'POST', '/millrace/v1/clusters/{ClusterArn}/acls'],
  ['AddClientCa', 'POST', '/millrace/v1/client-cas'],
  ['CancelClusterOperation', 'POST', '/millrace/v1/operations/{ClusterOperationArn}/cancel'],
  ['DescribeActivity', 'GET', '/millrace/v1/operations/{ClusterOperationArn}/activity'],
  ['DescribeDisk', 'GET', '/millrace/v1/disk'],
  ['DescribeHealth', 'GET', '/millrace/v1/clusters/{ClusterArn}/health'],
  ['DescribeServer', 'GET', '/millrace/v1/server'],
  ['ExplainAcl', 'GET', '/millrace/v1/clusters/{ClusterArn}/acls/explain'],
  ['InjectFault', 'POST', '/millrace/v1/clusters/{ClusterArn}/faults'],
  ['IssueClientCertificate', 'POST', '/millrace/v1/client-cas/{name}/certificates'],
  ['ListAcls', 'GET', '/millrace/v1/clusters/{ClusterArn}/acls'],
  ['ListEvents', 'GET', '/millrace/v1/events'],
  ['ListClientCas', 'GET', '/millrace/v1/client-cas'],
  ['PlanClusterConfiguration', 'GET', '/millrace/v1/clusters/{ClusterArn}/configuration-plan'],
  ['PlanKafkaVersion', 'GET', '/millrace/v1/clusters/{ClusterArn}/version-plan'],
  ['PlanBrokerCount', 'GET', '/millrace/v1/clusters/{ClusterArn}/plan'],
  ['QueueChange', 'POST', '/millrace/v1/clusters/{ClusterArn}/queue'],
  ['RemoveAcls', 'POST', '/millrace/v1/clusters/{ClusterArn}/acls/remove'],
  ['RemoveClientCa', 'DELETE', '/millrace/v1/client-cas/{name}'],
  ['RenewCa', 'POST', '/millrace/v1/ca/renewal'],
  ['RetryCluster', 'POST', '/millrace/v1/clusters/{ClusterArn}/retry'],
  ['SimulateIamAccess', 'GET', '/millrace/v1/iam/simulate'],
  ['UpdatePorts', 'PUT', '/millrace/v1/clusters/{ClusterArn}/ports'],
  ['UpdateThrottle', 'PUT', '/millrace/v1/clusters/{ClusterArn}/throttle'],
] as const satisfies readonly (readonly [
  name: string,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
])[];

export type OwnOperationName = (typeof OWN_OPERATIONS)[number][0];
