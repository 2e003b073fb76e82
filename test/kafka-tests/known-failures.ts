const ORDER = 'Expects an order that comes from a hash table of Java.';
const CERTIFICATES = 'Certificates are given where a listener is, and not by configs of brokers.';
const NO_KRAFT_FEATURE =
  'Expects no level of kraft.version, as in a cluster whose voters are configs: Millrace has one, as a cluster of kafka-storage format --standalone.';
const OLD_METADATA = 'Wants a new cluster with an old metadata version, which startCluster does not make.';
const NO_TIERED_STORAGE = 'Tiered storage is not built.';
const NO_UNRELEASED = 'Expects versions of APIs that are not released, which are not built.';
const JAVA_CLASS = 'Wants a class of Java loaded into the controller.';
const LAST_METRIC = 'Passes up to its last line, which reads a metric of the JVM of a broker.';
const LOGGERS = 'Names loggers by classes of Java.';
const METRICS = 'Reads metrics of the JVM of a broker.';
const NODES_ONLY =
  'Asks as a client what Millrace serves to the nodes of a cluster alone, whatever ACLs say: a follower’s fetch, the state of share groups.';
const ONE_LOG_FOLDER = 'A broker has one log folder.';
const PLAIN = 'Signs in by SASL/PLAIN, which Millrace does not have.';
const SENTENCE = 'Compares a sentence; Millrace’s says which record is refused, and what it may be.';
const SMALL_SEGMENTS = 'internal.segment.bytes, a config for the tests of Kafka’s log, is refused.';

/** Tests that classes of several ways to sign in have from one. */
const END_TO_END = [
  'testNoConsumeWithDescribeAclViaAssign',
  'testNoConsumeWithDescribeAclViaSubscribe',
  'testNoConsumeWithoutDescribeAclViaAssign',
  'testNoGroupAcl',
  'testNoProduceWithDescribeAcl',
  'testProduceConsumeTopicAutoCreateTopicCreateAcl',
  'testProduceConsumeViaAssign',
  'testProduceConsumeViaSubscribe',
  'testProduceConsumeWithPrefixedAcls',
  'testProduceConsumeWithWildcardAcls',
];

/** Tests of Apache Kafka that fail on Millrace, as `Class.method`, with the reason of each. */
export const knownFailures: Readonly<Record<string, string>> = {
  'ApiVersionsRequestTest.testApiVersionsRequest': NO_KRAFT_FEATURE,
  'ApiVersionsRequestTest.testApiVersionsRequestIncludesUnreleasedApis': NO_KRAFT_FEATURE,
  'ApiVersionsRequestTest.testApiVersionsRequestValidationV0': OLD_METADATA,
  'AuthorizerIntegrationTest.testAuthorizationWithTopicExisting': NODES_ONLY,
  'AuthorizerIntegrationTest.testDeleteShareGroupStateWithClusterAcl': NODES_ONLY,
  'AuthorizerIntegrationTest.testDeleteShareGroupStateWithOperationAll': NODES_ONLY,
  'AuthorizerIntegrationTest.testDeleteShareGroupStateWithoutClusterAcl': NODES_ONLY,
  'AuthorizerIntegrationTest.testFetchFollowerRequest': NODES_ONLY,
  'AuthorizerIntegrationTest.testInitializeShareGroupStateWithClusterAcl': NODES_ONLY,
  'AuthorizerIntegrationTest.testInitializeShareGroupStateWithOperationAll': NODES_ONLY,
  'AuthorizerIntegrationTest.testInitializeShareGroupStateWithoutClusterAcl': NODES_ONLY,
  'AuthorizerIntegrationTest.testReadShareGroupStateSummaryWithClusterAcl': NODES_ONLY,
  'AuthorizerIntegrationTest.testReadShareGroupStateSummaryWithOperationAll': NODES_ONLY,
  'AuthorizerIntegrationTest.testReadShareGroupStateSummaryWithoutClusterAcl': NODES_ONLY,
  'AuthorizerIntegrationTest.testReadShareGroupStateWithClusterAcl': NODES_ONLY,
  'AuthorizerIntegrationTest.testReadShareGroupStateWithOperationAll': NODES_ONLY,
  'AuthorizerIntegrationTest.testReadShareGroupStateWithoutClusterAcl': NODES_ONLY,
  'AuthorizerIntegrationTest.testWriteShareGroupStateWithClusterAcl': NODES_ONLY,
  'AuthorizerIntegrationTest.testWriteShareGroupStateWithOperationAll': NODES_ONLY,
  'AuthorizerIntegrationTest.testWriteShareGroupStateWithoutClusterAcl': NODES_ONLY,
  'BrokerApiVersionsCommandTest.testBrokerApiVersionsCommandOutput': NO_UNRELEASED,
  'ConfigCommandIntegrationTest.testBrokerLoggerConfigUpdate': LOGGERS,
  'ConfigCommandIntegrationTest.testDynamicBrokerConfigUpdateUsingKraft': CERTIFICATES,
  'ConfigCommandIntegrationTest.testUnsupportedVersionException': OLD_METADATA,
  'ConfigCommandIntegrationTest.testUpdateBrokerConfigNotAffectedByInvalidConfig':
    'Reads what a broker obeys from its KafkaConfig, which here is what it was started with.',
  'ConfigCommandIntegrationTest.testUpdatePerBrokerConfigWithListenerNameInKRaftThenShouldSuccessful':
    CERTIFICATES,
  'ConsumerGroupDescribeRequestTest.testConsumerGroupDescribeWithNewGroupCoordinator': ORDER,
  'DescribeQuorumRequestTest.testDescribeQuorum':
    'Expects the controller to have the number 3000; Millrace’s has 10000.',
  'DescribeUserScramCredentialsRequestNotAuthorizedTest.testDescribeNotAuthorized':
    'Gives the authorizer to brokers alone; Millrace’s controller has the same one, and answers this.',
  'ExactlyOnceSourceIntegrationTest.testTasksFailOnInabilityToFence': PLAIN,
  'FeatureCommandTest.testDescribeWithKRaft': OLD_METADATA,
  'FeatureCommandTest.testDescribeWithKRaftAndBootstrapControllers': OLD_METADATA,
  'FeatureCommandTest.testDescribeWithUnstableApiVersions': OLD_METADATA,
  'FeatureCommandTest.testDescribeWithUnstableFeatureVersions': OLD_METADATA,
  'FeatureCommandTest.testDowngradeMetadataVersionWithKRaft': OLD_METADATA,
  'FeatureCommandTest.testDowngradeWithReleaseVersion': OLD_METADATA,
  'FeatureCommandTest.testUpgradeMetadataVersionWithKraft': OLD_METADATA,
  'FeatureCommandTest.testUpgradeWithReleaseVersion': OLD_METADATA,
  'FetchRequestTest.testBrokerRespectsPartitionsOrderAndSizeLimits':
    'Expects the first bytes of a batch where the whole does not fit; Millrace sends whole batches.',
  'GetOffsetShellTest.testGetOffsetsByEarliestLocalSpec': NO_TIERED_STORAGE,
  'GetOffsetShellTest.testGetOffsetsByEarliestTieredSpec': NO_TIERED_STORAGE,
  'GetOffsetShellTest.testGetOffsetsByLatestTieredSpec': NO_TIERED_STORAGE,
  'KRaftClusterTest.testAbandonedFutureReplicaRecovered_mainReplicaInOfflineLogDir': ONE_LOG_FOLDER,
  'KRaftClusterTest.testAbandonedFutureReplicaRecovered_mainReplicaInOnlineLogDir': ONE_LOG_FOLDER,
  'KRaftClusterTest.testAuthorizerFailureFoundInControllerStartup': JAVA_CLASS,
  'KRaftClusterTest.testCreateClusterAndCreateTopicWithRemoteLogManagerInstantiation': NO_TIERED_STORAGE,
  'KRaftClusterTest.testReconfigureControllerAuthorizer': JAVA_CLASS,
  'KRaftClusterTest.testReconfigureControllerClientQuotas': JAVA_CLASS,
  'KRaftClusterTest.testRemoteLogManagerInstantiation': NO_TIERED_STORAGE,
  'KRaftClusterTest.testSetLog4jConfigurations': LOGGERS,
  'ListGroupsRequestTest.testListGroupsWithNewConsumerGroupProtocol': ORDER,
  'MetadataQuorumCommandTest.testDescribeQuorumReplicationSuccessful':
    'Wants two controllers; a cluster of Millrace has one.',
  'MetadataQuorumCommandTest.testDescribeQuorumStatusSuccessful': NO_KRAFT_FEATURE,
  'PlaintextAdminIntegrationTest.testAlterLogDirsAfterDeleteRecords': ONE_LOG_FOLDER,
  'PlaintextAdminIntegrationTest.testAlterReplicaLogDirs': ONE_LOG_FOLDER,
  'PlaintextAdminIntegrationTest.testDeleteRecordsAfterCorruptRecords': SMALL_SEGMENTS,
  'PlaintextAdminIntegrationTest.testDescribeConfigsForLog4jLogLevels': LOGGERS,
  'PlaintextAdminIntegrationTest.testIncrementalAlterConfigsForLog4jLogLevels': LOGGERS,
  'PlaintextAdminIntegrationTest.testIncrementalAlterConfigsForLog4jLogLevelsCanResetLoggerToCurrentRoot':
    LOGGERS,
  'PlaintextAdminIntegrationTest.testIncrementalAlterConfigsForLog4jLogLevelsCanSetToRootLogger':
    'No request changes the level of a logger.',
  'PlaintextAdminIntegrationTest.testIncrementalAlterConfigsForLog4jLogLevelsDoesNotWorkWithInvalidConfigs':
    LOGGERS,
  'PlaintextAdminIntegrationTest.testDescribeAndAlterConfigs':
    'Expects a broker to have the listeners that the test names; Millrace’s has one more, for brokers.',
  ...together('PlaintextEndToEndAuthorizationTest', END_TO_END, LAST_METRIC),
  'ProduceRequestTest.testCorruptLz4ProduceRequest': METRICS,
  'ProduceRequestTest.testProduceWithInvalidTimestamp': SENTENCE,
  'ProducerIntegrationTest.testUniqueProducerIds': OLD_METADATA,
  'PurgeRepartitionTopicIntegrationTest.shouldRestoreState': SMALL_SEGMENTS,
  'ReassignPartitionsCommandTest.testAlterLogDirReassignmentThrottle': ONE_LOG_FOLDER,
  'ReassignPartitionsCommandTest.testLogDirReassignment': ONE_LOG_FOLDER,
  ...together('SaslScramSslEndToEndAuthorizationTest', END_TO_END, LAST_METRIC),
  'SaslScramSslEndToEndAuthorizationTest.testAuthentications': METRICS,
  'SaslScramSslEndToEndAuthorizationTest.testTwoConsumersWithDifferentSaslCredentials': LAST_METRIC,
  'ShareConsumerTest.testRenewAcknowledgementInvalidStateRecord': LAST_METRIC,
  'ShareConsumerTest.testRenewAcknowledgementNoResultInPoll': METRICS,
  'ShareConsumerTest.testRenewAcknowledgementOnCommitSync': LAST_METRIC,
  'ShareConsumerTest.testRenewAcknowledgementOnPoll': LAST_METRIC,
  'TopicCommandTest.testCreateWithInternalConfig': SMALL_SEGMENTS,
};

/** What a failure says that has one of these reasons: whatever fails before it is not known. */
export const lastWords: ReadonlyMap<string, RegExp> = new Map([
  [LAST_METRIC, /Unable to find metric|metric not found/],
]);

/** Tests that pass or fail on Millrace by how fast the machine is, with the reason of each. */
export const unsteady: Readonly<Record<string, string>> = {
  'ShareGroupHeartbeatRequestTest.testPartitionAssignmentWithChangingTopics':
    'Counts epochs of a topic that is deleted within the second after an assignment.',
};

function together(
  className: string,
  methods: readonly string[],
  reason: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(methods.map((method) => [`${className}.${method}`, reason]));
}
