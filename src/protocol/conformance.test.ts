import { describe, expect, test } from 'vitest';
import { kafkaJar, kafkaRelease, messageDefinitions } from '../../scripts/kafka-jars.ts';
import * as groupRecords from '../coordinator/group/record-definitions.ts';
import * as shareGroupRecords from '../coordinator/group/share/record-definitions.ts';
import * as streamsGroupRecords from '../coordinator/group/streams/record-definitions.ts';
import * as shareRecords from '../coordinator/share/record-definitions.ts';
import * as transactionRecords from '../coordinator/transaction/record-definitions.ts';
import { recordDefinitions } from '../metadata/record-definitions.ts';
import { apis } from './apis.ts';
import { consumerProtocolAssignment, consumerProtocolSubscription } from './consumer-protocol.ts';
import type { Data } from './data.ts';
import type { AnyField, Fields, Wire } from './field.ts';
import { defaultPrincipalData } from './principal-data.ts';
import {
  kRaftVersionRecord,
  leaderChangeMessage,
  snapshotFooterRecord,
  snapshotHeaderRecord,
  votersRecord,
} from './records/raft-control.ts';

/**
 * Our definitions against Kafka's own, read out of its jars: both are printed as one line per field in one
 * notation, so that a difference reads as the difference of two texts.
 */

interface KafkaMessage {
  readonly name: string;
  readonly type: string;
  readonly apiKey?: number;
  readonly validVersions: string;
  readonly flexibleVersions?: string;
  readonly latestVersionUnstable?: boolean;
  readonly fields?: readonly KafkaField[];
  readonly commonStructs?: readonly { readonly name: string; readonly fields: readonly KafkaField[] }[];
}

interface KafkaField {
  readonly name: string;
  readonly type: string;
  readonly versions?: string;
  readonly nullableVersions?: string;
  readonly taggedVersions?: string;
  readonly tag?: number;
  readonly default?: string | number | boolean | null;
  readonly ignorable?: boolean | string;
  readonly fields?: readonly KafkaField[];
}

type Range = readonly [number, number];

const ARTIFACTS = [
  'kafka-clients',
  'kafka-metadata',
  'kafka-group-coordinator',
  'kafka-share-coordinator',
  'kafka-transaction-coordinator',
];

/** APIs of Kafka that we do not have the messages of, and why. */
const LEFT_OUT: Record<string, readonly number[]> = {
  'client telemetry (KIP-714), optional': [71, 72],
  'topology descriptions of streams groups (KIP-1331)': [93],
  'unregistering a controller': [94],
};

/** Tags from here on are Millrace's own: who does not know them passes over them (KIP-482). */
const FIRST_OWN_TAG = 10_000;

const jars = ARTIFACTS.map(kafkaJar).filter((jar) => jar !== null);
const complete = jars.length === ARTIFACTS.length;

if (!complete)
  test.skipIf(!process.env.CI)(
    `skipped: the jars of Kafka ${kafkaRelease} are not here (scripts/test-tools.mjs fetches them)`,
    () => expect(jars).toHaveLength(ARTIFACTS.length),
  );

describe.skipIf(!complete)(`the definitions of Kafka ${kafkaRelease}`, () => {
  const kafka = new Map<string, KafkaMessage>();
  for (const jar of jars)
    for (const message of messageDefinitions(jar))
      kafka.set((message as KafkaMessage).name, message as KafkaMessage);

  test('every API is defined or left out by name', () => {
    const keys = [...kafka.values()]
      .filter(({ type, validVersions }) => type === 'request' && validVersions !== 'none')
      .map(({ apiKey }) => apiKey);
    const ours = [...Object.values(apis).map(({ key }) => key), ...Object.values(LEFT_OUT).flat()];
    expect(ours.toSorted(byNumber)).toEqual(keys.toSorted(byNumber));
  });

  test('every metadata record is defined', () => {
    const names = [...kafka.values()].filter(({ type }) => type === 'metadata').map(({ name }) => name);
    expect(Object.keys(recordDefinitions).toSorted()).toEqual(names.toSorted());
  });

  for (const api of Object.values(apis)) {
    test(`${api.name}`, () => {
      const request = kafka.get(`${api.name}Request`);
      const unstable = request?.latestVersionUnstable === true ? [api.versions[1]] : [];
      expect([api.key, api.unstable]).toEqual([request?.apiKey, unstable]);
      compare(api.definition.request, request);
      compare(api.definition.response, kafka.get(`${api.name}Response`));
    });
  }

  for (const { apiKey, data } of Object.values(recordDefinitions)) {
    test(`${data.name}`, () => {
      expect(apiKey).toBe(kafka.get(data.name)?.apiKey);
      compare(data, kafka.get(data.name));
    });
  }

  const others: Data<Fields>[] = [
    ...Object.values(groupRecords),
    ...Object.values(shareGroupRecords),
    ...Object.values(streamsGroupRecords),
    ...Object.values(shareRecords),
    ...Object.values(transactionRecords),
    consumerProtocolSubscription,
    consumerProtocolAssignment,
    leaderChangeMessage,
    snapshotHeaderRecord,
    snapshotFooterRecord,
    kRaftVersionRecord,
    votersRecord,
    defaultPrincipalData,
  ];
  for (const data of others) test(`${data.name}`, () => compare(data, kafka.get(data.name)));
});

function byNumber(a = 0, b = 0): number {
  return a - b;
}

function compare(ours: Data<Fields>, kafkas: KafkaMessage | undefined): void {
  if (!kafkas) throw new Error(`Kafka has no ${ours.name}`);
  expect(printOurs(ours)).toBe(printKafkas(kafkas));
}

function printOurs({ versions, flexible, fields }: Data<Fields>): string {
  const first = Number.isFinite(flexible) ? Math.max(flexible, versions[0]) : 'none';
  return [`${versions[0]}-${versions[1]} flexible ${first}`, ...ourLines(fields, versions, '  ')].join('\n');
}

function printKafkas(message: KafkaMessage): string {
  const versions = range(message.validVersions, Number.NaN);
  const flexible = message.flexibleVersions ?? 'none';
  const first = flexible === 'none' ? 'none' : Math.max(Number.parseInt(flexible, 10), versions[0]);
  const structs = new Map((message.commonStructs ?? []).map(({ name, fields }) => [name, fields]));
  return [
    `${versions[0]}-${versions[1]} flexible ${first}`,
    ...kafkaLines(message.fields ?? [], versions, structs, '  '),
  ].join('\n');
}

/**
 * One line: name, type, versions and the rest. Versions are told only as far as the surrounding struct
 * exists.
 */
function line(field: {
  readonly name: string;
  readonly type: string;
  readonly versions: Range;
  readonly nullableFrom: number;
  readonly fallback: string;
  readonly tag: number | undefined;
  readonly ignorable: boolean;
}): string {
  const [first, last] = field.versions;
  return [
    `${field.name}: ${field.type} ${first}-${last}`,
    field.nullableFrom <= last ? `null ${Math.max(field.nullableFrom, first)}+` : '',
    `default ${field.fallback}`,
    field.tag === undefined ? '' : `tag ${field.tag}`,
    field.ignorable ? 'ignorable' : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function within([first, last]: Range, outer: Range): Range {
  return [Math.max(first, outer[0]), Math.min(last, outer[1])];
}

function ourLines(fields: Fields, outer: Range, indent: string): string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const { spec } = field;
    if ((spec.tag ?? 0) >= FIRST_OWN_TAG) return [];
    const versions = within([spec.first, spec.last], outer);
    const inner = innerFields(spec.wire);
    return [
      indent + line({ ...spec, name, type: typeName(spec.wire), versions, fallback: ourDefault(field) }),
      ...(inner ? ourLines(inner, versions, `${indent}  `) : []),
    ];
  });
}

function innerFields(wire: Wire): Fields | undefined {
  if (wire.kind === 'struct') return wire.fields;
  return wire.kind === 'array' ? innerFields(wire.element) : undefined;
}

/** An offset is an int64 on the wire, exact or not. */
function typeName(wire: Wire): string {
  if (wire.kind === 'array') return `[]${typeName(wire.element)}`;
  if (wire.kind === 'struct') return 'struct';
  return wire.name === 'offset' || wire.name === 'exactOffset' ? 'int64' : wire.name;
}

function ourDefault({ spec: { fallback, wire } }: AnyField): string {
  if (fallback === null) return 'null';
  if (wire.kind !== 'primitive' || ['bytes', 'records', 'uuid'].includes(wire.name)) return 'empty';
  return fallback === Number.POSITIVE_INFINITY ? String(2n ** 63n - 1n) : JSON.stringify(String(fallback));
}

function kafkaLines(
  fields: readonly KafkaField[],
  outer: Range,
  structs: ReadonlyMap<string, readonly KafkaField[]>,
  indent: string,
): string[] {
  return fields.flatMap((field) => {
    const versions = within(range(field.versions ?? field.taggedVersions ?? '', outer[1]), outer);
    if (field.taggedVersions)
      expect(within(range(field.taggedVersions, outer[1]), outer), `${field.name} is always tagged`).toEqual(
        versions,
      );
    const inner = field.fields ?? structs.get(field.type.replace('[]', ''));
    return [
      indent +
        line({
          name: `${field.name[0]?.toLowerCase()}${field.name.slice(1)}`,
          type: field.type.replace(/^(\[\])?[A-Z]\w*$/, '$1struct'),
          versions,
          nullableFrom: field.nullableVersions
            ? Number.parseInt(field.nullableVersions, 10)
            : Number.POSITIVE_INFINITY,
          fallback: kafkaDefault(field),
          tag: field.tag,
          ignorable: String(field.ignorable) === 'true',
        }),
      ...(inner ? kafkaLines(inner, versions, structs, `${indent}  `) : []),
    ];
  });
}

function range(versions: string, last: number): Range {
  const [from = '', to] = versions.split(/[-+]/);
  if (versions.endsWith('+')) return [Number(from), last];
  return [Number(from), Number(to ?? from)];
}

function kafkaDefault({ type, default: value }: KafkaField): string {
  // The word stands for null; a null of JSON's, as in some of the coordinator's records, is read as no
  // default at all.
  if (value === 'null') return 'null';
  if (/^(\[\]|[A-Z]|bytes|records|uuid)/.test(type)) return 'empty';
  if (type === 'string') return JSON.stringify(value ?? '');
  if (type === 'bool') return JSON.stringify(String(value ?? false));
  const number = BigInt(value ?? 0);
  return number === 2n ** 63n - 1n ? String(number) : JSON.stringify(String(number));
}
