import type { World } from '../../base/world.ts';
import { byteArrayFormat } from './formats/byte-array-format.ts';
import { jsonFormat } from './formats/json-format.ts';
import type { ObjectFormat } from './formats/object-format.ts';
import { parquetFormat } from './formats/parquet-format.ts';
import { defaultPartitioner } from './partitioners/default-partitioner.ts';
import { fieldPartitioner } from './partitioners/field-partitioner.ts';
import type { Partitioner } from './partitioners/partitioner.ts';
import { timePartitioner } from './partitioners/time-partitioner.ts';
import { TimeZone } from './partitioners/time-zone.ts';
import {
  fieldTimestamp,
  recordTimestamp,
  type TimestampExtractor,
} from './partitioners/timestamp-extractor.ts';
import { FORMATS, isByTime, PARTITIONERS, type S3SinkConfig } from './s3-sink-config.ts';
import type { WriterOptions } from './topic-partition-writer.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Of partitioners by time that have a pattern of their own. */
const PATTERNS: Readonly<Record<string, { readonly pattern: string; readonly durationMs: number }>> = {
  [PARTITIONERS[3]]: { pattern: "'year'=YYYY/'month'=MM/'day'=dd", durationMs: DAY_MS },
  [PARTITIONERS[4]]: { pattern: "'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH", durationMs: HOUR_MS },
};

/** What a configuration says of names, formats and times. */
export function optionsOf(config: S3SinkConfig, world: Pick<World, 'clock'>): WriterOptions {
  const format = formatOf(config);
  const isCompressed = config['s3.compression.type'] === 'gzip';
  const interval = config['rotate.interval.ms'];
  const schedule = config['rotate.schedule.interval.ms'];
  const zone = new TimeZone(config.timezone || 'UTC');
  return {
    bucket: config['s3.bucket.name'],
    names: {
      topicsDirectory: config['topics.dir'],
      directoryDelimiter: config['directory.delim'],
      fileDelimiter: config['file.delim'],
      offsetWidth: config['filename.offset.zero.pad.width'],
      extension: isCompressed ? `${format.extension}.gz` : format.extension,
    },
    partitioner: partitionerOf(config, zone, () => world.clock.now()),
    rotation: {
      flushSize: config['flush.size'],
      intervalMs: interval > 0 ? interval : null,
      isByClock: isByTime(config) && config['timestamp.extractor'] === 'Wallclock',
      scheduleMs: schedule > 0 ? schedule : null,
      zone,
    },
    ignoresNull: config['behavior.on.null.values'] === 'ignore',
    format,
    gzipLevel: isCompressed ? config['s3.compression.level'] : null,
    partBytes: config['s3.part.size'],
  };
}

function formatOf(config: S3SinkConfig): ObjectFormat {
  switch (config['format.class']) {
    case FORMATS[0]:
      return jsonFormat;
    case FORMATS[1]:
      return byteArrayFormat(config['format.bytearray.extension'], config['format.bytearray.separator']);
    case FORMATS[2]:
      return parquetFormat(config['parquet.codec']);
  }
}

function partitionerOf(config: S3SinkConfig, zone: TimeZone, now: () => number): Partitioner {
  const name = config['partitioner.class'];
  const delimiter = config['directory.delim'];
  if (name === PARTITIONERS[0]) return defaultPartitioner;
  if (name === PARTITIONERS[1])
    return fieldPartitioner(config['partition.field.name'], {
      delimiter,
      withNames: config['partition.field.format.path'],
    });
  const { pattern, durationMs } = PATTERNS[name] ?? {
    pattern: config['path.format'],
    durationMs: config['partition.duration.ms'],
  };
  return timePartitioner({
    pattern: delimiter === '/' ? pattern : pattern.replaceAll('/', delimiter),
    ...{ durationMs, locale: config.locale, zone },
    timestamp: extractorOf(config, now),
  });
}

function extractorOf(config: S3SinkConfig, now: () => number): TimestampExtractor {
  switch (config['timestamp.extractor']) {
    case 'Wallclock':
      return now;
    case 'Record':
      return recordTimestamp;
    case 'RecordField':
      return fieldTimestamp(config['timestamp.field']);
  }
}
