import {
  booleanProperty,
  classProperty,
  intProperty,
  listProperty,
  longProperty,
  oneOfProperty,
  stringProperty,
} from './config-property.ts';
import { regexProblem } from './java-regex.ts';

/** What every connector has beside its own properties, under Kafka Connect's names. */
export const CONNECTOR_PROPERTIES = {
  name: stringProperty({ importance: 'HIGH', doc: 'The name of the connector.' }),
  'connector.class': classProperty({ importance: 'HIGH', doc: 'What the connector does.' }),
  'tasks.max': intProperty({
    importance: 'HIGH',
    doc: 'The most tasks that share the work.',
    default: 1,
    min: 1,
    max: 1000,
  }),
  'key.converter': classProperty({
    importance: 'LOW',
    doc: "Between Kafka's bytes and keys. Without it, that of the worker.",
    default: null,
  }),
  'value.converter': classProperty({
    importance: 'LOW',
    doc: "Between Kafka's bytes and values. Without it, that of the worker.",
    default: null,
  }),
  transforms: listProperty({
    importance: 'LOW',
    doc: 'Names of your own for what changes records, in this order; what each is follows in transforms.NAME.type.',
    default: [],
  }),
  predicates: listProperty({
    importance: 'LOW',
    doc: 'Names of your own for what transforms.NAME.predicate can name; what each is follows in predicates.NAME.type.',
    default: [],
  }),
  'errors.tolerance': oneOfProperty(['none', 'all'], {
    importance: 'MEDIUM',
    doc: 'Whether records that cannot be converted, transformed or written are left out; otherwise the task fails with the first of them.',
    default: 'none',
  }),
  'errors.retry.timeout': longProperty({
    importance: 'MEDIUM',
    doc: 'How long a converter or a transform that fails for the moment is tried again, in milliseconds; 0: not at all, -1: for ever. A sink that fails for the moment is always tried again.',
    default: 0,
    min: -1,
  }),
  'errors.retry.delay.max.ms': longProperty({
    importance: 'MEDIUM',
    doc: 'The longest wait between two of these attempts. The first is 300 ms, each further one twice as long, and where that would be longer than this, any that is shorter.',
    default: 60_000,
    min: 1,
  }),
  'errors.log.enable': booleanProperty({
    importance: 'MEDIUM',
    doc: 'Whether errors that are tolerated are in the log.',
    default: false,
  }),
  'errors.log.include.messages': booleanProperty({
    importance: 'MEDIUM',
    doc: 'Whether the log says which record it was: topic, partition, offset and time.',
    default: false,
  }),
};

/** And every sink. */
export const SINK_PROPERTIES = {
  ...CONNECTOR_PROPERTIES,
  topics: listProperty({
    importance: 'HIGH',
    doc: 'The topics that are read.',
    default: [],
    check: (topics) => (topics.includes('') ? 'must name topics' : null),
  }),
  'topics.regex': stringProperty({
    importance: 'HIGH',
    doc: 'Instead of topics: a regular expression of Java that their whole names match, also of topics that are made later.',
    default: '',
    check: regexProblem,
  }),
  'buffer.memory': longProperty({
    importance: 'LOW',
    doc: 'Bytes of records that a worker holds at most, of all its tasks and partitions together: a third fetched and not taken by a task, a sixth on its way to the dead-letter queue where there is one, the rest taken and not written. What does not fit is not fetched, or is written earlier. Kafka Connect has no such limit.',
    default: 96 * 1024 ** 2,
    min: 1024 ** 2,
  }),
  'errors.deadletterqueue.topic.name': stringProperty({
    importance: 'MEDIUM',
    doc: 'The topic for records that are left out, as they were; made when it is not there. Empty: there is none.',
    default: '',
  }),
  'errors.deadletterqueue.topic.replication.factor': intProperty({
    importance: 'MEDIUM',
    doc: 'The replicas of that topic when it is made; -1 is the default of the cluster.',
    default: 3,
    min: -1,
  }),
  'errors.deadletterqueue.context.headers.enable': booleanProperty({
    importance: 'MEDIUM',
    doc: 'Whether records there say in headers where they came from and what was wrong.',
    default: false,
  }),
};

/** And every source. */
export const SOURCE_PROPERTIES = {
  ...CONNECTOR_PROPERTIES,
  'exactly.once.support': oneOfProperty(
    ['requested', 'required'],
    {
      importance: 'MEDIUM',
      doc: 'Whether each record must be there exactly once; built-in sources write with transactions in any case.',
      default: 'requested',
    },
    true,
  ),
  'transaction.boundary': oneOfProperty(
    ['poll', 'interval'],
    {
      importance: 'MEDIUM',
      doc: 'When a transaction ends: behind the records of each poll, or after an interval. Records are sent as they are polled in either case.',
      default: 'poll',
    },
    true,
  ),
  'transaction.boundary.interval.ms': longProperty({
    importance: 'LOW',
    doc: 'How long a transaction takes records after its first ones, with the boundary "interval". Without it, offset.flush.interval.ms of the worker.',
    default: null,
    min: 1,
    max: 30_000,
  }),
  'topic.creation.default.partitions': intProperty({
    importance: 'LOW',
    doc: 'Partitions of topics that are not there and are made; -1 is the default of the cluster.',
    default: null,
    min: -1,
  }),
  'topic.creation.default.replication.factor': intProperty({
    importance: 'LOW',
    doc: 'Their replicas. Without both, no topics are made.',
    default: null,
    min: -1,
  }),
};
