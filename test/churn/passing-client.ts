import { Kafka, logLevel } from 'kafkajs';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ConfigResourceTypes,
  ResourcePatternTypes,
} from '../support/kafkajs-enums.ts';
import { eventually } from '../support/millrace.ts';

const RECORDS_MS = 60_000;

/**
 * A client that comes once, under names that nobody had before, and leaves nothing behind but what Kafka
 * forgets by itself: a topic with a config and an ACL, an idempotent and a transactional producer, offsets
 * that are committed in a transaction, and a member of a group. Rejects at the first thing that fails.
 */
export async function passingClient(brokers: readonly string[], number: number): Promise<void> {
  const topic = `topic-${number}`;
  const group = `group-${number}`;
  const kafka = new Kafka({
    clientId: `client-${number}`,
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  await admin.connect();
  const acl = {
    resourceType: AclResourceTypes.TOPIC,
    resourceName: `acl-${number}`,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: `User:${number}`,
    host: '*',
    operation: AclOperationTypes.READ,
    permissionType: AclPermissionTypes.ALLOW,
  };
  const retention = { name: 'retention.ms', value: '60000' };
  await admin.createTopics({
    topics: [{ topic, numPartitions: 2, replicationFactor: 3 }],
    waitForLeaders: true,
  });
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [retention] }],
  });
  await admin.createAcls({ acl: [acl] });
  await write(kafka, topic);
  await writeInTransaction(kafka, topic, number);
  await read(kafka, topic, group);
  await admin.deleteGroups([group]);
  await admin.deleteAcls({ filters: [acl] });
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
}

async function write(kafka: Kafka, topic: string): Promise<void> {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  await producer.send({ topic, messages: [{ key: 'a', value: 'x'.repeat(100) }] });
  await producer.disconnect();
}

/** Every third transaction is aborted. */
async function writeInTransaction(kafka: Kafka, topic: string, number: number): Promise<void> {
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    transactionalId: `transactional-${number}`,
  });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic, messages: [{ value: 'y' }] });
  await transaction.sendOffsets({
    consumerGroupId: `copies-${number}`,
    topics: [{ topic, partitions: [{ partition: 0, offset: '1' }] }],
  });
  await (number % 3 === 0 ? transaction.abort() : transaction.commit());
  await producer.disconnect();
}

async function read(kafka: Kafka, topic: string, groupId: string): Promise<void> {
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let records = 0;
  await consumer.run({ eachMessage: async () => void records++ });
  await eventually(`${groupId} is given a record`, () => records > 0, RECORDS_MS);
  await consumer.disconnect();
}
