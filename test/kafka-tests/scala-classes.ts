/**
 * Classes of Apache Kafka's tests in Scala that get their brokers from QuorumTestHarness, by their packages.
 * Left out are those that look into the objects of a broker from their first line on, that load classes of
 * Java into brokers, whose clients sign in by something else than SCRAM, and whose clients show certificates:
 * those signed themselves, several under one name, which OpenSSL does not tell apart.
 */
export const SCALA_CLASSES: Readonly<Record<string, readonly string[]>> = {
  'kafka.admin': ['AddPartitionsTest'],
  'kafka.api': [
    'AuthorizerIntegrationTest',
    'PlaintextAdminIntegrationTest',
    'PlaintextConsumerAssignorsTest',
    'PlaintextConsumerTest',
    'PlaintextEndToEndAuthorizationTest',
    'PlaintextProducerSendTest',
    'SaslScramSslEndToEndAuthorizationTest',
    'TransactionsBounceTest',
    'TransactionsTest',
  ],
  'kafka.server': [
    'AddPartitionsToTxnRequestServerTest',
    'AlterUserScramCredentialsRequestTest',
    'ApiVersionsResponseIntegrationTest',
    'ControllerMutationQuotaTest',
    'CreateTopicsRequestTest',
    'DelegationTokenRequestsOnPlainTextTest',
    'DeleteRecordsRequestTest',
    'DeleteTopicsRequestTest',
    'DescribeClusterRequestTest',
    'DescribeUserScramCredentialsRequestNotAuthorizedTest',
    'DescribeUserScramCredentialsRequestTest',
    'EdgeCaseRequestTest',
    'FetchFromFollowerIntegrationTest',
    'FetchRequestMaxBytesTest',
    'FetchRequestTest',
    'ListOffsetsRequestTest',
    'LogOffsetTest',
    'LogRecoveryTest',
    'OffsetsForLeaderEpochRequestTest',
    'ProduceRequestTest',
    'ReplicaFetchTest',
    'RequestQuotaTest',
  ],
};
