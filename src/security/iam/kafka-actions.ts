import type { AclOperation, ResourceType } from '../acl/acl.ts';

/** What an action of `kafka-cluster` is about: the first word of its resource's ARN after the account. */
export type KafkaResource = 'cluster' | 'topic' | 'group' | 'transactional-id';

export interface KafkaAction {
  readonly resource: KafkaResource;
  /**
   * What clients need besides Connect to make use of it, as MSK's table of actions says. It is advice: no
   * decision asks for it, since clients ask for these by requests of their own. What there is for the same
   * resource comes first.
   */
  readonly needs: readonly KafkaActionName[];
}

/** MSK's table of actions. Each is like an operation of Kafka's ACLs, and none implies another. */
const ACTIONS = {
  Connect: { resource: 'cluster', needs: [] },
  DescribeCluster: { resource: 'cluster', needs: [] },
  AlterCluster: { resource: 'cluster', needs: ['DescribeCluster'] },
  DescribeClusterDynamicConfiguration: { resource: 'cluster', needs: [] },
  AlterClusterDynamicConfiguration: { resource: 'cluster', needs: ['DescribeClusterDynamicConfiguration'] },
  WriteDataIdempotently: { resource: 'cluster', needs: ['WriteData'] },
  CreateTopic: { resource: 'topic', needs: [] },
  DescribeTopic: { resource: 'topic', needs: [] },
  AlterTopic: { resource: 'topic', needs: ['DescribeTopic'] },
  DeleteTopic: { resource: 'topic', needs: ['DescribeTopic'] },
  DescribeTopicDynamicConfiguration: { resource: 'topic', needs: [] },
  AlterTopicDynamicConfiguration: { resource: 'topic', needs: ['DescribeTopicDynamicConfiguration'] },
  ReadData: { resource: 'topic', needs: ['DescribeTopic', 'AlterGroup'] },
  WriteData: { resource: 'topic', needs: ['DescribeTopic'] },
  DescribeGroup: { resource: 'group', needs: [] },
  AlterGroup: { resource: 'group', needs: ['DescribeGroup'] },
  DeleteGroup: { resource: 'group', needs: ['DescribeGroup'] },
  DescribeTransactionalId: { resource: 'transactional-id', needs: [] },
  AlterTransactionalId: { resource: 'transactional-id', needs: ['DescribeTransactionalId', 'WriteData'] },
} as const satisfies Record<string, { readonly resource: KafkaResource; readonly needs: readonly string[] }>;

export type KafkaActionName = keyof typeof ACTIONS;

export const kafkaActions: Readonly<Record<KafkaActionName, KafkaAction>> = ACTIONS;
// Object.keys has no narrower type.
export const KAFKA_ACTION_NAMES = Object.keys(ACTIONS) as readonly KafkaActionName[];

/** As policies name it: `kafka-cluster:ReadData`. */
export function qualified(action: KafkaActionName): string {
  return `kafka-cluster:${action}`;
}

/**
 * The action for each operation of Kafka's ACLs. An operation that is not here has none, and nobody who
 * signed in by IAM may do it: what brokers do among themselves, delegation tokens, two-phase commits, configs
 * of groups. CREATE of a cluster is none either, since CreateTopic is about topics, and brokers ask for both.
 */
const BY_OPERATION: Readonly<Record<ResourceType, Partial<Record<AclOperation, KafkaActionName>>>> = {
  CLUSTER: {
    DESCRIBE: 'DescribeCluster',
    ALTER: 'AlterCluster',
    DESCRIBE_CONFIGS: 'DescribeClusterDynamicConfiguration',
    ALTER_CONFIGS: 'AlterClusterDynamicConfiguration',
    IDEMPOTENT_WRITE: 'WriteDataIdempotently',
  },
  TOPIC: {
    CREATE: 'CreateTopic',
    DESCRIBE: 'DescribeTopic',
    ALTER: 'AlterTopic',
    DELETE: 'DeleteTopic',
    DESCRIBE_CONFIGS: 'DescribeTopicDynamicConfiguration',
    ALTER_CONFIGS: 'AlterTopicDynamicConfiguration',
    READ: 'ReadData',
    WRITE: 'WriteData',
  },
  GROUP: { DESCRIBE: 'DescribeGroup', READ: 'AlterGroup', DELETE: 'DeleteGroup' },
  TRANSACTIONAL_ID: { DESCRIBE: 'DescribeTransactionalId', WRITE: 'AlterTransactionalId' },
  DELEGATION_TOKEN: {},
  USER: {},
};

/** Null where no action is like the operation. */
export function actionOf(operation: AclOperation, resourceType: ResourceType): KafkaActionName | null {
  return BY_OPERATION[resourceType][operation] ?? null;
}
