import { afterAll, beforeAll, expect, test } from 'vitest';
import { silent } from '../../src/base/log.ts';
import type { Consumer } from '../../src/kafka-client/consumer/consumer.ts';
import type { ConsumedRecord } from '../../src/kafka-client/consumer/consumer-options.ts';
import { KafkaClient } from '../../src/kafka-client/kafka-client.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';

/** Milliseconds in which records come that are there, on a busy machine too. */
const PATIENCE_MS = 240_000;
/**
 * For all clients and producers. Apache Kafka on a busy machine takes minutes to begin to lead 200 partitions
 * on three brokers; the client's own limits are a minute for a call and two for a record.
 */
const PATIENT = { connectTimeoutMs: 60_000, requestTimeoutMs: 120_000, callTimeoutMs: PATIENCE_MS };
const DELIVERED_MS = 400_000;

/** A cluster of any kind: the client must do the same on each. */
interface ClusterUnderTest {
  readonly bootstrap: () => readonly string[];
  createTopic(name: string, partitions: number): Promise<void>;
}

/** Defines tests of what the client does on any Kafka cluster, in the file that calls it. */
export function clientScript(cluster: ClusterUnderTest): void {
  let client: KafkaClient;

  beforeAll(() => {
    const bootstrap = cluster.bootstrap().map((address) => {
      const [host = '', port = ''] = address.split(':');
      return { host, port: Number(port) };
    });
    client = new KafkaClient(nodeWorld(silent), { bootstrap, clientId: 'client-script', ...PATIENT });
  });

  afterAll(() => client?.close());

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'records come back as they were sent, in order, compressed by %s',
    async (compression) => {
      const topic = `round-trip-${compression}`;
      await cluster.createTopic(topic, 3);
      const producer = client.producer({ deliveryTimeoutMs: DELIVERED_MS, compression, batchBytes: 10_000 });
      const headers = [{ key: 'h', value: Buffer.from('v') }];
      // Records of years ago might be removed before they are read, as older than a cluster keeps them.
      const began = Date.now();
      const sent = Array.from({ length: 1000 }, (_, n) =>
        producer.send({
          topic,
          key: Buffer.from(`k${n % 7}`),
          value: Buffer.from(`value ${n}`),
          headers,
          timestamp: began + n,
        }),
      );
      const tombstone = await producer.send({ topic, key: Buffer.from('k0'), value: null });
      const deliveries = await Promise.all(sent);
      await producer.close();

      const consumer = client.consumer({ offsetReset: 'earliest' });
      consumer.assign([0, 1, 2].map((partition) => ({ topic, partition })));
      const records = await readSome(consumer, 1001);
      await consumer.close();
      for (const [n, { partition, offset }] of deliveries.entries()) {
        const record = records.find((one) => one.partition === partition && one.offset === offset);
        expect(record?.value?.toString()).toBe(`value ${n}`);
        expect(record?.key?.toString()).toBe(`k${n % 7}`);
        expect(record?.timestamp).toBe(began + n);
        expect(record?.headers).toEqual(headers);
      }
      expect(records.find(({ value }) => value === null)?.offset).toBe(tombstone.offset);
      for (const partition of [0, 1, 2]) {
        const offsets = records.filter((one) => one.partition === partition).map(({ offset }) => offset);
        expect(offsets).toEqual(offsets.map((_, index) => index));
      }
    },
  );

  test('readers of committed records get nothing of an aborted transaction, whole or in pieces', async () => {
    const topic = 'transactions';
    await cluster.createTopic(topic, 2);
    const first = client.producer({
      deliveryTimeoutMs: DELIVERED_MS,
      transactionalId: 'first',
      batchBytes: 200,
      lingerMs: 0,
    });
    const second = client.producer({
      deliveryTimeoutMs: DELIVERED_MS,
      transactionalId: 'second',
      batchBytes: 200,
      lingerMs: 0,
    });
    const plain = client.producer({ deliveryTimeoutMs: DELIVERED_MS });
    const send = (producer: typeof first, text: string, count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, n) =>
          producer.send({ topic, partition: n % 2, value: Buffer.from(`${text} ${n}`) }),
        ),
      );
    for (let round = 0; round < 2; round++) {
      await first.begin();
      await second.begin();
      await send(first, `aborted ${round}`, 10);
      await send(second, `committed ${round}`, 10);
      await send(plain, `plain ${round}`, 4);
      await send(first, `aborted again ${round}`, 10);
      await second.commit();
      await first.abort();
    }
    await first.begin();
    await send(first, 'last', 2);
    await first.commit();

    const read = async (
      isolation: 'read_committed' | 'read_uncommitted',
      count: number,
      partitionBytes: number,
    ) => {
      const consumer = client.consumer({ offsetReset: 'earliest', isolation, partitionBytes });
      consumer.assign([0, 1].map((partition) => ({ topic, partition })));
      const records = await readSome(consumer, count);
      expect(await consumer.poll(300)).toEqual([]);
      await consumer.close();
      return records.map(({ value }) => value?.toString() ?? '');
    };
    // With 1 byte every answer has one batch, so transactions begin and end in different answers.
    for (const partitionBytes of [1, 1_000_000]) {
      const committed = await read('read_committed', 2 * 14 + 2, partitionBytes);
      expect(committed.filter((text) => text.startsWith('aborted'))).toEqual([]);
      expect(new Set(committed).size).toBe(2 * 14 + 2);
    }
    expect(await read('read_uncommitted', 2 * 34 + 2, 1_000_000)).toHaveLength(2 * 34 + 2);
    for (const producer of [first, second, plain]) await producer.close();
  });

  test('of 200 partitions no more is held than the buffer has room for, and each is read though others are paused', async () => {
    const topic = 'many-partitions';
    const [count, each, bufferBytes, batchBytes] = [200, 3, 600_000, 10_000];
    await cluster.createTopic(topic, count);
    const partitions = Array.from({ length: count }, (_, partition) => ({ topic, partition }));
    const producer = client.producer({ deliveryTimeoutMs: DELIVERED_MS, batchBytes });
    for (let n = 0; n < each; n++)
      await Promise.all(
        partitions.map((one) => producer.send({ ...one, value: Buffer.alloc(batchBytes, String(n)) })),
      );
    await producer.close();
    const consumer = client.consumer({ offsetReset: 'earliest', bufferBytes });
    consumer.assign(partitions);
    const isHeldBack = ({ partition }: { readonly partition: number }) => partition % 4 === 1;
    const read: ConsumedRecord[] = [];
    let mostHeld = 0;
    let isPausing = true;
    const readUntil = async (isOver: () => boolean) => {
      while (!isOver()) {
        const polled = await consumer.poll(PATIENCE_MS);
        if (polled.length === 0) throw new Error(`only ${read.length} records came`);
        mostHeld = Math.max(mostHeld, consumer.heldBytes);
        read.push(...polled);
        // Records that were fetched before their partitions are paused must not fill the buffer.
        if (isPausing) consumer.pause(partitions.filter(isHeldBack));
      }
    };
    const others = () => read.filter((one) => !isHeldBack(one)).length;
    await readUntil(() => others() >= (count / 4) * 3 * each);
    consumer.resume(partitions);
    isPausing = false;
    await readUntil(() => read.length >= count * each);
    await consumer.close();
    for (const { partition } of partitions)
      expect(read.filter((one) => one.partition === partition).map(({ offset }) => offset)).toEqual([
        0, 1, 2,
      ]);
    // Each broker may exceed its share by one batch.
    expect(mostHeld).toBeLessThanOrEqual(bufferBytes + 3 * 1.1 * batchBytes);
    expect(mostHeld).toBeGreaterThan(0);
  });

  test('a second producer with the transactional id fences the first', async () => {
    const topic = 'fenced';
    await cluster.createTopic(topic, 1);
    const zombie = client.producer({ deliveryTimeoutMs: DELIVERED_MS, transactionalId: 'one-of-two' });
    await zombie.begin();
    await zombie.send({ topic, value: Buffer.from('zombie') });
    const heir = client.producer({ deliveryTimeoutMs: DELIVERED_MS, transactionalId: 'one-of-two' });
    await heir.begin();
    await heir.send({ topic, value: Buffer.from('heir') });
    await expect(zombie.commit()).rejects.toMatchObject({
      code: expect.stringMatching(/^(PRODUCER_FENCED|INVALID_PRODUCER_EPOCH)$/),
    });
    await heir.commit();
    const consumer = client.consumer({ offsetReset: 'earliest' });
    consumer.assign([{ topic, partition: 0 }]);
    expect((await readSome(consumer, 1)).map(({ value }) => value?.toString())).toEqual(['heir']);
    await consumer.close();
    await zombie.close();
    await heir.close();
  });

  test('a member of a group that asks for other topics goes on with those that it has, and reads the new ones', async () => {
    for (const topic of ['chosen-a', 'chosen-b']) await cluster.createTopic(topic, 1);
    const producer = client.producer({ deliveryTimeoutMs: DELIVERED_MS });
    const send = (topic: string, text: string) => producer.send({ topic, value: Buffer.from(text) });
    const consumer = client.consumer({ groupId: 'choosing', offsetReset: 'earliest' });
    consumer.subscribe(['chosen-a']);
    await send('chosen-a', 'a1');
    const [first] = await readSome(consumer, 1);
    expect(first?.value?.toString()).toBe('a1');
    await consumer.commit();
    await send('chosen-b', 'b1');
    consumer.changeTopics(['chosen-a', 'chosen-b']);
    await send('chosen-a', 'a2');
    const texts = (await readSome(consumer, 2)).map(({ value }) => value?.toString());
    expect(texts.sort()).toEqual(['a2', 'b1']);
    await consumer.close();
    await producer.close();
  });

  test('offsets that are committed in a transaction count with it', async () => {
    const topic = 'offsets-in-transaction';
    await cluster.createTopic(topic, 1);
    const producer = client.producer({ deliveryTimeoutMs: DELIVERED_MS, transactionalId: 'with-offsets' });
    const group = { groupId: 'of-a-transaction' };
    await producer.begin();
    await producer.send({ topic, value: Buffer.from('a') });
    await producer.commitOffsets(group, [{ topic, partition: 0, offset: 1 }]);
    await producer.commit();
    await producer.begin();
    await producer.commitOffsets(group, [{ topic, partition: 0, offset: 0 }]);
    await producer.abort();
    await producer.begin();
    await producer.send({ topic, value: Buffer.from('b') });
    await producer.commit();
    await producer.close();
    const consumer = client.consumer({ ...group, offsetReset: 'earliest' });
    consumer.assign([{ topic, partition: 0 }]);
    const [record] = await readSome(consumer, 1);
    expect(record?.value?.toString()).toBe('b');
    await consumer.close();
  });

  test('a member that is out of its group can commit nothing any more, also in a transaction', async () => {
    const topic = 'out-of-the-group';
    await cluster.createTopic(topic, 1);
    const producer = client.producer({ deliveryTimeoutMs: DELIVERED_MS, transactionalId: 'of-a-member' });
    await producer.begin();
    await producer.send({ topic, value: Buffer.from('a') });
    await producer.commit();
    const consumer = client.consumer({
      ...{ groupId: 'left-by-its-member', offsetReset: 'earliest' },
      ...{ heartbeatMs: 20, pollTimeoutMs: 500 },
    });
    consumer.subscribe([topic]);
    await readSome(consumer, 1);
    const offsets = consumer.positions();
    // It does not poll, and therefore leaves the group.
    await expect
      .poll(() =>
        consumer.commit(offsets).then(
          () => 'committed',
          ({ code }) => code,
        ),
      )
      .toBe('UNKNOWN_MEMBER_ID');
    await producer.begin();
    await expect(producer.commitOffsets(consumer.group, offsets)).rejects.toMatchObject({
      code: expect.stringMatching(/^(UNKNOWN_MEMBER_ID|ILLEGAL_GENERATION)$/),
    });
    await producer.abort();
    await consumer.close();
    await producer.close();
  });

  test.each(['range', 'cooperative-sticky'] as const)(
    'members of a group share the partitions by %s, and nothing is read twice when one joins and one leaves',
    async (assignor) => {
      const topic = `shared-${assignor}`;
      await cluster.createTopic(topic, 4);
      const producer = client.producer({ deliveryTimeoutMs: DELIVERED_MS });
      const read: string[] = [];
      const member = () => {
        const consumer = client.consumer({
          groupId: `group-${assignor}`,
          offsetReset: 'earliest',
          assignors: [assignor],
          heartbeatMs: 50,
        });
        consumer.subscribe([topic], { revoked: () => consumer.commit() });
        let isOver = false;
        const run = (async () => {
          while (!isOver) {
            const records = await consumer.poll(100);
            for (const { value } of records) read.push(value?.toString() ?? '');
          }
          await consumer.commit();
          await consumer.close();
        })();
        return {
          consumer,
          stop: () => {
            isOver = true;
            return run;
          },
        };
      };
      const write = async (text: string) => {
        const sent = Array.from({ length: 40 }, (_, n) =>
          producer.send({ topic, partition: n % 4, value: Buffer.from(`${text} ${n}`) }),
        );
        await Promise.all(sent);
      };
      const first = member();
      await write('alone');
      await expect.poll(() => read.length).toBe(40);
      const second = member();
      await expect
        .poll(() => [first, second].map(({ consumer }) => consumer.assignment.length))
        .toEqual([2, 2]);
      await write('together');
      await expect.poll(() => read.length).toBe(80);
      await first.stop();
      await expect.poll(() => second.consumer.assignment.length).toBe(4);
      await write('after');
      await expect.poll(() => new Set(read).size).toBe(120);
      await second.stop();
      expect(read).toHaveLength(120);
      await producer.close();
    },
  );
}

async function readSome(consumer: Consumer, count: number): Promise<ConsumedRecord[]> {
  const records: ConsumedRecord[] = [];
  while (records.length < count) {
    const polled = await consumer.poll(PATIENCE_MS);
    if (polled.length === 0) throw new Error(`${records.length} of ${count} records came`);
    records.push(...polled);
  }
  return records;
}
