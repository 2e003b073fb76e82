import { DiskError } from '../base/disk.ts';
import type { World } from '../base/world.ts';
import { errorName } from '../protocol/errors.ts';
import { fetchSnapshot } from '../protocol/messages/59-fetch-snapshot.ts';
import { METADATA_PARTITION, METADATA_TOPIC } from './metadata-topic.ts';
import type { RaftConnection } from './raft-connection.ts';
import { finishSnapshot, partOf } from './snapshot-file.ts';
import type { SnapshotId } from './snapshot-id.ts';

const PIECE_BYTES = 1024 * 1024;
const PIECE_TIMEOUT_MS = 30_000;

/** Fetches a snapshot's file into the folder (KIP-630). Throws when the leader no longer has it. */
export async function downloadSnapshot(
  world: World,
  connection: RaftConnection,
  replica: {
    readonly directory: string;
    readonly nodeId: number;
    readonly directoryId: string;
    readonly clusterId: string;
    readonly leaderEpoch: number;
  },
  id: SnapshotId,
): Promise<void> {
  const file = world.disk.open(partOf(replica.directory, id), 'create');
  try {
    file.truncate(0);
    for (let position = 0, size = 1; position < size; ) {
      const answer = await connection.send(
        fetchSnapshot,
        {
          clusterId: replica.clusterId,
          replicaId: replica.nodeId,
          maxBytes: PIECE_BYTES,
          topics: [
            {
              name: METADATA_TOPIC,
              partitions: [
                {
                  partition: METADATA_PARTITION,
                  currentLeaderEpoch: replica.leaderEpoch,
                  snapshotId: id,
                  position,
                  replicaDirectoryId: replica.directoryId,
                },
              ],
            },
          ],
        },
        { timeoutMs: PIECE_TIMEOUT_MS },
      );
      const piece = answer.topics[0]?.partitions[0];
      const code = answer.errorCode || (piece?.errorCode ?? 0);
      if (!piece || code !== 0 || piece.unalignedRecords.length === 0)
        throw new Error(
          `no piece of snapshot ${id.endOffset}-${id.epoch} at ${position}: ${errorName(code)}`,
        );
      if (file.appendNow([piece.unalignedRecords]) !== piece.unalignedRecords.length)
        throw new DiskError('ENOSPC', file.path, 'append');
      position += piece.unalignedRecords.length;
      size = piece.size;
    }
    await file.sync();
  } finally {
    file.close();
  }
  await finishSnapshot(world, replica.directory, id);
}
