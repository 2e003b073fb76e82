import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';
import type { Client, TextRecord } from './client.ts';

/** By itself it waits 5 s for a connection, and has a broker give up the creation of a topic after 5 s. */
const PATIENCE = { connectTimeout: 60_000, timeout: 60_000 };

export const platformatic: Client = {
  name: '@platformatic/kafka',
  missing: null,
  compressions: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  async createTopic(bootstrap, topic, partitions) {
    const admin = new Admin({ clientId: 'round-trip', bootstrapBrokers: bootstrap.split(','), ...PATIENCE });
    await admin.createTopics({ topics: [topic], partitions, replicas: -1 });
    await admin.close();
  },
  async produce(bootstrap, topic, compression, records) {
    const producer = new Producer({
      clientId: 'round-trip',
      bootstrapBrokers: bootstrap.split(','),
      ...PATIENCE,
      serializers: stringSerializers,
      compression: compression as 'none',
      idempotent: true,
    });
    for (let at = 0; at < records.length; at += 5000)
      await producer.send({ messages: records.slice(at, at + 5000).map((record) => ({ topic, ...record })) });
    await producer.close();
  },
  async consume(bootstrap, topic, groupId, count) {
    const consumer = new Consumer({
      clientId: 'round-trip',
      groupId,
      bootstrapBrokers: bootstrap.split(','),
      ...PATIENCE,
      deserializers: stringDeserializers,
      autocommit: true,
    });
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest', maxWaitTime: 500 });
    const read: TextRecord[] = [];
    for await (const { key, value } of stream) {
      read.push({ key, value });
      if (read.length === count) break;
    }
    await consumer.close(true);
    return read;
  },
};
