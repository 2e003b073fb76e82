import type { BrokerId } from '../../base/brand.ts';
import { ConnectionError } from '../../client/connection-error.ts';
import type { PeerConnections } from '../../client/peers/peer-connections.ts';
import { fetch } from '../../protocol/messages/01-fetch.ts';

/** By topic names, which a broker has for every offset that a group committed. */
const FETCH_VERSION = 12;
const ANSWER_TIMEOUT_MS = 2_000;
/** Larger batches than this tell their age only when they come first. */
const BATCH_BYTES = 64 * 1024;
const ANSWER_BYTES = 4 * 1024 * 1024;

export interface DistantPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface DistantEnd {
  readonly highWatermark: number;
  readonly logStartOffset: number;
  /** The batch at the offset, as far as there is one and it came. */
  readonly records: Buffer | null;
}

/**
 * Where partitions end that have no replica here, as their leader says, by one read of all of them at the
 * offsets of a group. Empty when the leader does not answer; what it refuses is left out.
 */
export async function distantEnds(
  connections: PeerConnections,
  leader: BrokerId,
  places: readonly DistantPlace[],
): Promise<ReadonlyMap<DistantPlace, DistantEnd>> {
  const ends = new Map<DistantPlace, DistantEnd>();
  try {
    const connection = await connections.to(leader);
    const answer = await connection.send(
      fetch,
      {
        maxWaitMs: 0,
        minBytes: 0,
        maxBytes: ANSWER_BYTES,
        topics: places.map(({ topic, partition, offset }) => ({
          topic,
          partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: BATCH_BYTES }],
        })),
        forgottenTopicsData: [],
      },
      { version: FETCH_VERSION, timeoutMs: ANSWER_TIMEOUT_MS },
    );
    for (const { topic, partitions } of answer.responses)
      for (const { partitionIndex, errorCode, highWatermark, logStartOffset, records } of partitions) {
        const place = places.find((one) => one.topic === topic && one.partition === partitionIndex);
        if (place && errorCode === 0) ends.set(place, { highWatermark, logStartOffset, records });
      }
  } catch (error) {
    // It is down, or not known yet: what it leads has no lag to tell until somebody else leads it.
    if (!(error instanceof ConnectionError)) throw error;
  }
  return ends;
}
