import { apis } from '../src/protocol/apis.ts';
import { buildBatch } from '../src/protocol/records/record.ts';
import { Millrace, processesOf } from '../test/support/millrace.ts';
import { KafkaSocket } from './kafka-socket.ts';
import { usageOf } from './process-usage.ts';
import { createTopic } from './subject.ts';

export interface StartUp {
  /** Milliseconds from `millrace up` on an empty data folder to its ready event. */
  readonly upMs: number;
  /** Milliseconds from `millrace up` to the first acknowledged record. */
  readonly firstRecordMs: number;
  /** Resident memory of each process before any client came. */
  readonly idleMegabytes: readonly number[];
}

export async function startUp(brokers: number): Promise<StartUp> {
  const started = performance.now();
  const millrace = await Millrace.up(['--cluster', 'bench', '--brokers', String(brokers)]);
  const upMs = performance.now() - started;
  const idleMegabytes = processesOf(millrace.data).map(({ pid }) => usageOf(pid).residentBytes / 1e6);
  const bootstrap = millrace.ready.clusters[0]?.bootstrap ?? '';
  const [leader = ''] = await createTopic(
    { name: '', bootstrap, pids: [], data: '', stop: async () => {} },
    'first',
    1,
    1,
  );
  const socket = await KafkaSocket.connect(leader);
  const records = buildBatch({
    records: [{ timestamp: Date.now(), key: null, value: Buffer.from('first') }],
  });
  await socket.call(apis.produce, 7, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 5000,
    topicData: [{ name: 'first', partitionData: [{ index: 0, records }] }],
  });
  const firstRecordMs = performance.now() - started;
  socket.close();
  await millrace[Symbol.asyncDispose]();
  return { upMs, firstRecordMs, idleMegabytes };
}
