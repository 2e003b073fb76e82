import { expect, test } from 'vitest';
import { ZERO_UUID } from '../../base/brand.ts';
import { FetchReply } from './fetch-reply.ts';

const READ = { currentLeaderEpoch: -1, fetchOffset: 0, lastFetchedEpoch: -1, logStartOffset: -1 };
const NOTHING = { errorCode: 0, highWatermark: 0, records: null, abortedTransactions: null };

/** As Kafka's FetchRequestTest, testBrokerRespectsPartitionsOrderAndSizeLimits, wants it. */
test('an answer has the partitions in the order of the request, whatever their topics are', () => {
  for (const names of [
    { first: { topic: 'a', topicId: ZERO_UUID }, second: { topic: 'b', topicId: ZERO_UUID } },
    {
      first: { topic: '', topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' },
      second: { topic: '', topicId: 'AAAAAAAAAAAAAAAAAAAAAg' },
    },
  ]) {
    const { first, second } = names;
    const reply = new FetchReply();
    const add = (name: typeof first, partition: number): void =>
      reply.add(
        { ...READ, ...name, partition, partitionMaxBytes: 1 },
        { ...NOTHING, partitionIndex: partition },
      );
    add(first, 2);
    add(first, 0);
    add(second, 5);
    add(first, 1);
    expect(reply.responses.map(({ partitions, ...name }) => [name, partitions.length])).toEqual([
      [first, 2],
      [second, 1],
      [first, 1],
    ]);
  }
});
