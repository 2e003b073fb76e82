import { buildBatch, type LogRecord } from './record.ts';

/**
 * What a control record says, by the type in its key (schema ControlRecordType: version, type, both int16).
 */
const controlTypes = [
  'ABORT',
  'COMMIT',
  'LEADER_CHANGE',
  'SNAPSHOT_HEADER',
  'SNAPSHOT_FOOTER',
  'KRAFT_VERSION',
  'KRAFT_VOTERS',
] as const;

export type ControlType = (typeof controlTypes)[number];

const CONTROL_KEY_BYTES = 4;
const CONTROL_KEY_VERSION = 0;
const END_TRANSACTION_MARKER_VERSION = 0;

/** The key of a control record. */
export function controlKey(type: ControlType): Buffer {
  const key = Buffer.allocUnsafe(CONTROL_KEY_BYTES);
  key.writeInt16BE(CONTROL_KEY_VERSION, 0);
  key.writeInt16BE(controlTypes.indexOf(type), 2);
  return key;
}

/** The type of a control record; null when this release does not know it (readers must skip it then). */
export function controlType(key: Buffer | null): ControlType | null {
  if (key === null || key.length < CONTROL_KEY_BYTES) return null;
  return controlTypes[key.readInt16BE(2)] ?? null;
}

export interface EndTransactionMarker {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly outcome: 'COMMIT' | 'ABORT';
  readonly coordinatorEpoch: number;
}

/** The batch of one control record that ends a producer's transaction in a partition. */
export function endTransactionBatch(
  marker: EndTransactionMarker & {
    readonly timestamp: number;
    readonly baseOffset?: number;
    readonly leaderEpoch?: number;
  },
): Buffer {
  const value = Buffer.allocUnsafe(6);
  value.writeInt16BE(END_TRANSACTION_MARKER_VERSION, 0);
  value.writeInt32BE(marker.coordinatorEpoch, 2);
  return buildBatch({
    baseOffset: marker.baseOffset,
    leaderEpoch: marker.leaderEpoch,
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    isTransactional: true,
    isControl: true,
    records: [{ timestamp: marker.timestamp, key: controlKey(marker.outcome), value }],
  });
}

/** What an end-transaction control record says; null when the record is of another type or cut short. */
export function readEndTransaction(
  record: Pick<LogRecord, 'key' | 'value'>,
): Pick<EndTransactionMarker, 'outcome' | 'coordinatorEpoch'> | null {
  const outcome = controlType(record.key);
  if (outcome !== 'COMMIT' && outcome !== 'ABORT') return null;
  if (record.value === null || record.value.length < 6) return null;
  return { outcome, coordinatorEpoch: record.value.readInt32BE(2) };
}
