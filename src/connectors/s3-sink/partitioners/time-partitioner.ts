import type { SinkRecord } from '../../kernel/connect-record.ts';
import { jodaFormat } from './joda-format.ts';
import type { Partitioner } from './partitioner.ts';
import type { TimeZone } from './time-zone.ts';
import type { TimestampExtractor } from './timestamp-extractor.ts';

/** Times of late and early records beside each other; further ones are found again. */
const MOST_FOLDERS = 1_000;

/** A folder for each stretch of `durationMs` of local time, named by its beginning. */
export function timePartitioner({
  pattern,
  durationMs,
  locale,
  zone,
  timestamp,
}: {
  /** Of Joda-Time's kind: `'year'=YYYY/'month'=MM`. */
  readonly pattern: string;
  readonly durationMs: number;
  readonly locale: string;
  readonly zone: TimeZone;
  readonly timestamp: TimestampExtractor;
}): Partitioner {
  const format = jodaFormat(pattern, locale);
  const folders = new Map<number, string>();
  return {
    timestamp,
    folder(record: SinkRecord): string {
      const at = timestamp(record);
      const begin = Math.floor((at + zone.offsetMs(at)) / durationMs) * durationMs;
      const known = folders.get(begin);
      if (known !== undefined) return known;
      if (folders.size >= MOST_FOLDERS) folders.clear();
      const folder = format(new Date(begin));
      folders.set(begin, folder);
      return folder;
    },
  };
}
