import { endpointProblem } from '../../aws/s3/s3-endpoint.ts';
import type { ConfigOf, ConfigProblem } from '../kernel/config.ts';
import {
  booleanProperty,
  classProperty,
  intProperty,
  listProperty,
  longProperty,
  oneOfProperty,
  passwordProperty,
  stringProperty,
} from '../kernel/config-property.ts';
import { LEAST_PART_BYTES } from './object-file.ts';
import { jodaProblem } from './partitioners/joda-format.ts';
import { timeZoneProblem } from './partitioners/time-zone.ts';

export const FORMATS = [
  'io.confluent.connect.s3.format.json.JsonFormat',
  'io.confluent.connect.s3.format.bytearray.ByteArrayFormat',
  'io.confluent.connect.s3.format.parquet.ParquetFormat',
] as const;
const PARTITIONER = 'io.confluent.connect.storage.partitioner.';
export const PARTITIONERS = [
  `${PARTITIONER}DefaultPartitioner`,
  `${PARTITIONER}FieldPartitioner`,
  `${PARTITIONER}TimeBasedPartitioner`,
  `${PARTITIONER}DailyPartitioner`,
  `${PARTITIONER}HourlyPartitioner`,
] as const;
const EXTRACTORS = ['Wallclock', 'Record', 'RecordField'] as const;
const DAY_MS = 86_400_000;
const MOST_PART_BYTES = 64 * 1024 ** 2;

/** A property that Confluent's connector wants, and that can have one value. */
const fixed = (value: string, doc: string) =>
  classProperty({
    ...{ importance: 'LOW', doc, default: value },
    check: (given) => (given === value ? null : `must be ${value}`),
  });

export const PROPERTIES = {
  's3.bucket.name': stringProperty({ importance: 'HIGH', doc: 'The bucket.' }),
  's3.region': stringProperty({
    importance: 'MEDIUM',
    doc: 'The region of the bucket.',
    default: 'us-west-2',
  }),
  'store.url': stringProperty({
    importance: 'LOW',
    doc: "The address of a server that speaks S3's protocol; without it AWS's of the region.",
    default: null,
    check: (url) => endpointProblem(url ?? ''),
  }),
  's3.path.style.access.enabled': booleanProperty({
    importance: 'LOW',
    doc: "Whether the bucket is in the path of addresses, and not in the host's name.",
    default: true,
  }),
  'aws.access.key.id': stringProperty({
    importance: 'MEDIUM',
    doc: "AWS's access key; without it and the secret, those of the worker's environment.",
    default: null,
  }),
  'aws.secret.access.key': passwordProperty({
    importance: 'MEDIUM',
    doc: "AWS's secret key.",
    default: null,
  }),
  's3.part.size': intProperty({
    importance: 'MEDIUM',
    doc: 'Size from which a part of an object is uploaded before the object is complete, in bytes. Where buffer.memory has no room for that, parts and objects are uploaded earlier.',
    default: 26_214_400,
    min: LEAST_PART_BYTES,
    max: MOST_PART_BYTES,
  }),
  's3.part.retries': intProperty({
    importance: 'MEDIUM',
    doc: 'How often a request to S3 that failed is sent again, before the task waits and puts the records again.',
    default: 3,
    min: 0,
    max: 20,
  }),
  's3.retry.backoff.ms': longProperty({
    importance: 'LOW',
    doc: 'The wait before a request is sent again; each further one is twice as long, up to ten seconds.',
    default: 200,
    min: 1,
    max: 10_000,
  }),
  's3.compression.type': oneOfProperty(['none', 'gzip'], {
    importance: 'LOW',
    doc: 'How objects are compressed.',
    default: 'none',
  }),
  's3.compression.level': intProperty({
    importance: 'LOW',
    doc: 'Of gzip: 1 is fastest, 9 is smallest, -1 is between.',
    default: -1,
    min: -1,
    max: 9,
  }),
  'format.class': oneOfProperty(FORMATS, { importance: 'HIGH', doc: 'How records are written.' }),
  'format.bytearray.extension': stringProperty({
    importance: 'LOW',
    doc: 'The end of the names of objects of ByteArrayFormat.',
    default: '.bin',
  }),
  'format.bytearray.separator': stringProperty({
    importance: 'LOW',
    doc: 'What is behind each record of ByteArrayFormat. By default a new line.',
    default: '\n',
  }),
  'parquet.codec': oneOfProperty(['none', 'snappy', 'gzip'], {
    importance: 'LOW',
    doc: 'How ParquetFormat compresses its pages.',
    default: 'snappy',
  }),
  'flush.size': intProperty({
    importance: 'HIGH',
    doc: 'Number of records with which an object of a partition is complete.',
    min: 1,
  }),
  'rotate.interval.ms': longProperty({
    importance: 'HIGH',
    doc: "Objects of a partition are complete when a record's time is so much later than that of their first record; -1: not. The time is that of timestamp.extractor, and Kafka's timestamp with partitioners that are not by time.",
    default: -1,
    min: -1,
  }),
  'rotate.schedule.interval.ms': longProperty({
    importance: 'MEDIUM',
    doc: 'Objects are complete at multiples of this time in the local day, also when no record comes; -1: not. Needs timezone.',
    default: -1,
    min: -1,
    max: DAY_MS,
  }),
  'behavior.on.null.values': oneOfProperty(['fail', 'ignore'], {
    importance: 'LOW',
    doc: 'Whether a record without a value is a bad record, or is left out.',
    default: 'fail',
  }),
  'topics.dir': stringProperty({
    importance: 'HIGH',
    doc: 'The folder above all objects.',
    default: 'topics',
  }),
  'directory.delim': stringProperty({ importance: 'MEDIUM', doc: 'Between folders.', default: '/' }),
  'file.delim': stringProperty({ importance: 'MEDIUM', doc: "Within objects' names.", default: '+' }),
  'filename.offset.zero.pad.width': intProperty({
    importance: 'LOW',
    doc: "Digits of the offset in an object's name.",
    default: 10,
    min: 0,
    max: 20,
  }),
  'partitioner.class': oneOfProperty(PARTITIONERS, {
    importance: 'HIGH',
    doc: 'By what records are put into folders.',
    default: PARTITIONERS[0],
  }),
  'partition.field.name': listProperty({
    importance: 'MEDIUM',
    doc: 'The fields of FieldPartitioner.',
    default: [],
  }),
  'partition.field.format.path': booleanProperty({
    importance: 'LOW',
    doc: "Whether folders of FieldPartitioner have the fields' names: field=value.",
    default: true,
  }),
  'partition.duration.ms': longProperty({
    importance: 'MEDIUM',
    doc: 'The time that a folder of TimeBasedPartitioner has.',
    default: -1,
    min: -1,
  }),
  'path.format': stringProperty({
    importance: 'MEDIUM',
    doc: "The folders of TimeBasedPartitioner, as Joda-Time's patterns: 'year'=YYYY/'month'=MM/'day'=dd.",
    default: '',
    check: jodaProblem,
  }),
  locale: stringProperty({ importance: 'MEDIUM', doc: 'Of the names of months and days.', default: '' }),
  timezone: stringProperty({
    importance: 'MEDIUM',
    doc: 'Of the days and hours of partitioners by time and of rotate.schedule.interval.ms.',
    default: '',
    check: (name) => (name === '' ? null : timeZoneProblem(name)),
  }),
  'timestamp.extractor': oneOfProperty(EXTRACTORS, {
    importance: 'MEDIUM',
    doc: "A record's time for partitioners by time: of the clock, of Kafka, or of a field. By the clock a record may be written twice after a crash, in two folders.",
    default: 'Wallclock',
  }),
  'timestamp.field': stringProperty({
    importance: 'MEDIUM',
    doc: 'The field of RecordField; names with dots lead into fields of fields.',
    default: 'timestamp',
  }),
  'storage.class': fixed('io.confluent.connect.s3.storage.S3Storage', 'Where objects go.'),
  'schema.compatibility': oneOfProperty(['NONE'], {
    importance: 'LOW',
    doc: 'A record with another schema begins another Parquet file; JSON and bytes need no schema.',
    default: 'NONE',
  }),
};

export type S3SinkConfig = ConfigOf<typeof PROPERTIES>;

/** Whether records are put into folders by a time. */
export function isByTime(config: S3SinkConfig): boolean {
  return PARTITIONERS.indexOf(config['partitioner.class']) >= 2;
}

/** What is wrong with values together that are right one by one. */
export function s3SinkProblems(config: S3SinkConfig): ConfigProblem[] {
  const found: ConfigProblem[] = [];
  const wrong = (property: keyof S3SinkConfig, message: string): void => {
    found.push({ property, message: `${property} ${message}.` });
  };
  const partitioner = config['partitioner.class'];
  if (partitioner === PARTITIONERS[1] && config['partition.field.name'].length === 0)
    wrong('partition.field.name', 'must name the fields of FieldPartitioner');
  if (partitioner === PARTITIONERS[2]) {
    if (config['path.format'] === '') wrong('path.format', 'must say the folders of TimeBasedPartitioner');
    if (config['partition.duration.ms'] <= 0)
      wrong('partition.duration.ms', 'must say the time that a folder of TimeBasedPartitioner has');
  }
  if (isByTime(config) && !isLocale(config.locale))
    wrong('locale', 'must be a locale, as en-US, with a partitioner by time');
  if (config.timezone === '' && (isByTime(config) || config['rotate.schedule.interval.ms'] > 0))
    wrong('timezone', 'must be given with partitioners by time and rotate.schedule.interval.ms');
  if ((config['aws.access.key.id'] === null) !== (config['aws.secret.access.key'] === null))
    wrong('aws.access.key.id', 'and aws.secret.access.key go together');
  if (config['format.class'] === FORMATS[2] && config['s3.compression.type'] === 'gzip')
    wrong('s3.compression.type', 'must be none with ParquetFormat, which compresses by parquet.codec');
  return found;
}

function isLocale(name: string): boolean {
  try {
    return name !== '' && Intl.getCanonicalLocales(name).length > 0;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return false;
  }
}
