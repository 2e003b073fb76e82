import { batchSizeAt, checkBatch, clearLogAppendTime, readBatchHeader } from '../protocol/records/batch.ts';
import { type LogRecord, readRecords } from '../protocol/records/record.ts';
import { RecordError, type RecordErrorName } from '../protocol/records/record-error.ts';
import { type LogConfig, UNLIMITED } from './log-config.ts';

const NO_TIMESTAMP = -1;

export interface AppendProblem {
  readonly error: RecordErrorName | 'MESSAGE_TOO_LARGE' | 'INVALID_TIMESTAMP';
  readonly message: string;
  /** The records that the batch was refused for (KIP-467); none when it is the batch itself that is wrong. */
  readonly recordErrors?: readonly RecordProblem[];
}

export interface RecordProblem {
  readonly batchIndex: number;
  readonly message: string;
}

/**
 * Whether a client may append these bytes to a topic; null when it may. In Kafka's order: the size of the
 * batch (`max.message.bytes`), that it is exactly one sound batch (`checkBatch`: length, magic, checksum,
 * count, every record of an uncompressed one), no control records, timestamps within
 * `message.timestamp.before/after.max.ms` of `now` under CreateTime, and in a compacted topic a key in every
 * record. A batch that claims the time of its append is refused under LogAppendTime, and has the claim taken
 * off under CreateTime.
 *
 * A compressed batch is opened (bounded) only when keys or `before.max.ms` demand to see its records;
 * otherwise the largest timestamp in its header is believed.
 */
export function checkAppend(bytes: Buffer, config: LogConfig, now: number): AppendProblem | null {
  const size = Math.min(Math.max(batchSizeAt(bytes, 0), 0), bytes.length);
  if (size > config.maxMessageBytes) {
    const message = `the batch has ${size} bytes, max.message.bytes is ${config.maxMessageBytes}`;
    return { error: 'MESSAGE_TOO_LARGE', message };
  }
  const unsound = checkBatch(bytes);
  if (unsound) return { error: unsound, message: 'the batch is not sound' };
  const header = readBatchHeader(bytes, 0);
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
    const records = open(bytes);
    if ('error' in records) return records;
    const wrong = wrongRecords(records, { allowed, needsKeys, needsTimes });
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
  records: readonly LogRecord[],
  rules: {
    readonly allowed: TimestampRange;
    readonly needsKeys: boolean;
    readonly needsTimes: boolean;
  },
): AppendProblem | null {
  const { earliest, latest } = rules.allowed;
  const recordErrors: RecordProblem[] = [];
  let isTimestampWrong = false;
  records.forEach((record, batchIndex) => {
    if (rules.needsKeys && record.key === null) {
      recordErrors.push({ batchIndex, message: 'a compacted topic takes no records without a key' });
      return;
    }
    const { timestamp, offset } = record;
    if (!rules.needsTimes || timestamp === NO_TIMESTAMP) return;
    if (timestamp >= earliest && timestamp <= latest) return;
    isTimestampWrong = true;
    const message = `Timestamp ${timestamp} of message with offset ${offset} ${outside(rules.allowed)}`;
    recordErrors.push({ batchIndex, message });
  });
  const [first] = recordErrors;
  if (!first) return null;
  // One record with a wrong timestamp decides the error of the whole batch, as in Kafka's LogValidator.
  const error = isTimestampWrong ? 'INVALID_TIMESTAMP' : 'INVALID_RECORD';
  const message = `${recordErrors.length} of ${records.length} records are refused, the first because: ${first.message}`;
  return { error, message, recordErrors };
}

function open(bytes: Buffer): LogRecord[] | AppendProblem {
  try {
    return readRecords(bytes);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return { error: error.error, message: error.message };
  }
}

function outside(allowed: TimestampRange): string {
  return `is out of range. The timestamp should be within ${rangeText(allowed)}`;
}
