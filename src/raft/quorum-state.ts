import type { Uuid } from '../base/brand.ts';
import { ZERO_UUID } from '../base/brand.ts';
import { readWhole, writeWhole } from '../base/disk.ts';
import type { World } from '../base/world.ts';

/**
 * What a replica of the quorum must not forget over a restart: the newest epoch it saw, and whom it voted for
 * in it.
 */
export interface QuorumState {
  /** -1 when it is not known. */
  readonly leaderId: number;
  readonly leaderEpoch: number;
  /** -1 when it did not vote in this epoch. */
  readonly votedId: number;
  readonly votedDirectoryId: Uuid;
}

const NEVER: QuorumState = { leaderId: -1, leaderEpoch: 0, votedId: -1, votedDirectoryId: ZERO_UUID };
/** QuorumStateData of kraft.version 1 (KIP-853): voters live in the log, not here. */
const DATA_VERSION = 1;

/** The state in this folder; that of a replica that never took part when there is none. */
export function readQuorumState(world: World, directory: string): QuorumState {
  const content = readWhole(world.disk, `${directory}/quorum-state`);
  if (content === null) return NEVER;
  const parsed: unknown = JSON.parse(content.toString('utf8'));
  if (typeof parsed !== 'object' || parsed === null)
    throw new Error(`${directory}/quorum-state holds no quorum state`);
  const field = (name: string): unknown => Object.entries(parsed).find(([key]) => key === name)?.[1];
  const number = (name: string): number => {
    const value = field(name);
    if (!Number.isSafeInteger(value)) throw new Error(`${directory}/quorum-state has no ${name}`);
    return Number(value);
  };
  const votedDirectoryId = field('votedDirectoryId');
  return {
    leaderId: number('leaderId'),
    leaderEpoch: number('leaderEpoch'),
    votedId: number('votedId'),
    votedDirectoryId: typeof votedDirectoryId === 'string' ? votedDirectoryId : ZERO_UUID,
  };
}

/** Durable when it resolves. */
export function writeQuorumState(world: World, directory: string, state: QuorumState): Promise<void> {
  const { leaderId, leaderEpoch, votedId, votedDirectoryId } = state;
  const content = { leaderId, leaderEpoch, votedId, votedDirectoryId, data_version: DATA_VERSION };
  return writeWhole(world.disk, `${directory}/quorum-state`, Buffer.from(JSON.stringify(content)));
}
