import type { Clock } from '../../../base/clock.ts';
import { converterSpec } from '../../converters/converters.ts';
import { ONCE } from '../../kernel/attempts.ts';
import type { SinkRecord } from '../../kernel/connect-record.ts';
import type { Converter, SchemaAndValue } from '../../kernel/converter.ts';
import { type ConnectValue, isMap, type Schema } from '../../kernel/schema.ts';
import { transformChain } from '../transform-chain.ts';
import { transformProblems } from '../transform-problems.ts';

/**
 * A record and the transforms that are applied to it. Keys, values and headers are JSON as Kafka's
 * JsonConverter has it, with a schema or without one.
 */
export interface TransformCase {
  readonly transforms: readonly {
    readonly type: string;
    readonly config: Readonly<Record<string, string>>;
    readonly predicate?: {
      readonly type: string;
      readonly config: Readonly<Record<string, string>>;
      readonly negate: boolean;
    };
  }[];
  readonly record: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
    readonly timestamp: number | null;
    readonly key: string | null;
    readonly value: string | null;
    readonly headers: readonly { readonly key: string; readonly value: string }[];
  };
}

/** What became of it. */
export type TransformOutcome =
  | { readonly dropped: true }
  | {
      readonly failure: {
        readonly stage: 'configure' | 'read' | 'transform' | 'convert';
        /** Java's, in outcomes of Kafka. */
        readonly class?: string;
        readonly message: string | null;
      };
    }
  | {
      readonly topic: string;
      readonly partition: number;
      readonly timestamp: number | null;
      readonly key: string | null;
      readonly value: string | null;
      readonly headers: readonly (readonly [string, string | null])[];
    };

/** What our transforms make of it. */
export function transformOutcome({ transforms, record }: TransformCase, clock: Clock): TransformOutcome {
  const texts = configuration(transforms);
  const problems = transformProblems(texts);
  if (problems.length > 0)
    return { failure: { stage: 'configure', message: problems.map(({ message }) => message).join(' ') } };
  let stage: 'read' | 'transform' | 'convert' = 'read';
  try {
    const chain = transformChain(texts, clock);
    const made = sinkRecord(record);
    stage = 'transform';
    const changed = chain.apply(made, ONCE);
    if (changed instanceof Promise) throw new Error('a transform that is attempted once has no promise');
    if (changed === null) return { dropped: true };
    stage = 'convert';
    const { topic, partition, timestamp, headers } = changed;
    return {
      ...{ topic, partition, timestamp },
      key: written(changed.keySchema, changed.key),
      value: written(changed.valueSchema, changed.value),
      headers: headers.map(({ key, schema, value }) => [key, written(schema, value)] as const),
    };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { failure: { stage, message: error.message } };
  }
}

function configuration(transforms: TransformCase['transforms']): Record<string, string> {
  const texts: Record<string, string> = {
    transforms: transforms.map((_, at) => `t${at}`).join(),
    predicates: transforms.flatMap(({ predicate }, at) => (predicate ? [`p${at}`] : [])).join(),
  };
  for (const [at, { type, config, predicate }] of transforms.entries()) {
    texts[`transforms.t${at}.type`] = type;
    for (const [name, text] of Object.entries(config)) texts[`transforms.t${at}.${name}`] = text;
    if (!predicate) continue;
    texts[`transforms.t${at}.predicate`] = `p${at}`;
    texts[`transforms.t${at}.negate`] = String(predicate.negate);
    texts[`predicates.p${at}.type`] = predicate.type;
    for (const [name, text] of Object.entries(predicate.config)) texts[`predicates.p${at}.${name}`] = text;
  }
  return texts;
}

const WITH = converter('true');
const WITHOUT = converter('false');

function converter(hasSchemas: string): Converter {
  const spec = converterSpec('JsonConverter');
  if (!spec) throw new Error('there is no JsonConverter');
  return spec.make({ 'schemas.enable': hasSchemas, 'replace.null.with.default': 'false' });
}

function sinkRecord(record: TransformCase['record']): SinkRecord {
  const [key, value] = [read(record.key), read(record.value)];
  return {
    ...{ topic: record.topic, partition: record.partition, offset: record.offset },
    ...{ timestamp: record.timestamp, timestampType: 'CreateTime' },
    ...{ key: key.value, keySchema: key.schema, value: value.value, valueSchema: value.schema },
    ...{ originalTopic: record.topic, originalPartition: record.partition, origin: null },
    headers: record.headers.map((header) => ({ key: header.key, ...read(header.value) })),
  };
}

function read(text: string | null): SchemaAndValue {
  if (text === null) return { schema: null, value: null };
  return (text.startsWith('{"schema":{') ? WITH : WITHOUT).toConnect(Buffer.from(text));
}

function written(schema: Schema | null, value: ConnectValue): string | null {
  const bytes = WITH.fromConnect(schema, schema === null ? sorted(value) : value);
  return bytes === null ? null : Buffer.from(bytes).toString('utf8');
}

/** Without a schema Java's objects have no order. */
function sorted(value: ConnectValue): ConnectValue {
  if (isMap(value))
    return new Map(
      [...value].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)).map(([key, one]) => [key, sorted(one)]),
    );
  return Array.isArray(value) ? value.map(sorted) : value;
}

/**
 * Whose messages are Kafka Connect's own. What Java's machine says of null pointers and casts is not ours to
 * repeat.
 */
const TOLD = ['DataException', 'SchemaBuilderException', 'ConnectException', 'ConfigException'];
/** Messages that print a whole record or the class of a Java object in its own way. */
const UNTOLD =
  /^(?:Timestamp missing on record|Expected (?:string|Unix) timestamp)|Java class|Invalid regex|No value specified for static field/;
/**
 * What Kafka's transforms make and its converters then refuse: ours make what can be written, or refuse it
 * themselves.
 */
const UNWRITABLE = /^Invalid type for|mismatching scale/;
const REFUSED_BEFORE = /digits behind its point/;

/** What ours refuse, as docs/connect.md says, whatever Kafka's make of it. */
const REFUSED = /needs a schema|A Date cannot hold/;
/** Without a schema, the class of an object in Java tells which transform made it. */
const CLASSES: readonly (readonly [RegExp, string])[] = [
  [/java\.util\.LinkedHashMap/g, 'java.util.HashMap'],
  [/java\.lang\.Float\b/g, 'java.lang.Double'],
  [/java\.lang\.(?:Byte|Short|Integer)\b/g, 'java.lang.Long'],
];

/** How our outcome differs from Kafka's; null: not at all, or in nothing that matters. */
export function differenceOf(kafka: TransformOutcome, ours: TransformOutcome): string | null {
  const told = `Kafka: ${JSON.stringify(kafka)}\nours:  ${JSON.stringify(ours)}`;
  if ('failure' in kafka && kafka.failure.stage === 'convert' && UNWRITABLE.test(kafka.failure.message ?? ''))
    return null;
  if ('failure' in ours && REFUSED.test(ours.failure.message ?? '')) return null;
  if (!('failure' in kafka) || !('failure' in ours))
    return comparable(kafka) === comparable(ours) ? null : told;
  const { stage, message, class: javaClass = '' } = kafka.failure;
  if ((stage === 'configure') !== (ours.failure.stage === 'configure'))
    // What cannot work is refused before, where Kafka finds it with the first record.
    return ours.failure.stage === 'configure' && javaClass === 'IllegalArgumentException' ? null : told;
  if (message === null || stage === 'convert' || !TOLD.includes(javaClass) || UNTOLD.test(message))
    return null;
  if (REFUSED_BEFORE.test(ours.failure.message ?? '')) return null;
  const own = (ours.failure.message ?? '').replaceAll(/(?:transforms|predicates)\.[tp]\d+\./g, '');
  const why = message.replace(
    /^Invalid value (?:java\..* for configuration |.*? for configuration [\w.]+: )/,
    '',
  );
  return general(own).includes(general(why)) ? null : told;
}

/**
 * Java 17 writes some floats with a digit more than they need, as 1.14566405E12 (JDK-4511638): numbers with a
 * fraction are compared as floats where there are any.
 */
function comparable(outcome: TransformOutcome): string {
  const text = JSON.stringify(outcome);
  return /"float|\d\.\d+E/.test(text)
    ? text.replaceAll(/-?\d+\.\d+(?:E-?\d+)?/g, (number) => String(Math.fround(Number(number))))
    : text;
}

function general(message: string): string {
  return CLASSES.reduce((text, [classes, one]) => text.replaceAll(classes, one), message);
}
