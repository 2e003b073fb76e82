import {
  type BatchHeader,
  batchSizeAt,
  checkBatch,
  clearLogAppendTime,
  HEADER_BYTES,
  readBatchHeader,
} from '../protocol/records/batch.ts';
import { codecs } from '../protocol/records/compression.ts';
import { MAX_DECOMPRESSED_BYTES, recordTimestamp } from '../protocol/records/record.ts';
import { walkRecords } from '../protocol/records/walk.ts';
import type { AppendProblem, RecordProblem } from './append-problem.ts';
import { type LogConfig, UNLIMITED } from './log-config.ts';
import { OpeningBudget } from './opening-budget.ts';

const NO_TIMESTAMP = -1;
/**
 * Records of one batch. Without a limit a compressed batch of 130 KB holds 18 million, and whoever looks into
 * it later (a search by time, the compaction) needs gigabytes and stands still. Producers that are told
 * MESSAGE_TOO_LARGE send smaller batches.
 */
const RECORDS_MAX = 1_000_000;
/** Those that are told in an answer: a producer fails the whole batch, whatever their number. */
const TOLD_MAX = 1000;

/**
 * Whether a client may append these bytes to a topic; null when it may. In Kafka's order: the size of the
 * batch (`max.message.bytes`), that it is exactly one sound batch (`checkBatch`: length, magic, checksum,
 * count, every record of an uncompressed one), no control records, timestamps within
 * `message.timestamp.before/after.max.ms` of `now` under CreateTime, and in a compacted topic a key in every
 * record. A batch that claims the time of its append is refused under LogAppendTime, and has the claim taken
 * off under CreateTime.
 *
 * A compressed batch is opened (within `opening`) only when keys or `before.max.ms` demand to see its
 * records; otherwise the largest timestamp in its header is believed.
 */
export function checkAppend(
  bytes: Buffer,
  config: LogConfig,
  now: number,
  opening = new OpeningBudget(),
): AppendProblem | null {
  const size = Math.min(Math.max(batchSizeAt(bytes, 0), 0), bytes.length);
  if (size > config.maxMessageBytes) {
    const message = `the batch has ${size} bytes, max.message.bytes is ${config.maxMessageBytes}`;
    return { error: 'MESSAGE_TOO_LARGE', message };
  }
  const unsound = checkBatch(bytes);
  if (unsound) return { error: unsound, message: 'the batch is not sound' };
  const header = readBatchHeader(bytes, 0);
  if (header.recordCount > RECORDS_MAX) {
    const message = `the batch has ${header.recordCount} records, and ${RECORDS_MAX} are allowed`;
    return { error: 'MESSAGE_TOO_LARGE', message };
  }
  if (header.isControl) return { error: 'INVALID_RECORD', message: 'clients may not write control records' };
  const timed = config.messageTimestampType === 'CreateTime';
  const claimsAppendTime = header.timestampType === 'LogAppendTime';
  if (claimsAppendTime && (!timed || header.maxTimestamp === NO_TIMESTAMP)) {
    const message = 'Producer should not set timestamp type to LogAppendTime.';
    return { error: 'INVALID_TIMESTAMP', message };
  }
  const allowed = timestampRange(config, now);
  const isAhead = timed && header.maxTimestamp > allowed.latest;
  const needsKeys = config.cleanupPolicy.includes('compact');
  const isLate = header.baseTimestamp < allowed.earliest;
  const needsTimes = timed && (isAhead || isLate || config.messageTimestampBeforeMaxMs < UNLIMITED);
  if (needsKeys || needsTimes) {
    const records = open(bytes, header, opening);
    if (!Buffer.isBuffer(records)) return records;
    const wrong = wrongRecords({ bytes, header, records }, { allowed, needsKeys, needsTimes });
    if (wrong) return wrong;
    if (isAhead) {
      const message = `The largest timestamp ${header.maxTimestamp} ${outside(allowed)}`;
      return { error: 'INVALID_TIMESTAMP', message };
    }
  }
  if (claimsAppendTime) clearLogAppendTime(bytes);
  return null;
}

/**
 * What `message.timestamp.before/after.max.ms` allow under CreateTime. Made for each batch, so it holds
 * numbers only.
 */
interface TimestampRange {
  readonly earliest: number;
  readonly latest: number;
  readonly now: number;
  readonly before: number;
  readonly after: number;
}

function timestampRange(config: LogConfig, now: number): TimestampRange {
  const { messageTimestampBeforeMaxMs: before, messageTimestampAfterMaxMs: after } = config;
  return {
    // Without a limit the distance still has to be an int64: in Java it overflows.
    earliest: before < UNLIMITED ? now - before : now - 2 ** 63,
    latest: after < UNLIMITED ? now + after : Number.POSITIVE_INFINITY,
    now,
    before,
    after,
  };
}

function rangeText({ now, before, after }: TimestampRange): string {
  return `[${BigInt(now) - long(before)}, ${BigInt(now) + long(after)}]`;
}

/** A config's value as Kafka has it, which keeps "no limit" as the greatest int64. */
function long(value: number): bigint {
  return value < UNLIMITED ? BigInt(value) : 2n ** 63n - 1n;
}

/** Every record is judged, so that the producer can send again those that are not at fault. */
function wrongRecords(
  { bytes, header, records }: { bytes: Buffer; header: BatchHeader; records: Buffer },
  rules: {
    readonly allowed: TimestampRange;
    readonly needsKeys: boolean;
    readonly needsTimes: boolean;
  },
): AppendProblem | null {
  const { earliest, latest } = rules.allowed;
  const batch = { batch: bytes, header };
  const recordErrors: RecordProblem[] = [];
  let wrong = 0;
  let isTimestampWrong = false;
  const refuse = (batchIndex: number, message: () => string): void => {
    if (wrong++ < TOLD_MAX) recordErrors.push({ batchIndex, message: message() });
  };
  const walked = walkRecords(records, 0, header.recordCount, (index, record) => {
    if (rules.needsKeys && record.keyLength < 0) {
      refuse(index, () => 'a compacted topic takes no records without a key');
      return;
    }
    if (!rules.needsTimes) return;
    const timestamp = recordTimestamp(batch, records, record);
    if (timestamp === NO_TIMESTAMP || (timestamp >= earliest && timestamp <= latest)) return;
    isTimestampWrong = true;
    refuse(index, () => {
      const offset = header.baseOffset + index;
      return `Timestamp ${timestamp} of message with offset ${offset} ${outside(rules.allowed)}`;
    });
  });
  if (walked === null) return { error: 'INVALID_RECORD', message: 'the records of the batch are not sound' };
  const [first] = recordErrors;
  if (!first) return null;
  // One record with a wrong timestamp decides the error of the whole batch, as in Kafka's LogValidator.
  const error = isTimestampWrong ? 'INVALID_TIMESTAMP' : 'INVALID_RECORD';
  const message = `${wrong} of ${header.recordCount} records are refused, the first because: ${first.message}`;
  return { error, message, recordErrors };
}

/** The records of a checked batch. */
function open(bytes: Buffer, { compression }: BatchHeader, opening: OpeningBudget): Buffer | AppendProblem {
  const stored = bytes.subarray(HEADER_BYTES);
  if (compression === null || compression === 'none') return stored;
  return opening.open(bytes, () => codecs[compression].decompress(stored, MAX_DECOMPRESSED_BYTES));
}

function outside(allowed: TimestampRange): string {
  return `is out of range. The timestamp should be within ${rangeText(allowed)}`;
}
