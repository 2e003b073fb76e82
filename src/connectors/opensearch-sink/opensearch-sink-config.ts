import type { ConfigOf, ConfigProblem } from '../kernel/config.ts';
import {
  booleanProperty,
  intProperty,
  listProperty,
  longProperty,
  oneOfProperty,
  passwordProperty,
  stringProperty,
} from '../kernel/config-property.ts';

const SHARED = {
  'connection.url': listProperty({
    importance: 'HIGH',
    doc: 'The addresses of nodes, as http://HOST:9200; the next one is asked when one does not answer.',
    check: (urls) =>
      urls.map(urlProblem).find((problem) => problem !== null) ??
      (urls.length === 0 ? 'must name a node' : null),
  }),
  'connection.username': stringProperty({
    importance: 'MEDIUM',
    doc: 'The user of Basic sign-in.',
    default: null,
  }),
  'connection.password': passwordProperty({
    importance: 'MEDIUM',
    doc: "The user's password.",
    default: null,
  }),
  'connection.timeout.ms': intProperty({
    importance: 'LOW',
    doc: 'Added to read.timeout.ms: a request may take both together.',
    default: 1_000,
    min: 0,
  }),
  'read.timeout.ms': intProperty({
    importance: 'LOW',
    doc: 'How long an answer may take.',
    default: 3_000,
    min: 1,
  }),
  'connection.compression': booleanProperty({
    importance: 'LOW',
    doc: 'Whether requests are gzip.',
    default: false,
  }),
  'batch.size': intProperty({
    importance: 'MEDIUM',
    doc: 'Records of one bulk request.',
    default: 2_000,
    min: 1,
    max: 100_000,
  }),
  'bulk.size.bytes': longProperty({
    importance: 'LOW',
    doc: 'Bytes of one bulk request; one record may have more.',
    default: 5 * 1024 ** 2,
    min: 1_024,
    max: 100 * 1024 ** 2,
  }),
  'max.in.flight.requests': intProperty({
    importance: 'MEDIUM',
    doc: 'Bulk requests at a time; with write.method=upsert it is one, since upserts have no versions.',
    default: 5,
    min: 1,
    max: 100,
  }),
  'max.buffered.records': intProperty({
    importance: 'LOW',
    doc: 'Number of records that are written without waiting for more.',
    default: 20_000,
    min: 1,
    max: 1_000_000,
  }),
  'linger.ms': longProperty({
    importance: 'LOW',
    doc: 'How long less than a batch waits for more.',
    default: 1,
    min: 0,
  }),
  'max.retries': intProperty({
    importance: 'LOW',
    doc: 'How often what may pass (429, 5xx, no answer) is tried again, without progress, before the task fails.',
    default: 5,
    min: 0,
  }),
  'retry.backoff.ms': longProperty({
    importance: 'LOW',
    doc: 'The wait before the first retry; each further one is twice as long, up to ten seconds.',
    default: 100,
    min: 0,
  }),
  'key.ignore': booleanProperty({
    importance: 'HIGH',
    doc: "Whether documents have the record's topic, partition and offset as their id, and not its key.",
    default: false,
  }),
  'schema.ignore': booleanProperty({
    importance: 'LOW',
    doc: 'Whether OpenSearch finds the types of fields itself, and a new index gets no mapping from the schema of its first record.',
    default: false,
  }),
  'compact.map.entries': booleanProperty({
    importance: 'LOW',
    doc: 'Whether maps whose keys are texts are objects, and not lists of key and value.',
    default: true,
  }),
  'write.method': oneOfProperty(
    ['insert', 'upsert'],
    {
      importance: 'LOW',
      doc: 'Whether a record is the whole document, or changes the fields that it has.',
      default: 'insert',
    },
    true,
  ),
  'behavior.on.malformed.documents': oneOfProperty(
    ['fail', 'ignore', 'warn'],
    {
      importance: 'LOW',
      doc: 'What becomes of a document that OpenSearch refuses: fail makes it a bad record, which errors.tolerance and the dead-letter queue are for; the others leave it out.',
      default: 'fail',
    },
    true,
  ),
};
const NULL_VALUES = ['ignore', 'delete', 'fail'] as const;
const nullValues = (preset: (typeof NULL_VALUES)[number]) =>
  oneOfProperty(
    NULL_VALUES,
    {
      importance: 'LOW',
      doc: 'What a record without a value does: nothing, delete the document of its key, or be a bad record.',
      default: preset,
    },
    true,
  );

/** Aiven's. */
export const OPENSEARCH_PROPERTIES = {
  ...SHARED,
  'behavior.on.null.values': nullValues('ignore'),
  'data.stream.enabled': booleanProperty({
    importance: 'LOW',
    doc: 'Whether records go into data streams, which are made where they are not there.',
    default: false,
  }),
  'data.stream.prefix': stringProperty({
    importance: 'LOW',
    doc: "What is before the topic in a data stream's name, with a - between; without it the name is the topic.",
    default: null,
  }),
  'data.stream.timestamp.field': stringProperty({
    importance: 'LOW',
    doc: 'The field that @timestamp is made of, where a value has none; else it is the timestamp of the record.',
    default: '@timestamp',
  }),
};

/** Confluent's. */
export const ELASTICSEARCH_PROPERTIES = {
  ...SHARED,
  'behavior.on.null.values': nullValues('fail'),
  'data.stream.type': oneOfProperty(
    ['none', 'logs', 'metrics'],
    { importance: 'LOW', doc: 'Of data streams; none: records go into indexes.', default: 'none' },
    true,
  ),
  'data.stream.dataset': stringProperty({
    importance: 'LOW',
    doc: 'Of data streams, whose names are TYPE-DATASET-TOPIC.',
    default: '',
  }),
  'data.stream.timestamp.field': listProperty({
    importance: 'LOW',
    doc: '@timestamp is made of the first of these fields that a value has; else it is the timestamp of the record.',
    default: [],
  }),
};

export type SharedConfig = ConfigOf<typeof SHARED> & {
  readonly 'behavior.on.null.values': (typeof NULL_VALUES)[number];
};

/** What is wrong with values together that are right one by one. */
export function searchSinkProblems(config: SharedConfig): ConfigProblem[] {
  const { 'connection.username': user, 'connection.password': password } = config;
  const found: ConfigProblem[] = [];
  if ((user === null) !== (password === null))
    found.push({
      property: 'connection.username',
      message: 'connection.username and connection.password go together.',
    });
  if (config['behavior.on.null.values'] === 'delete' && config['key.ignore'])
    found.push({
      property: 'behavior.on.null.values',
      message: 'behavior.on.null.values=delete needs the keys of records: key.ignore must be false.',
    });
  return found;
}

function urlProblem(text: string): string | null {
  try {
    const { protocol } = new URL(text);
    return protocol === 'http:' || protocol === 'https:'
      ? null
      : `must be http:// or https:// URLs, not ${text}`;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return `must be URLs, as http://HOST:9200, not ${text}`;
  }
}
