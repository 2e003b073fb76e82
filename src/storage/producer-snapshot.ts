import { crc32c } from '../protocol/records/crc32c.ts';
import { readInt64, writeInt64 } from '../protocol/records/int64.ts';
import { lastSequence, type ProducerEntry } from './producer-entry.ts';

/**
 * `<offset>.snapshot`: what was remembered of every producer when the log ended at that offset. Version 1 of
 * Kafka's ProducerSnapshot: int16 version, uint32 CRC-32C of all that follows it, then an array of entries of
 * 46 bytes. Only the last batch of each producer is kept.
 */
const VERSION = 1;
const CRC_AT = 2;
const ENTRIES_AT = 6;
const FIRST_ENTRY_AT = 10;
const ENTRY_BYTES = 46;

export function writeProducerSnapshot(entries: Iterable<ProducerEntry>): Buffer {
  const all = [...entries];
  const bytes = Buffer.alloc(FIRST_ENTRY_AT + all.length * ENTRY_BYTES);
  bytes.writeInt16BE(VERSION, 0);
  bytes.writeInt32BE(all.length, ENTRIES_AT);
  let at = FIRST_ENTRY_AT;
  for (const entry of all) {
    const last = entry.batches.at(-1);
    writeInt64(bytes, at, entry.producerId);
    bytes.writeInt16BE(entry.epoch, at + 8);
    bytes.writeInt32BE(lastSequence(entry), at + 10);
    writeInt64(bytes, at + 14, last?.lastOffset ?? -1);
    bytes.writeInt32BE(last?.offsetDelta ?? 0, at + 22);
    writeInt64(bytes, at + 26, entry.lastTimestamp);
    bytes.writeInt32BE(entry.coordinatorEpoch, at + 34);
    writeInt64(bytes, at + 38, entry.currentTxnFirstOffset);
    at += ENTRY_BYTES;
  }
  bytes.writeUInt32BE(crc32c(bytes, ENTRIES_AT), CRC_AT);
  return bytes;
}

/** Null when it is not whole: another snapshot, or the log itself, must tell. */
export function readProducerSnapshot(bytes: Buffer): ProducerEntry[] | null {
  if (bytes.length < FIRST_ENTRY_AT || bytes.readInt16BE(0) !== VERSION) return null;
  if (crc32c(bytes, ENTRIES_AT) !== bytes.readUInt32BE(CRC_AT)) return null;
  const count = bytes.readInt32BE(ENTRIES_AT);
  if (count < 0 || bytes.length !== FIRST_ENTRY_AT + count * ENTRY_BYTES) return null;
  return Array.from({ length: count }, (_, i) => readEntry(bytes, FIRST_ENTRY_AT + i * ENTRY_BYTES));
}

function readEntry(bytes: Buffer, at: number): ProducerEntry {
  const lastOffset = readInt64(bytes, at + 14);
  const lastTimestamp = readInt64(bytes, at + 26);
  const batch = {
    lastSequence: bytes.readInt32BE(at + 10),
    lastOffset,
    offsetDelta: bytes.readInt32BE(at + 22),
    timestamp: lastTimestamp,
  };
  return {
    producerId: readInt64(bytes, at),
    epoch: bytes.readInt16BE(at + 8),
    lastTimestamp,
    coordinatorEpoch: bytes.readInt32BE(at + 34),
    currentTxnFirstOffset: readInt64(bytes, at + 38),
    batches: lastOffset >= 0 ? [batch] : [],
  };
}
