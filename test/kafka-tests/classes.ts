import { EMBEDDED_CLASSES } from './embedded-classes.ts';
import { SCALA_CLASSES } from './scala-classes.ts';

/**
 * Classes of Apache Kafka's tests that ask for a cluster by annotation, by their packages. Left out are those
 * of which every test loads classes of Java into brokers (policies, plugins, quota callbacks), reads the
 * JVM's metrics, signs in by SASL/PLAIN, starts older metadata versions, wants brokers with several log
 * folders, or asks controllers beside brokers.
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
    'ShareConsumerRackAwareTest$WithAssignmentBatchingDisabledTest',
    'ShareConsumerTest',
  ],
  'org.apache.kafka.clients.producer': [
    'ProducerCompressionTest',
    'ProducerFailureHandlingTest',
    'ProducerIdExpirationTest',
    'ProducerIntegrationTest',
    'ProducerSendWhileDeletionTest',
  ],
  'org.apache.kafka.api': ['EndToEndClusterIdTest'],
  'org.apache.kafka.server': [
    'EligibleLeaderReplicasIntegrationTest',
    'MetadataRequestTest',
    'UncleanLeaderElectionTest',
  ],
  'org.apache.kafka.server.config': ['DynamicConfigTest', 'MinInSyncReplicasConfigTest'],
  'org.apache.kafka.server.log': ['LogAppendTimeTest'],
  'org.apache.kafka.server.quota': ['ClientQuotasRequestTest'],
  'kafka.api': ['GroupCoordinatorIntegrationTest'],
  'kafka.server': [
    'ApiVersionsRequestTest',
    'ConsumerGroupDescribeRequestTest',
    'ConsumerGroupHeartbeatRequestTest',
    'ConsumerGroupHeartbeatRequestTest$WithAssignmentBatchingDisabledTest',
    'ConsumerProtocolMigrationTest',
    'ConsumerProtocolMigrationTest$WithAssignmentBatchingDisabledTest',
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
    'ShareGroupHeartbeatRequestTest$WithAssignmentBatchingDisabledTest',
    'StreamsGroupDescribeRequestTest',
    'StreamsGroupHeartbeatRequestTest',
    'StreamsGroupHeartbeatRequestTest$WithAssignmentBatchingDisabledTest',
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
    'FeatureCommandTest',
    'GetOffsetShellTest',
    'GroupsCommandTest',
    'LeaderElectionCommandTest',
    'LogDirsCommandTest',
    'MetadataQuorumCommandTest',
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
 * By packages: all, or those that are named, with commas between them, with or without their packages, and
 * with a pattern of methods after a dot. A name that two packages have means both where it stands alone.
 * Throws for a name that is not in the table.
 */
export function selectedTests(only: string | null): Selection[] {
  const wanted = only?.split(',').map(readName) ?? null;
  for (const one of wanted ?? [])
    if (!Object.entries(CLASSES).some((each) => isIn(one, each)))
      throw new Error(
        `There is no class ${one.folder === null ? '' : `${one.folder}.`}${one.name} in test/kafka-tests/classes.ts.`,
      );
  return Object.entries(CLASSES).flatMap(([folder, names]) => {
    const chosen =
      wanted?.filter((one) => isIn(one, [folder, names])) ?? names.map((name) => ({ name, method: '.*' }));
    if (chosen.length === 0) return [];
    return {
      classNames: [...new Set(chosen.map(({ name }) => `${folder}.${name}`))],
      patterns: chosen.map(({ name, method }) => methodPattern(name, method)),
    };
  });
}

/** What a person asks for. */
interface Wanted {
  /** The package; null for any. */
  readonly folder: string | null;
  readonly name: string;
  readonly method: string;
}

const isIn = ({ folder, name }: Wanted, [there, names]: readonly [string, readonly string[]]): boolean =>
  (folder === null || folder === there) && names.includes(name);

/** Names of packages begin with small letters. */
function readName(wanted: string): Wanted {
  const parts = wanted.split('.');
  const at = parts.findIndex((part) => !/^[a-z]/.test(part));
  const method = parts.slice(at + 1).join('.');
  return {
    folder: at > 0 ? parts.slice(0, at).join('.') : null,
    name: parts[at] ?? wanted,
    method: method === '' ? '.*' : method,
  };
}

export function methodPattern(className: string, method: string): string {
  return `.*\\b${className.replaceAll('$', '\\$')}[.#]${method}`;
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
