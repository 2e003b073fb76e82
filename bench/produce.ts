import { apis } from '../src/protocol/apis.ts';
import { buildBatch } from '../src/protocol/records/record.ts';
import { encodeFrame } from './kafka-socket.ts';
import { usageOf } from './process-usage.ts';
import { connectTo, createTopic, type Subject } from './subject.ts';

export interface ProduceLoad {
  readonly name: string;
  readonly recordBytes: number;
  readonly recordsPerBatch: number;
  readonly connections: number;
  /** The number of requests that are under way on one connection. */
  readonly depth: number;
  readonly acks: number;
  readonly replicationFactor: number;
  readonly seconds: number;
}

export interface Figures {
  readonly megabytesPerSecond: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMsPerMegabyte: number;
  readonly cpuMicrosPerRequest: number;
  readonly residentMegabytes: number;
}

let run = 0;

/** Sends one pre-encoded Produce v7 request as fast as it can, on one connection for each partition. */
export async function produce(subject: Subject, load: ProduceLoad): Promise<Figures> {
  const topic = `produce-${run++}`;
  const leaders = await createTopic(subject, topic, load.connections, load.replicationFactor);
  const value = Buffer.alloc(load.recordBytes, 'x');
  const records = buildBatch({
    records: Array.from({ length: load.recordsPerBatch }, () => ({
      timestamp: Date.now(),
      key: null,
      value,
    })),
  });
  const latencies: number[] = [];
  let requests = 0;
  let end = Number.POSITIVE_INFINITY;
  const flood = async (partition: number) => {
    const socket = await connectTo(subject, leaders[partition] ?? '');
    const frame = encodeFrame(apis.produce, 7, {
      transactionalId: null,
      acks: load.acks,
      timeoutMs: 30_000,
      topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
    });
    const lane = async () => {
      while (performance.now() < end) {
        const sent = performance.now();
        const answer = await socket.send(frame);
        if (requests === 0 && answer) refuseErrors(answer, topic.length);
        latencies.push(performance.now() - sent);
        requests++;
      }
    };
    await Promise.all(Array.from({ length: load.depth }, lane));
    socket.close();
  };
  const before = cpu(subject);
  const started = performance.now();
  end = started + load.seconds * 1000;
  await Promise.all(leaders.map((_, partition) => flood(partition)));
  const seconds = (performance.now() - started) / 1000;
  const cpuMs = cpu(subject) - before;
  const megabytes = (requests * records.length) / 1e6;
  latencies.sort((a, b) => a - b);
  return {
    megabytesPerSecond: megabytes / seconds,
    requestsPerSecond: requests / seconds,
    p50Ms: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
    cpuMsPerMegabyte: cpuMs / megabytes,
    cpuMicrosPerRequest: (cpuMs * 1000) / requests,
    residentMegabytes: subject.pids.reduce((sum, pid) => sum + usageOf(pid).residentBytes, 0) / 1e6,
  };
}

export function cpu(subject: Subject): number {
  return subject.pids.reduce((sum, pid) => sum + usageOf(pid).cpuMs, 0);
}

/** Fast refusals must not count as speed: the error code is at a fixed place in the answer. */
function refuseErrors(answer: Buffer, topicLength: number): void {
  const error = answer.readInt16BE(4 + 4 + 2 + topicLength + 4 + 4);
  if (error !== 0) throw new Error(`Produce answered error ${error}`);
}
