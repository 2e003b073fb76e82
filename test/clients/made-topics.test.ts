import { Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { startCluster } from '../../src/index.ts';

/**
 * kafkajs asks the broker that answered its CreateTopics for the leaders at once, and fails if the topic is
 * unknown.
 */
test('a topic is known to the broker that answered its creation, and gone from the one that answered its deletion', async () => {
  await using cluster = await startCluster({ brokers: 3 });
  const admin = new Kafka({ brokers: [...cluster.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  for (let round = 0; round < 10; round++) {
    const topic = `made-${round}`;
    await admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic, numPartitions: 30, replicationFactor: 3 }],
    });
    await admin.createPartitions({ topicPartitions: [{ topic, count: 31 }] });
    expect((await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions).toHaveLength(31);
    await admin.deleteTopics({ topics: [topic] });
    expect(await admin.listTopics()).not.toContain(topic);
  }
  await admin.disconnect();
});
