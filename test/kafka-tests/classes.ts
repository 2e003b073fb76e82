import { EMBEDDED_CLASSES } from './embedded-classes.ts';
import { SCALA_CLASSES } from './scala-classes.ts';

/**
 * Classes of Apache Kafka's tests that ask for a cluster by annotation, by their packages. Left out are those
 * of which every test loads classes of Java into brokers (policies, plugins, quota callbacks), reads the
 * JVM's metrics, signs in by SASL/PLAIN, starts older metadata versions, or asks controllers beside brokers.
 */
const ANNOTATED_CLASSES: Readonly<Record<string, readonly string[]>> = {
  'org.apache.kafka.clients': [
    'ClientRebootstrapTest',
    'TransactionsExpirationTest',
    'TransactionsWithMaxInFlightOneTest',
  ],
  'org.apache.kafka.clients.admin': [
    'AdminFenceProducersTest',
    'AutoTopicCreationTest',
    'ConcurrentListOffsetsRequestTest',
    'DeleteTopicTest',
    'DescribeAuthorizedOperationsTest',
    'DescribeFeaturesTest',
    'DescribeProducersWithBrokerIdTest',
    'DynamicGroupConfigIntegrationTest',
    'ListOffsetsIntegrationTest',
    'RackAwareAutoTopicCreationTest',
    'StaticBrokerConfigTest',
  ],
  'org.apache.kafka.clients.consumer': [
    'ConsumerBounceTest',
    'ConsumerIntegrationTest',
    'ConsumerTopicCreationTest',
    'ConsumerWithLegacyMessageFormatIntegrationTest',
    'PlaintextConsumerAssignTest',
    'PlaintextConsumerCallbackTest',
    'PlaintextConsumerCloseTest',
    'PlaintextConsumerCommitTest',
    'PlaintextConsumerFetchTest',
    'PlaintextConsumerPollTest',
    'PlaintextConsumerSubscriptionTest',
    'PlaintextConsumerTest',
    'ShareConsumerRackAwareTest',
    'ShareConsumerTest',
  ],
  'org.apache.kafka.clients.producer': [
    'ProducerCompressionTest',
    'ProducerFailureHandlingTest',
    'ProducerIdExpirationTest',
    'ProducerIntegrationTest',
    'ProducerSendWhileDeletionTest',
  ],
  'org.apache.kafka.clients.security': ['GroupAuthorizerIntegrationTest'],
  'org.apache.kafka.api': ['EndToEndClusterIdTest'],
  'org.apache.kafka.server': [
    'EligibleLeaderReplicasIntegrationTest',
    'MetadataRequestTest',
    'UncleanLeaderElectionTest',
  ],
  'org.apache.kafka.server.config': ['DynamicConfigTest', 'MinInSyncReplicasConfigTest'],
  'org.apache.kafka.server.quota': ['ClientQuotasRequestTest'],
  'kafka.api': ['GroupCoordinatorIntegrationTest'],
  'kafka.server': [
    'ApiVersionsRequestTest',
    'ConsumerGroupDescribeRequestTest',
    'ConsumerGroupHeartbeatRequestTest',
    'ConsumerProtocolMigrationTest',
    'DeleteGroupsRequestTest',
    'DescribeGroupsRequestTest',
    'DescribeQuorumRequestTest',
    'HeartbeatRequestTest',
    'JoinGroupRequestTest',
    'LeaveGroupRequestTest',
    'ListGroupsRequestTest',
    'OffsetCommitRequestTest',
    'OffsetDeleteRequestTest',
    'OffsetFetchRequestTest',
    'ShareFetchAcknowledgeRequestTest',
    'ShareGroupDescribeRequestTest',
    'ShareGroupHeartbeatRequestTest',
    'StreamsGroupDescribeRequestTest',
    'StreamsGroupHeartbeatRequestTest',
    'SyncGroupRequestTest',
    'TxnOffsetCommitRequestTest',
    'WriteTxnMarkersRequestTest',
  ],
  'org.apache.kafka.tools': [
    'AclCommandTest',
    'BrokerApiVersionsCommandTest',
    'ClusterToolTest',
    'ConfigCommandIntegrationTest',
    'DeleteRecordsCommandTest',
    'GetOffsetShellTest',
    'GroupsCommandTest',
    'LeaderElectionCommandTest',
    'LogDirsCommandTest',
    'ResetIntegrationTest',
    'TopicCommandTest',
    'UserScramCredentialsCommandTest',
  ],
  'org.apache.kafka.tools.consumer': ['ConsoleConsumerTest'],
  'org.apache.kafka.tools.consumer.group': [
    'DeleteConsumerGroupsTest',
    'DeleteOffsetsConsumerGroupCommandIntegrationTest',
    'DescribeConsumerGroupTest',
    'ListConsumerGroupTest',
    'ResetConsumerGroupOffsetTest',
  ],
  'org.apache.kafka.tools.reassign': ['ReassignPartitionsCommandTest'],
};

const CLASSES = together(ANNOTATED_CLASSES, EMBEDDED_CLASSES, SCALA_CLASSES);

export interface Selection {
  /** Full names, all of one package. */
  readonly classNames: readonly string[];
  /** Of the full name of a class and a method, as JUnit takes them. */
  readonly patterns: readonly string[];
}

/**
 * By packages: all, or those that are named, with commas between them, without their packages, and with a
 * pattern of methods after a dot. Throws for a name that is not in the table.
 */
export function selectedTests(only: string | null): Selection[] {
  const wanted = only?.split(',').map(readName) ?? null;
  for (const { name } of wanted ?? [])
    if (!Object.values(CLASSES).some((names) => names.includes(name)))
      throw new Error(`There is no class ${name} in test/kafka-tests/classes.ts.`);
  return Object.entries(CLASSES).flatMap(([folder, names]) => {
    const chosen = (wanted ?? names.map((name) => ({ name, method: '.*' }))).filter(({ name }) =>
      names.includes(name),
    );
    if (chosen.length === 0) return [];
    return {
      classNames: [...new Set(chosen.map(({ name }) => `${folder}.${name}`))],
      patterns: chosen.map(({ name, method }) => methodPattern(name, method)),
    };
  });
}

function readName(wanted: string): { readonly name: string; readonly method: string } {
  const [name = '', ...method] = wanted.split('.');
  return { name, method: method.length === 0 ? '.*' : method.join('.') };
}

export function methodPattern(className: string, method: string): string {
  return `.*\\b${className}[.#]${method}`;
}

/** Packages that several tables have get the classes of each. */
function together(
  ...tables: readonly Readonly<Record<string, readonly string[]>>[]
): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  for (const [folder, names] of tables.flatMap((table) => Object.entries(table)))
    all[folder] = [...(all[folder] ?? []), ...names];
  return all;
}
