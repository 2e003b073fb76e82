import type { Offset } from '../base/brand.ts';
import { DiskError, type File, readWhole } from '../base/disk.ts';
import type { World } from '../base/world.ts';
import type { CommittedSnapshot } from '../metadata/committed.ts';
import { ProtocolError } from '../protocol/reader.ts';
import { batches, checkIntegrity } from '../protocol/records/batch.ts';
import { decodeRaftControl } from '../protocol/records/raft-control.ts';
import { buildBatch, readRecords } from '../protocol/records/record.ts';
import { RecordError } from '../protocol/records/record-error.ts';
import { parseSnapshotFileName, type SnapshotId, snapshotFileName } from './snapshot-id.ts';
import { controlBatch, kraftVersionRecord, type Voter, votersRecord } from './voters.ts';

/**
 * A batch of a snapshot is closed after this many bytes, so that neither writer nor reader holds the loop for
 * long.
 */
const BATCH_BYTES_MAX = 256 * 1024;

/** What a snapshot file holds beside the records: the voters at that point. */
export interface Snapshot extends CommittedSnapshot {
  readonly voters: readonly Voter[];
}

export interface SnapshotContent {
  readonly id: SnapshotId;
  /** When the last record in it was appended to the log. */
  readonly timestamp: number;
  readonly voters: readonly Voter[];
  readonly values: Iterable<Buffer>;
}

/**
 * Writes `<offset>-<epoch>.checkpoint` (KIP-630): a control batch with the header, kraft.version and the
 * voters, the records, a control batch with the footer. It has its name only once all of it is on the device,
 * so a snapshot that can be seen is whole.
 */
export async function writeSnapshot(
  world: World,
  directory: string,
  { id, timestamp, voters, values }: SnapshotContent,
): Promise<void> {
  const file = world.disk.open(partOf(directory, id), 'create');
  const leaderEpoch = id.epoch;
  const now = world.clock.now();
  try {
    file.truncate(0);
    append(
      file,
      controlBatch(
        [
          { type: 'SNAPSHOT_HEADER', version: 0, lastContainedLogTimestamp: timestamp },
          kraftVersionRecord(),
          votersRecord(voters),
        ],
        { baseOffset: 0, leaderEpoch, timestamp: now },
      ),
    );
    let baseOffset: Offset = 3;
    for (const chunk of chunks(values)) {
      const records = chunk.map((value) => ({ timestamp: now, key: null, value }));
      append(file, buildBatch({ baseOffset, leaderEpoch, records }));
      baseOffset += records.length;
      await new Promise<void>((done) => world.clock.soon(done));
    }
    append(
      file,
      controlBatch([{ type: 'SNAPSHOT_FOOTER', version: 0 }], { baseOffset, leaderEpoch, timestamp: now }),
    );
    await file.sync();
  } finally {
    file.close();
  }
  await finishSnapshot(world, directory, id);
}

/** The file that a snapshot is in until it is whole. */
export function partOf(directory: string, id: SnapshotId): string {
  return `${directory}/${snapshotFileName(id)}.part`;
}

/** All of it is synced: it gets its name. */
export async function finishSnapshot(world: World, directory: string, id: SnapshotId): Promise<void> {
  world.disk.rename(partOf(directory, id), `${directory}/${snapshotFileName(id)}`);
  await world.disk.syncDirectory(directory);
}

function append(file: File, bytes: Buffer): void {
  if (file.appendNow([bytes]) !== bytes.length) throw new DiskError('ENOSPC', file.path, 'append');
}

function* chunks(values: Iterable<Buffer>): IterableIterator<Buffer[]> {
  let chunk: Buffer[] = [];
  let bytes = 0;
  for (const value of values) {
    chunk.push(value);
    bytes += value.length;
    if (bytes < BATCH_BYTES_MAX) continue;
    yield chunk;
    chunk = [];
    bytes = 0;
  }
  if (chunk.length > 0) yield chunk;
}

/** A snapshot that is there under its name but is not sound. */
export class DamagedSnapshotError extends Error {}

/** Throws DamagedSnapshotError unless every batch is sound and the footer is there. */
export function readSnapshot(world: World, directory: string, id: SnapshotId): Snapshot {
  const path = `${directory}/${snapshotFileName(id)}`;
  const content = readWhole(world.disk, path) ?? Buffer.alloc(0);
  try {
    return decodeSnapshot(content, id, path);
  } catch (cause) {
    if (!(cause instanceof RecordError) && !(cause instanceof ProtocolError)) throw cause;
    throw new DamagedSnapshotError(`${path}: not readable`, { cause });
  }
}

function decodeSnapshot(content: Buffer, id: SnapshotId, path: string): Snapshot {
  const values: Buffer[] = [];
  let timestamp = -1;
  let voters: Voter[] = [];
  let ended = false;
  let bytesRead = 0;
  for (const batch of batches(content)) {
    if (checkIntegrity(batch.bytes) !== null)
      throw new DamagedSnapshotError(`${path}: damaged at byte ${bytesRead}`);
    bytesRead += batch.bytes.length;
    for (const record of readRecords(batch.bytes)) {
      if (!batch.header.isControl) {
        if (record.value) values.push(record.value);
        continue;
      }
      const control = decodeRaftControl(record);
      if (control?.type === 'SNAPSHOT_HEADER') timestamp = control.lastContainedLogTimestamp;
      if (control?.type === 'KRAFT_VOTERS') voters = control.voters.map(voterOf);
      if (control?.type === 'SNAPSHOT_FOOTER') ended = true;
    }
  }
  if (!ended || bytesRead !== content.length) throw new DamagedSnapshotError(`${path}: cut off`);
  return { endOffset: id.endOffset, epoch: id.epoch, timestamp, voters, values };
}

export function voterOf(record: {
  readonly voterId: number;
  readonly voterDirectoryId: string;
  readonly endpoints: readonly { readonly name: string; readonly host: string; readonly port: number }[];
}): Voter {
  return {
    voterId: record.voterId,
    directoryId: record.voterDirectoryId,
    endpoints: record.endpoints.map(({ name, host, port }) => ({ name, host, port })),
  };
}

/** The finished snapshots of a folder, oldest first. What a crash left half written is removed. */
export function listSnapshots(world: World, directory: string): SnapshotId[] {
  const ids: SnapshotId[] = [];
  for (const name of world.disk.list(directory)) {
    if (name.endsWith('.checkpoint.part')) world.disk.remove(`${directory}/${name}`);
    const id = parseSnapshotFileName(name);
    if (id) ids.push(id);
  }
  return ids.sort((a, b) => a.endOffset - b.endOffset || a.epoch - b.epoch);
}
