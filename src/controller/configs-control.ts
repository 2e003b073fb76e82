import { CLUSTER_DEFAULT, type ConfigResourceType, configResourceTypes } from '../metadata/configs.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { EncodableMetadataRecord } from '../metadata/records.ts';
import { checkTopicName } from '../metadata/topic-name.ts';
import type { Refusal } from '../protocol/refusal.ts';
import type { DecisionState } from './decision-state.ts';
import { clearedEligibleLeaders, keepsEligibleLeaders } from './eligible-leaders.ts';

export const MIN_IN_SYNC_REPLICAS = 'min.insync.replicas';

/** IncrementalAlterConfigs' operations, as requests number them. */
export const configOperations = ['SET', 'DELETE', 'APPEND', 'SUBTRACT'] as const;
type ConfigOperation = (typeof configOperations)[number];

export interface ConfigChange {
  readonly name: string;
  readonly operation: ConfigOperation;
  readonly value: string | null;
}

export interface ConfigResource {
  readonly type: ConfigResourceType;
  readonly name: string;
}

/** What a record of the metadata log can hold, as in Kafka: one request cannot say more, APPENDs can. */
const VALUE_BYTES_MAX = 32_767;
const TOO_LONG: Refusal = {
  error: 'INVALID_CONFIG',
  message: `The configuration value cannot be added because it exceeds the maximum value size of ${VALUE_BYTES_MAX} bytes.`,
};

type Alteration = readonly EncodableMetadataRecord[] | Refusal;

export function configResourceType(id: number): ConfigResourceType | undefined {
  for (const [name, known] of Object.entries(configResourceTypes))
    if (known === id && isResourceType(name)) return name;
  return undefined;
}

function isResourceType(name: string): name is ConfigResourceType {
  return Object.hasOwn(configResourceTypes, name);
}

/** Each change on top of what is set; configs that are not named stay (KIP-339). */
export function incrementalAlterConfigs(
  state: DecisionState,
  resource: ConfigResource,
  changes: readonly ConfigChange[],
): Alteration {
  return ofKnown(state, resource, state.image.configs.get(resource.type, resource.name), changes);
}

/** The same for a topic that is about to be: nothing is set on it yet. */
export function newTopicConfigs(
  state: DecisionState,
  topic: string,
  configs: ReadonlyMap<string, string>,
): Alteration {
  const changes = [...configs].map(([name, value]) => ({ name, operation: 'SET' as const, value }));
  const records = configRecords(state, { type: 'topic', name: topic }, new Map(), changes);
  return 'error' in records ? records : records.filter(({ type }) => type === 'ConfigRecord');
}

/** All that is set is replaced; what is not named goes back to its default. */
export function replaceConfigs(
  state: DecisionState,
  resource: ConfigResource,
  configs: ReadonlyMap<string, string>,
): Alteration {
  const before = state.image.configs.get(resource.type, resource.name);
  const gone = [...before.keys()].filter((name) => !configs.has(name));
  return ofKnown(state, resource, before, [
    ...[...configs].map(([name, value]) => ({ name, operation: 'SET' as const, value })),
    ...gone.map((name) => ({ name, operation: 'DELETE' as const, value: null })),
  ]);
}

/** As in Kafka a wrong name is told first, then wrong configs, and then that there is no such thing. */
function ofKnown(
  state: DecisionState,
  resource: ConfigResource,
  before: ReadonlyMap<string, string>,
  changes: readonly ConfigChange[],
): Alteration {
  const misnamed = checkName(resource);
  if (misnamed) return misnamed;
  const records = configRecords(state, resource, before, changes);
  if ('error' in records) return records;
  return checkExistence(state.image, resource) ?? records;
}

function configRecords(
  state: DecisionState,
  resource: ConfigResource,
  before: ReadonlyMap<string, string>,
  changes: readonly ConfigChange[],
): Alteration {
  const after = new Map(before);
  const changed = new Set<string>();
  const records: EncodableMetadataRecord[] = [];
  for (const change of changes) {
    const value = changedValue(state, resource, before.get(change.name), change);
    if (value !== null && typeof value === 'object') return value;
    if (value !== null && Buffer.byteLength(value) > VALUE_BYTES_MAX) return TOO_LONG;
    if (value === null) after.delete(change.name);
    else after.set(change.name, value);
    const refused = checkMinInSyncReplicas(state.image, resource, change.name, value);
    if (refused) return refused;
    if (value === (before.get(change.name) ?? null)) continue;
    records.push({
      type: 'ConfigRecord',
      resourceType: configResourceTypes[resource.type],
      resourceName: resource.name,
      name: change.name,
      value,
    });
    changed.add(change.name);
  }
  const refused = state.rules.validate(resource.type, resource.name, after, state.image.configs);
  if (refused) return refused;
  if (!changed.has(MIN_IN_SYNC_REPLICAS) || !keepsEligibleLeaders(state.image)) return records;
  return [...records, ...clearedEligibleLeaders(state.image, resource.type === 'topic' ? resource.name : '')];
}

/**
 * All brokers and the controller must know who is eligible to lead by one value, which is the cluster's
 * (KIP-966).
 */
function checkMinInSyncReplicas(
  image: ClusterImage,
  resource: ConfigResource,
  name: string,
  value: string | null,
): Refusal | null {
  if (name !== MIN_IN_SYNC_REPLICAS || resource.type !== 'broker' || !keepsEligibleLeaders(image))
    return null;
  if (resource.name !== CLUSTER_DEFAULT)
    return {
      error: 'INVALID_CONFIG',
      message: 'Broker-level min.insync.replicas cannot be altered while ELR is enabled.',
    };
  if (value !== null) return null;
  return {
    error: 'INVALID_CONFIG',
    message: 'Cluster-level min.insync.replicas cannot be removed while ELR is enabled.',
  };
}

function changedValue(
  { image, rules }: DecisionState,
  resource: ConfigResource,
  before: string | undefined,
  { name, operation, value }: ConfigChange,
): string | null | Refusal {
  switch (operation) {
    case 'DELETE':
      return null;
    case 'SET':
      return value ?? '';
    case 'APPEND':
    case 'SUBTRACT': {
      if (!rules.isList(resource.type, name))
        return {
          error: 'INVALID_CONFIG',
          message: `Can't ${operation} to key ${name} because its type is not LIST.`,
        };
      const parts = items(before ?? rules.defaultValue(resource.type, name, image.configs) ?? '');
      const named = items(value ?? '');
      if (operation === 'SUBTRACT') {
        const taken = new Set(named);
        return parts.filter((part) => !taken.has(part)).join(',');
      }
      const there = new Set(parts);
      return [...parts, ...named.filter((part) => !there.has(part))].join(',');
    }
  }
}

function items(list: string): string[] {
  return list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function checkName({ type, name }: ConfigResource): Refusal | null {
  switch (type) {
    case 'topic': {
      if (name === '')
        return { error: 'INVALID_REQUEST', message: 'Default topic resources are not allowed.' };
      const wrong = checkTopicName(name);
      return wrong === null ? null : { error: 'INVALID_TOPIC_EXCEPTION', message: wrong };
    }
    case 'broker':
      if (name === CLUSTER_DEFAULT || /^\d{1,10}$/.test(name)) return null;
      return { error: 'INVALID_REQUEST', message: `Node id must be an integer, but it is: ${name}` };
    case 'group':
    case 'clientMetrics':
      return name === '' ? { error: 'INVALID_REQUEST', message: 'Default resources are not allowed.' } : null;
    case 'brokerLogger':
      return {
        error: 'INVALID_REQUEST',
        message:
          'The level of a logger cannot be changed by a request: `millrace up --log-level` sets it for all brokers and the controller, and the option `log` for those of startCluster.',
      };
  }
}

function checkExistence(image: ClusterImage, { type, name }: ConfigResource): Refusal | null {
  if (type === 'topic' && !image.topics.byName(name))
    return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: `The topic '${name}' does not exist.` };
  if (type !== 'broker' || name === CLUSTER_DEFAULT) return null;
  if (image.brokers.byId(Number(name)) || image.controllers.byId(Number(name))) return null;
  return { error: 'BROKER_ID_NOT_REGISTERED', message: `No broker or controller with id ${name} found.` };
}
