import { below } from '../../src/base/random.ts';
import type { KafkaConnection } from '../../src/client/connection.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { fetch } from '../../src/protocol/messages/01-fetch.ts';
import { listOffsets } from '../../src/protocol/messages/02-list-offsets.ts';
import { batches } from '../../src/protocol/records/batch.ts';
import { readRecords } from '../../src/protocol/records/record.ts';
import type { HighWatermarkNeverFalls } from '../checkers/high-watermark-never-falls.ts';
import type { OffsetsNeverChangeTheirRecord } from '../checkers/offsets-never-change-their-record.ts';
import type { Violations } from '../checkers/violations.ts';
import { type ClusterClient, REQUEST_MS } from './cluster-client.ts';

const LATEST = -1;

export interface ReaderOptions {
  readonly topic: string;
  readonly partitions: number;
  readonly offsets: OffsetsNeverChangeTheirRecord;
  readonly highWatermark: HighWatermarkNeverFalls;
  readonly violations: Violations;
  readonly isOver: () => boolean;
}

/** Reads each partition from its start again and again, and asks for its end offset. */
export async function readAndCheck(client: ClusterClient, options: ReaderOptions): Promise<void> {
  const positions = Array.from({ length: options.partitions }, () => 0);
  while (!options.isOver()) {
    const partition = below(client.random, options.partitions);
    await client.tried(async () => {
      if (below(client.random, 4) === 0) {
        const connection = await client.leaderOf(options.topic, partition);
        if (connection && !(await askForEnd(connection, options, partition))) client.forgetLeaders();
      } else positions[partition] = await readOn(client, options, partition, positions[partition] ?? 0);
    });
    await client.pause(60);
  }
}

/**
 * Asks the broker that the controller has made leader for the end of each partition, all the time and as soon
 * as it is leader: until its high watermark is known again, a new leader must not answer with an end lower
 * than earlier answers.
 */
export async function askNewLeaders(
  client: ClusterClient,
  options: Pick<ReaderOptions, 'topic' | 'partitions' | 'highWatermark' | 'isOver'> & {
    /** The host of the leader; undefined while the partition has no leader. */
    readonly leaderOf: (partition: number) => string | undefined;
  },
): Promise<void> {
  while (!options.isOver()) {
    const partition = below(client.random, options.partitions);
    await client.tried(async () => {
      const host = options.leaderOf(partition);
      if (host !== undefined) await askForEnd(await client.connect(host), options, partition);
    });
    await client.pause(30);
  }
}

/** Resolves with false if the answer was an error. */
async function askForEnd(
  connection: KafkaConnection,
  options: Pick<ReaderOptions, 'topic' | 'highWatermark'>,
  partition: number,
): Promise<boolean> {
  const place = `${options.topic}-${partition}`;
  const before = options.highWatermark.told(place);
  const answer = await connection.send(
    listOffsets,
    {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ name: options.topic, partitions: [{ partitionIndex: partition, timestamp: LATEST }] }],
      timeoutMs: REQUEST_MS,
    },
    { timeoutMs: REQUEST_MS },
  );
  const end = answer.topics[0]?.partitions[0];
  if (end?.errorCode !== 0) return false;
  options.highWatermark.answered(place, { end: end.offset, leaderEpoch: end.leaderEpoch }, before);
  return true;
}

/** Resolves with the next position. */
async function readOn(
  client: ClusterClient,
  options: ReaderOptions,
  partition: number,
  position: number,
): Promise<number> {
  const place = `${options.topic}-${partition}`;
  const leader = await client.newestLeaderOf(options.topic, partition);
  if (!leader) return position;
  const answer = await leader.connection.send(
    fetch,
    {
      maxWaitMs: 100,
      minBytes: 1,
      topics: [
        {
          topic: options.topic,
          partitions: [
            {
              partition,
              currentLeaderEpoch: leader.leaderEpoch,
              fetchOffset: position,
              partitionMaxBytes: 2000,
            },
          ],
        },
      ],
      forgottenTopicsData: [],
    },
    { version: 12, timeoutMs: REQUEST_MS },
  );
  const result = answer.responses[0]?.partitions[0];
  const error = errorName(result?.errorCode ?? -1);
  if (!result || error !== 'NONE') {
    client.forgetLeaders();
    if (error === 'OFFSET_OUT_OF_RANGE')
      options.violations.add(
        'OffsetsNeverChangeTheirRecord',
        `${place} was read up to ${position}, and has ended before`,
      );
    return position;
  }
  let next = position;
  for (const { header, bytes } of batches(result.records ?? Buffer.alloc(0))) {
    if (header.lastOffset >= result.highWatermark)
      options.violations.add(
        'HighWatermarkNeverFalls',
        `${place}: ${header.lastOffset} was read, beyond ${result.highWatermark}`,
      );
    for (const { offset, value } of readRecords(bytes)) options.offsets.told(place, offset, String(value));
    next = header.nextOffset;
  }
  return next === position && below(client.random, 10) === 0 ? 0 : next;
}
