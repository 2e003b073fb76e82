import { apis } from '../src/protocol/apis.ts';
import { buildBatch } from '../src/protocol/records/record.ts';
import { encodeFrame } from './kafka-socket.ts';
import { cpu } from './produce.ts';
import { connectTo, createTopic, type Subject } from './subject.ts';

export interface FetchFigures {
  readonly megabytesPerSecond: number;
  readonly cpuMsPerMegabyte: number;
}

/** Few enough bytes that the end of the partition stays in memory while it is read again and again. */
const TAIL_MEGABYTES = 2;
const IN_FLIGHT = 2;

let run = 0;

/** Reads the last megabytes of one partition again and again: the cost of a consumer that keeps up. */
export async function fetchTail(
  subject: Subject,
  options: { recordBytes: number; seconds: number },
): Promise<FetchFigures> {
  const topic = `fetch-${run++}`;
  const [leader = ''] = await createTopic(subject, topic, 1, 1);
  const socket = await connectTo(subject, leader);
  const count = Math.floor(250_000 / options.recordBytes);
  const value = Buffer.alloc(options.recordBytes, 'x');
  const records = buildBatch({
    records: Array.from({ length: count }, () => ({ timestamp: Date.now(), key: null, value })),
  });
  const batches = Math.ceil((TAIL_MEGABYTES * 1e6) / records.length);
  for (let i = 0; i < batches; i++)
    await socket.call(apis.produce, 7, {
      transactionalId: null,
      acks: 1,
      timeoutMs: 5000,
      topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
    });
  const frame = encodeFrame(apis.fetch, 4, {
    replicaId: -1,
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: 64e6,
    isolationLevel: 0,
    topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_048_576 }] }],
  });
  const before = cpu(subject);
  const started = performance.now();
  const from = socket.bytesReceived;
  const lane = async () => {
    while (performance.now() - started < options.seconds * 1000) await socket.send(frame);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  const seconds = (performance.now() - started) / 1000;
  const megabytes = (socket.bytesReceived - from) / 1e6;
  socket.close();
  return { megabytesPerSecond: megabytes / seconds, cpuMsPerMegabyte: (cpu(subject) - before) / megabytes };
}
