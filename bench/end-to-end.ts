import { apis } from '../src/protocol/apis.ts';
import { readBatchHeader } from '../src/protocol/records/batch.ts';
import { buildBatch } from '../src/protocol/records/record.ts';
import { connectTo, createTopic, type Subject } from './subject.ts';

/** The offset after the one record that `createTopic` wrote. */
const FIRST_OFFSET = 1;

let run = 0;

/**
 * Milliseconds from the send of a record to its arrival, with one record a millisecond, linger 0, and a
 * consumer that waits in a long poll.
 */
export async function endToEnd(
  subject: Subject,
  options: { perSecond: number; seconds: number },
): Promise<{ p50Ms: number; p99Ms: number }> {
  const topic = `latency-${run++}`;
  const [leader = ''] = await createTopic(subject, topic, 1, 1);
  const [producer, consumer] = await Promise.all([connectTo(subject, leader), connectTo(subject, leader)]);
  const total = options.perSecond * options.seconds;
  const sentAt: number[] = [];
  const latencies: number[] = [];
  const value = Buffer.alloc(100, 'x');
  const consume = async () => {
    for (let offset = FIRST_OFFSET; offset < FIRST_OFFSET + total; ) {
      const { responses } = await consumer.call(apis.fetch, 4, {
        replicaId: -1,
        maxWaitMs: 500,
        minBytes: 1,
        maxBytes: 1e6,
        isolationLevel: 0,
        topics: [{ topic, partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 1e6 }] }],
      });
      const now = performance.now();
      const bytes = Buffer.from(responses[0]?.partitions[0]?.records ?? []);
      for (let at = 0; at < bytes.length; ) {
        const header = readBatchHeader(bytes, at);
        for (; offset < header.nextOffset; offset++)
          latencies.push(now - (sentAt[offset - FIRST_OFFSET] ?? now));
        at += header.sizeInBytes;
      }
    }
  };
  const consuming = consume();
  const answers: Promise<unknown>[] = [];
  const started = performance.now();
  for (let n = 0; n < total; ) {
    for (
      const due = ((performance.now() - started) * options.perSecond) / 1000;
      n < Math.min(due, total);
      n++
    ) {
      sentAt[n] = performance.now();
      const records = buildBatch({ records: [{ timestamp: Date.now(), key: null, value }] });
      const topicData = [{ name: topic, partitionData: [{ index: 0, records }] }];
      answers.push(
        producer.call(apis.produce, 7, { transactionalId: null, acks: 1, timeoutMs: 5000, topicData }),
      );
    }
    await new Promise((done) => setImmediate(done));
  }
  await Promise.all([...answers, consuming]);
  producer.close();
  consumer.close();
  latencies.sort((a, b) => a - b);
  return {
    p50Ms: latencies[latencies.length >> 1] ?? 0,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
  };
}
