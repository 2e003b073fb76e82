type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Route = readonly [name: string, method: Method, path: string];

/**
 * The operations of the service model of 2018-11-14 in AWS's SDK, which is the test of it, and where they are
 * on the wire.
 */
export const MODELLED = [
  ['BatchAssociateScramSecret', 'POST', '/v1/clusters/{ClusterArn}/scram-secrets'],
  ['BatchDisassociateScramSecret', 'PATCH', '/v1/clusters/{ClusterArn}/scram-secrets'],
  ['CreateChannel', 'POST', '/v1/clusters/{ClusterArn}/channels'],
  ['CreateCluster', 'POST', '/v1/clusters'],
  ['CreateClusterV2', 'POST', '/api/v2/clusters'],
  ['CreateConfiguration', 'POST', '/v1/configurations'],
  ['CreateReplicator', 'POST', '/replication/v1/replicators'],
  ['CreateTopic', 'POST', '/v1/clusters/{ClusterArn}/topics'],
  ['CreateVpcConnection', 'POST', '/v1/vpc-connection'],
  ['DeleteChannel', 'DELETE', '/v1/clusters/{ClusterArn}/channels/{ChannelArn}'],
  ['DeleteCluster', 'DELETE', '/v1/clusters/{ClusterArn}'],
  ['DeleteClusterPolicy', 'DELETE', '/v1/clusters/{ClusterArn}/policy'],
  ['DeleteConfiguration', 'DELETE', '/v1/configurations/{Arn}'],
  ['DeleteReplicator', 'DELETE', '/replication/v1/replicators/{ReplicatorArn}'],
  ['DeleteTopic', 'DELETE', '/v1/clusters/{ClusterArn}/topics/{TopicName}'],
  ['DeleteVpcConnection', 'DELETE', '/v1/vpc-connection/{Arn}'],
  ['DescribeChannel', 'GET', '/v1/clusters/{ClusterArn}/channels/{ChannelArn}'],
  ['DescribeCluster', 'GET', '/v1/clusters/{ClusterArn}'],
  ['DescribeClusterOperation', 'GET', '/v1/operations/{ClusterOperationArn}'],
  ['DescribeClusterOperationV2', 'GET', '/api/v2/operations/{ClusterOperationArn}'],
  ['DescribeClusterV2', 'GET', '/api/v2/clusters/{ClusterArn}'],
  ['DescribeConfiguration', 'GET', '/v1/configurations/{Arn}'],
  ['DescribeConfigurationRevision', 'GET', '/v1/configurations/{Arn}/revisions/{Revision}'],
  ['DescribeReplicator', 'GET', '/replication/v1/replicators/{ReplicatorArn}'],
  ['DescribeTopic', 'GET', '/v1/clusters/{ClusterArn}/topics/{TopicName}'],
  ['DescribeTopicPartitions', 'GET', '/v1/clusters/{ClusterArn}/topics/{TopicName}/partitions'],
  ['DescribeVpcConnection', 'GET', '/v1/vpc-connection/{Arn}'],
  ['GetBootstrapBrokers', 'GET', '/v1/clusters/{ClusterArn}/bootstrap-brokers'],
  ['GetClusterPolicy', 'GET', '/v1/clusters/{ClusterArn}/policy'],
  ['GetCompatibleKafkaVersions', 'GET', '/v1/compatible-kafka-versions'],
  ['ListChannels', 'GET', '/v1/clusters/{ClusterArn}/channels'],
  ['ListClientVpcConnections', 'GET', '/v1/clusters/{ClusterArn}/client-vpc-connections'],
  ['ListClusterOperations', 'GET', '/v1/clusters/{ClusterArn}/operations'],
  ['ListClusterOperationsV2', 'GET', '/api/v2/clusters/{ClusterArn}/operations'],
  ['ListClusters', 'GET', '/v1/clusters'],
  ['ListClustersV2', 'GET', '/api/v2/clusters'],
  ['ListConfigurationRevisions', 'GET', '/v1/configurations/{Arn}/revisions'],
  ['ListConfigurations', 'GET', '/v1/configurations'],
  ['ListKafkaVersions', 'GET', '/v1/kafka-versions'],
  ['ListNodes', 'GET', '/v1/clusters/{ClusterArn}/nodes'],
  ['ListReplicators', 'GET', '/replication/v1/replicators'],
  ['ListScramSecrets', 'GET', '/v1/clusters/{ClusterArn}/scram-secrets'],
  ['ListTagsForResource', 'GET', '/v1/tags/{ResourceArn}'],
  ['ListTopics', 'GET', '/v1/clusters/{ClusterArn}/topics'],
  ['ListVpcConnections', 'GET', '/v1/vpc-connections'],
  ['PutClusterPolicy', 'PUT', '/v1/clusters/{ClusterArn}/policy'],
  ['RebootBroker', 'PUT', '/v1/clusters/{ClusterArn}/reboot-broker'],
  ['RejectClientVpcConnection', 'PUT', '/v1/clusters/{ClusterArn}/client-vpc-connection'],
  ['TagResource', 'POST', '/v1/tags/{ResourceArn}'],
  ['UntagResource', 'DELETE', '/v1/tags/{ResourceArn}'],
  ['UpdateBrokerCount', 'PUT', '/v1/clusters/{ClusterArn}/nodes/count'],
  ['UpdateBrokerStorage', 'PUT', '/v1/clusters/{ClusterArn}/nodes/storage'],
  ['UpdateBrokerType', 'PUT', '/v1/clusters/{ClusterArn}/nodes/type'],
  ['UpdateChannel', 'PUT', '/v1/clusters/{ClusterArn}/channels/{ChannelArn}'],
  ['UpdateClusterConfiguration', 'PUT', '/v1/clusters/{ClusterArn}/configuration'],
  ['UpdateClusterKafkaVersion', 'PUT', '/v1/clusters/{ClusterArn}/version'],
  ['UpdateConfiguration', 'PUT', '/v1/configurations/{Arn}'],
  ['UpdateConnectivity', 'PUT', '/v1/clusters/{ClusterArn}/connectivity'],
  ['UpdateMonitoring', 'PUT', '/v1/clusters/{ClusterArn}/monitoring'],
  ['UpdateRebalancing', 'PUT', '/v1/clusters/{ClusterArn}/rebalancing'],
  ['UpdateReplicationInfo', 'PUT', '/replication/v1/replicators/{ReplicatorArn}/replication-info'],
  ['UpdateSecurity', 'PATCH', '/v1/clusters/{ClusterArn}/security'],
  ['UpdateStorage', 'PUT', '/v1/clusters/{ClusterArn}/storage'],
  ['UpdateTopic', 'PUT', '/v1/clusters/{ClusterArn}/topics/{TopicName}'],
] as const satisfies readonly Route[];

/**
 * Those that AWS documents since August 2026 and the SDK does not know yet: readiness for Express brokers,
 * and moving topics to them.
 */
export const DOCUMENTED = [
  ['CreateAssessment', 'POST', '/v1/clusters/{ClusterArn}/assessments'],
  ['DeleteAssessment', 'DELETE', '/v1/clusters/{ClusterArn}/assessments/{AssessmentArn}'],
  ['DescribeAssessment', 'GET', '/v1/clusters/{ClusterArn}/assessments/{AssessmentArn}'],
  ['DescribeTopicReassignment', 'GET', '/v1/clusters/{ClusterArn}/topic-reassignments/{OperationArn}'],
  ['ListAssessmentFindings', 'GET', '/v1/clusters/{ClusterArn}/assessments/{AssessmentArn}/findings'],
  ['ListAssessments', 'GET', '/v1/clusters/{ClusterArn}/assessments'],
  ['ListTopicReassignments', 'GET', '/v1/clusters/{ClusterArn}/topic-reassignments'],
  ['StartTopicReassignment', 'POST', '/v1/clusters/{ClusterArn}/topic-reassignments'],
  ['StopTopicReassignment', 'POST', '/v1/clusters/{ClusterArn}/topic-reassignments/{OperationArn}/stop'],
] as const satisfies readonly Route[];

/** Every operation of MSK's API. */
export const OPERATIONS = [...MODELLED, ...DOCUMENTED];

export type OperationName = (typeof OPERATIONS)[number][0];
