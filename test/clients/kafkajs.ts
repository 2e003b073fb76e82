import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import kafkajs, { type Admin, type Kafka as KafkaType } from 'kafkajs';
import SnappyCodec from 'kafkajs-snappy';
import lz4 from 'lz4-napi';
import type { Client, TextRecord } from './client.ts';

const { Kafka, CompressionTypes, CompressionCodecs, KafkaJSProtocolError, logLevel } = kafkajs;

const UNHEARD = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'];

// kafkajs leaves these codecs to plugins. The lz4 and zstd plugins on npm compile native code when they are
// installed; these do not.
CompressionCodecs[CompressionTypes.Snappy] = SnappyCodec;
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async (encoder: { buffer: Buffer }) => lz4.compressFrameSync(encoder.buffer),
  decompress: async (buffer: Buffer) => lz4.decompressFrameSync(buffer),
});
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async (encoder: { buffer: Buffer }) => zstdCompressSync(encoder.buffer),
  decompress: async (buffer: Buffer) => zstdDecompressSync(buffer),
});

const TYPES: Record<string, number> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

export const kafkaJs: Client = {
  name: 'kafkajs',
  missing: null,
  compressions: Object.keys(TYPES),
  async createTopic(bootstrap, topic, numPartitions) {
    const admin = connectTo(bootstrap).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: false });
    while (!(await hasLeaders(admin, topic)));
    await admin.disconnect();
  },
  async replicas(bootstrap, topic) {
    const admin = connectTo(bootstrap).admin();
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    await admin.disconnect();
    return topics.flatMap(({ partitions }) => partitions.map(({ replicas }) => replicas.length));
  },
  async produce(bootstrap, topic, compression, records) {
    const producer = connectTo(bootstrap).producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    for (let at = 0; at < records.length; at += 5000)
      await producer.send({
        topic,
        compression: TYPES[compression],
        messages: records.slice(at, at + 5000).map((record) => ({ ...record })),
      });
    await producer.disconnect();
  },
  async consume(bootstrap, topic, groupId, count) {
    const consumer = connectTo(bootstrap).consumer({ groupId, maxWaitTimeInMs: 500 });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const read: TextRecord[] = [];
    await new Promise<void>((done, fail) => {
      // After errors that may pass it starts again by itself.
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) fail(payload.error);
      });
      consumer
        .run({
          eachBatch: async ({ batch }) => {
            for (const { key, value } of batch.messages)
              read.push({ key: String(key), value: String(value) });
            if (read.length >= count) done();
          },
        })
        .catch(fail);
    });
    await consumer.disconnect();
    return read;
  },
};

function connectTo(bootstrap: string): KafkaType {
  return new Kafka({ clientId: 'round-trip', brokers: bootstrap.split(','), logLevel: logLevel.NOTHING });
}

/**
 * kafkajs's own `waitForLeaders` asks once and fails if the broker has not heard of the topic yet: Apache
 * Kafka answers CreateTopics before its brokers know the topic.
 */
async function hasLeaders(admin: Admin, topic: string): Promise<boolean> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0));
  } catch (error) {
    if (error instanceof KafkaJSProtocolError && UNHEARD.includes(error.type)) return false;
    throw error;
  }
}
