import type { ConsumedRecord } from '../../kafka-client/consumer/consumer-options.ts';

export const RECORD_FORMATS = ['text', 'json', 'hex'] as const;
export type RecordFormat = (typeof RECORD_FORMATS)[number];

interface Shown {
  readonly keys: boolean;
  readonly headers: boolean;
  readonly place: boolean;
}

/** One line: the value, and before it what was asked for, separated by tabs; JSON has everything. */
export function recordText(record: ConsumedRecord, format: RecordFormat, shown: Shown): string {
  if (format === 'json') return JSON.stringify(recordJson(record));
  const text = (bytes: Buffer | null): string =>
    bytes === null ? 'null' : bytes.toString(format === 'hex' ? 'hex' : 'utf8');
  return [
    ...(shown.place
      ? [timeText(record.timestamp), `${record.topic}-${record.partition}@${record.offset}`]
      : []),
    ...(shown.headers ? [record.headers.map(({ key, value }) => `${key}=${text(value)}`).join(',')] : []),
    ...(shown.keys ? [text(record.key)] : []),
    text(record.value),
  ].join('\t');
}

function recordJson({ topic, partition, offset, timestamp, key, value, headers }: ConsumedRecord): object {
  return {
    topic,
    partition,
    offset,
    timestamp: Number(timestamp),
    ...bytesJson('key', key),
    ...bytesJson('value', value),
    headers: headers.map((header) => ({ key: header.key, ...bytesJson('value', header.value) })),
  };
}

/** What is no UTF-8 comes in base64, under a name that says so. */
function bytesJson(name: string, bytes: Buffer | null): object {
  if (bytes === null) return { [name]: null };
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? { [name]: text } : { [`${name}Base64`]: bytes.toString('base64') };
}

function timeText(timestamp: number | bigint): string {
  const time = new Date(Number(timestamp));
  return Number.isNaN(time.getTime()) || timestamp < 0 ? '-' : time.toISOString();
}
