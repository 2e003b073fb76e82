import { apis } from '../src/protocol/apis.ts';
import { batches } from '../src/protocol/records/batch.ts';
import { KafkaSocket } from './kafka-socket.ts';

/** Consumers' default for one partition (max.partition.fetch.bytes); fetch.max.bytes is larger. */
const FETCH_BYTES = 1024 * 1024;

const [address = '', topic = ''] = process.argv.slice(2);
const socket = await KafkaSocket.connect(address);
process.once('message', async () => {
  process.send?.(await readAll());
  process.disconnect();
});
process.send?.('connected');

/**
 * Reads from the first record to the last with one fetch after the other; returns the number of bytes of
 * records.
 */
async function readAll(): Promise<number> {
  let bytes = 0;
  let fetchOffset = 0;
  for (;;) {
    const { responses } = await socket.call(apis.fetch, 11, {
      replicaId: -1,
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: FETCH_BYTES,
      isolationLevel: 0,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [
        {
          topic,
          partitions: [
            {
              partition: 0,
              currentLeaderEpoch: -1,
              fetchOffset,
              lastFetchedEpoch: -1,
              logStartOffset: -1,
              partitionMaxBytes: FETCH_BYTES,
            },
          ],
        },
      ],
      forgottenTopicsData: [],
      rackId: '',
    });
    const answer = responses[0]?.partitions[0];
    if (answer?.errorCode !== 0) throw new Error(`Fetch answered error ${answer?.errorCode}`);
    const records = answer.records ?? Buffer.alloc(0);
    if (records.length === 0) break;
    bytes += records.length;
    for (const { header } of batches(records)) fetchOffset = header.nextOffset;
  }
  socket.close();
  return bytes;
}
