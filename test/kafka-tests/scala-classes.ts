/**
 * Classes of Apache Kafka's tests in Scala that get their brokers from QuorumTestHarness, by their packages.
 * Left out are those that look into the objects of a broker from their first line on, whose clients sign in
 * or encrypt by configs of brokers, and that load classes of Java into brokers.
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
    'TransactionsBounceTest',
    'TransactionsTest',
  ],
  'kafka.server': [
    'AddPartitionsToTxnRequestServerTest',
    'AlterUserScramCredentialsRequestTest',
    'ControllerMutationQuotaTest',
    'CreateTopicsRequestTest',
    'DeleteRecordsRequestTest',
    'DeleteTopicsRequestTest',
    'DescribeClusterRequestTest',
    'DescribeUserScramCredentialsRequestTest',
    'EdgeCaseRequestTest',
    'FetchFromFollowerIntegrationTest',
    'FetchRequestMaxBytesTest',
    'FetchRequestTest',
    'ListOffsetsRequestTest',
    'OffsetsForLeaderEpochRequestTest',
    'ProduceRequestTest',
    'ReplicaFetchTest',
  ],
};
