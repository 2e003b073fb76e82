import { readWhole } from '../../base/disk.ts';
import type { World } from '../../base/world.ts';
import { batches, readBatchHeader } from '../../protocol/records/batch.ts';
import { buildBatch, type NewBatch, readRecords } from '../../protocol/records/record.ts';
import { defaultLogConfig, type LogConfig } from '../log-config.ts';
import { type Appended, PartitionLog, type PartitionLogOptions } from '../partition-log.ts';
import { SharedStorage } from '../shared-storage.ts';

/** What tests of logs share: a log in a world of theirs, batches to write, and what can be read back. */
export const FOLDER = '/data/orders-0';

export function openLog(
  world: World,
  options: Partial<PartitionLogOptions> & { readonly settings?: Partial<LogConfig> } = {},
): PartitionLog {
  return PartitionLog.open(world, {
    directory: FOLDER,
    recoveryPoint: 0,
    clean: false,
    shared: options.shared ?? new SharedStorage(world, { tailBytes: 0 }),
    ...options,
    config: { ...defaultLogConfig, ...options.settings },
  });
}

export function batchOf(
  values: readonly string[],
  more: Partial<NewBatch> & { timestamp?: number } = {},
): Buffer {
  const timestamp = more.timestamp ?? 1_750_000_000_000;
  const records = values.map((value) => ({ timestamp, key: null, value: Buffer.from(value) }));
  return buildBatch({ records, ...more });
}

/** Appends as a leader without producer checks, and takes it to the file. */
export function put(log: PartitionLog, ...values: string[]): Appended {
  const result = log.append(batchOf(values), { origin: 'coordinator', leaderEpoch: 0 });
  if ('error' in result) throw new Error(`${result.error}: ${result.message}`);
  log.writeNow();
  return result;
}

/** Every value from an offset on, read as a client reads: batch after batch, the first may begin before. */
export function values(log: PartitionLog, from = log.logStartOffset, maxBytes = 1000): string[] {
  const found: string[] = [];
  let offset = from;
  while (offset < log.writtenEndOffset) {
    const read = log.reads.read(offset, { maxBytes, minOneBatch: true });
    if ('error' in read) throw new Error(read.error);
    if (read.sizeInBytes === 0) throw new Error(`nothing at ${offset}`);
    for (const { header, bytes } of batches(Buffer.concat([...read.parts]))) {
      for (const record of readRecords(bytes)) {
        if (record.offset >= offset) found.push(record.value?.toString() ?? '');
      }
      offset = header.nextOffset;
    }
    read.release();
  }
  return found;
}

/** The bytes of a segment file. */
export function segmentBytes(world: World, name = '00000000000000000000.log'): Buffer {
  return readWhole(world.disk, `${FOLDER}/${name}`) ?? Buffer.alloc(0);
}

/** Overwrites a file with these bytes, made when missing. */
export function overwrite(world: World, path: string, bytes: Uint8Array): void {
  const file = world.disk.open(path, 'create');
  file.truncate(0);
  if (bytes.length > 0) file.appendNow([bytes]);
  file.close();
}

/** Where each batch of a segment begins, and the end. */
export function boundaries(bytes: Buffer): number[] {
  const found = [0];
  for (let at = 0; at < bytes.length; ) {
    at += readBatchHeader(bytes, at).sizeInBytes;
    found.push(at);
  }
  return found;
}
