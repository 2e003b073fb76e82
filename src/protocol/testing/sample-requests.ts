import type { AnyApi } from '../api.ts';
import { isPresent } from '../compile.ts';
import { defaultOf } from '../complete.ts';
import type { AnyField, Fields, Wire } from '../field.ts';
import { encodeRequestHeader } from '../headers.ts';
import { encodePrincipal } from '../principal-data.ts';
import { buildBatch } from '../records/record.ts';
import { Writer } from '../writer.ts';

/** Of the cluster that samples are sent to. */
export const CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw';

/** What a sample names that exists where it is sent. */
export interface KnownPlace {
  readonly topic: string;
  readonly topicId: string;
  /** Of the one member of `group`, where there is one. */
  readonly memberId?: string;
  /** By default `group`. */
  readonly group?: string;
  /** By default `transactional`. */
  readonly transactionalId?: string;
}

export type Message = Record<string, unknown>;

/**
 * A request of this version that means something: every array has an element, names are those of what exists,
 * nothing waits longer than a moment. Made from the definition, so that no API is forgotten.
 */
export function sampleRequest(api: AnyApi, version: number, place: KnownPlace): Message {
  const isOfQuorum = api.key >= FIRST_OF_QUORUM && api.key <= LAST_OF_QUORUM;
  const topic = isOfQuorum ? '__cluster_metadata' : place.topic;
  return sampleFields(api.definition.request.fields, version, { ...place, topic });
}

/** Vote, BeginQuorumEpoch, EndQuorumEpoch and DescribeQuorum. */
const FIRST_OF_QUORUM = 52;
const LAST_OF_QUORUM = 55;

function sampleFields(fields: Fields, version: number, place: KnownPlace): Message {
  const message: Message = {};
  for (const [name, field] of Object.entries(fields)) {
    message[name] = isPresent(field.spec, version)
      ? sampleValue(name, field.spec.wire, version, place)
      : defaultOf(field);
  }
  return message;
}

function sampleValue(name: string, wire: Wire, version: number, place: KnownPlace): unknown {
  if (wire.kind === 'struct') return sampleFields(wire.fields, version, place);
  if (wire.kind === 'array') return [sampleValue(name, wire.element, version, place)];
  const known = knownValue(name, wire.name, place);
  if (known !== undefined) return known;
  switch (wire.name) {
    case 'bool':
      return false;
    case 'string':
      return 'x';
    case 'bytes':
      return Buffer.from('x');
    case 'records':
      return sampleBatch();
    case 'uuid':
      return place.topicId;
    case 'int64':
      return 0n;
    default:
      return 0;
  }
}

function knownValue(name: string, primitive: string, place: KnownPlace): unknown {
  if (primitive === 'string') {
    if (/^(topic|topicName|name|resourceName|topicNames|topics)$/.test(name)) return place.topic;
    if (/group/i.test(name)) return place.group ?? 'group';
    if (/memberId/i.test(name)) return place.memberId ?? '';
    if (/transactionalId/i.test(name)) return place.transactionalId ?? 'transactional';
    if (/^key$|coordinatorKeys/.test(name)) return place.group ?? 'group';
    if (name === 'clusterId') return CLUSTER_ID;
    if (name === 'protocolType') return 'consumer';
    return undefined;
  }
  if (name === 'requestPrincipal')
    return encodePrincipal({ type: 'User', name: 'ANONYMOUS', tokenAuthenticated: false });
  if (name === 'clientHostAddress') return Buffer.from([127, 0, 0, 1]);
  switch (name) {
    case 'acks':
    case 'brokerId':
    case 'brokerIds':
    case 'replicationFactor':
    case 'numPartitions':
    case 'timeoutMs':
    case 'maxWaitMs':
      return 1;
    case 'sessionTimeoutMs':
    case 'rebalanceTimeoutMs':
    case 'transactionTimeoutMs':
      return 10_000;
    case 'replicaId':
    case 'sessionEpoch':
    case 'currentLeaderEpoch':
    case 'generationId':
    case 'generationIdOrMemberEpoch':
      return -1;
    case 'maxBytes':
    case 'partitionMaxBytes':
      return 1000;
    case 'resourceType':
      return 2;
    default:
      return undefined;
  }
}

function sampleBatch(): Buffer {
  return buildBatch({ records: [{ timestamp: 1, key: Buffer.from('k'), value: Buffer.from('v') }] });
}

/** The frame without its length. Throws UnencodableError for a message that the version cannot carry. */
export function requestFrame(api: AnyApi, version: number, message: Message, correlationId: number): Buffer {
  const writer = new Writer();
  encodeRequestHeader(writer, api, version, correlationId, 'sample');
  api.request(version).encode(writer, message);
  return Buffer.from(writer.done());
}

/** Where in a message the fields of some types are: how to read each one and how to replace it. */
export function* leaves(fields: Fields, version: number, message: Message): Generator<Leaf> {
  for (const [name, field] of Object.entries(fields)) {
    if (!isPresent(field.spec, version)) continue;
    yield* leavesOf(field, message, name, version);
  }
}

export interface Leaf {
  readonly name: string;
  readonly wire: Wire;
  readonly field: AnyField;
  get(): unknown;
  set(value: unknown): void;
}

function* leavesOf(field: AnyField, holder: Message, name: string, version: number): Generator<Leaf> {
  const { wire } = field.spec;
  const leaf = (inner: Wire): Leaf => ({
    name,
    field,
    wire: inner,
    get: () => holder[name],
    set: (value) => {
      holder[name] = value;
    },
  });
  yield leaf(wire);
  const value = holder[name];
  if (wire.kind === 'struct' && isMessage(value)) yield* leaves(wire.fields, version, value);
  if (wire.kind !== 'array' || !Array.isArray(value)) return;
  const { element } = wire;
  for (const [i, item] of value.entries()) {
    if (element.kind === 'struct' && isMessage(item)) yield* leaves(element.fields, version, item);
    else
      yield {
        name,
        field,
        wire: element,
        get: () => value[i],
        set: (next) => {
          value[i] = next;
        },
      };
  }
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}
