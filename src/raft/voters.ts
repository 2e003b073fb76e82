import type { Uuid } from '../base/brand.ts';
import { type EncodableRaftControlRecord, encodeRaftControl } from '../protocol/records/raft-control.ts';
import { buildBatch, type NewRecord } from '../protocol/records/record.ts';

/** A member of the quorum: its id, the folder that holds its log, and where the others reach it (KIP-853). */
export interface Voter {
  readonly voterId: number;
  readonly directoryId: Uuid;
  readonly endpoints: readonly { readonly name: string; readonly host: string; readonly port: number }[];
}

/** Voters are kept in the log itself, not in a configuration. */
export const KRAFT_VERSION = 1;

export function kraftVersionRecord(): EncodableRaftControlRecord {
  return { type: 'KRAFT_VERSION', version: 0, kRaftVersion: KRAFT_VERSION };
}

export function votersRecord(voters: readonly Voter[]): EncodableRaftControlRecord {
  return {
    type: 'KRAFT_VOTERS',
    version: 0,
    voters: voters.map((voter) => ({
      voterId: voter.voterId,
      voterDirectoryId: voter.directoryId,
      endpoints: voter.endpoints.map(({ name, host, port }) => ({ name, host, port })),
      kRaftVersionFeature: { minSupportedVersion: 0, maxSupportedVersion: KRAFT_VERSION },
    })),
  };
}

/**
 * The first record of each epoch: who leads, chosen by whom. Always in version 0, as Kafka writes it whatever
 * kraft.version is, because its readers know no other.
 */
export function leaderChangeRecord(leader: Voter, voters: readonly Voter[]): EncodableRaftControlRecord {
  const key = ({ voterId }: Voter) => ({ voterId });
  return {
    type: 'LEADER_CHANGE',
    version: 0,
    leaderId: leader.voterId,
    voters: voters.map(key),
    grantingVoters: [key(leader)],
  };
}

export function controlBatch(
  records: readonly EncodableRaftControlRecord[],
  place: { readonly baseOffset?: number; readonly leaderEpoch: number; readonly timestamp: number },
): Buffer {
  return buildBatch({
    baseOffset: place.baseOffset,
    leaderEpoch: place.leaderEpoch,
    isControl: true,
    records: records.map(
      (record): NewRecord => ({ timestamp: place.timestamp, ...encodeRaftControl(record) }),
    ),
  });
}

export function sameVoters(a: readonly Voter[], b: readonly Voter[]): boolean {
  return JSON.stringify(a.map(plain)) === JSON.stringify(b.map(plain));
}

function plain({ voterId, directoryId, endpoints }: Voter): unknown {
  return [voterId, directoryId, endpoints.map(({ name, host, port }) => [name, host, port])];
}
