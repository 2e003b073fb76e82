import { repeated } from '../base/repeated.ts';
import type { ClusterImage } from '../metadata/image.ts';
import { ipQuotaKeys, userAndClientQuotaKeys } from '../metadata/quota-keys.ts';
import type { QuotaEntity } from '../metadata/quotas.ts';
import type { EncodableMetadataRecord } from '../metadata/records.ts';
import type { AlterClientQuotasRequest } from '../protocol/messages/49-alter-client-quotas.ts';
import type { Refusal } from '../protocol/refusal.ts';
import type { ControllerDecision } from './decision.ts';
import { RECORDS_MAX, TOO_MANY } from './operation-limits.ts';

type Alteration = AlterClientQuotasRequest['entries'][number];

/** Kafka takes a fraction that is smaller than this for a mistake of rounding. */
const EPSILON = 1e-6;
const LARGEST = { INT: 2 ** 31 - 1, LONG: 2 ** 63, DOUBLE: Number.POSITIVE_INFINITY } as const;

/**
 * The answer has one entry for each that was asked for: null, or why nothing of the entity was changed
 * (KIP-546). As in Kafka nothing is changed where it would be more than one operation may.
 */
export function alterClientQuotas(
  image: ClusterImage,
  entries: readonly Alteration[],
): ControllerDecision<(Refusal | null)[]> {
  const records: EncodableMetadataRecord[] = [];
  const answer: (Refusal | null)[] = [];
  const seen = new Set<string>();
  for (const entry of entries) {
    const refusal = refusedEntry(entry, seen);
    answer.push(refusal);
    if (refusal) continue;
    for (const record of changes(image, entry)) records.push(record);
    if (records.length > RECORDS_MAX) return { records: [], answer: entries.map(() => TOO_MANY) };
  }
  return { records, answer };
}

/** `seen`: the entities that came before, to which this one is added. */
function refusedEntry(entry: Alteration, seen: Set<string>): Refusal | null {
  const name = nameOf(entry.entity);
  const isTwice = repeated(entry.ops.map(({ key }) => key)).size > 0;
  if (seen.has(name) || isTwice) return invalid(`Ignoring duplicate entity ${name}`);
  seen.add(name);
  return refusedEntity(entry.entity) ?? refusedOps(entry);
}

function refusedEntity(entity: QuotaEntity): Refusal | null {
  const types = entity.map(({ entityType }) => entityType);
  for (const [i, { entityType, entityName }] of entity.entries()) {
    if (types.indexOf(entityType) !== i)
      return invalid(`Invalid client quota entity, duplicate entity entry ${entityType}`);
    if (!['user', 'client-id', 'ip'].includes(entityType))
      return invalid(`Unhandled client quota entity type: ${entityType}`);
    if (entityName === '') return invalid(`Empty ${entityType} not supported`);
  }
  if (entity.length === 0) return invalid('Invalid empty client quota entity');
  if (!types.includes('ip')) return null;
  if (types.length > 1)
    return invalid('Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId');
  const address = entity[0]?.entityName ?? null;
  // Kafka looks names up and then compares addresses, so a quota of a name would be for nobody.
  if (address === null || isAddress(address)) return null;
  return invalid(`${address} is not a valid IP or resolvable host.`);
}

function refusedOps({ entity, ops }: Alteration): Refusal | null {
  const keys: Readonly<Record<string, keyof typeof LARGEST>> = isOfAddress(entity)
    ? ipQuotaKeys
    : userAndClientQuotaKeys;
  for (const { key, value, remove } of ops) {
    if (remove) continue;
    const type = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (type === undefined) return invalid(`Invalid configuration key ${key}`);
    if (!(value > 0)) return invalid(`Quota ${key} must be greater than 0`);
    if (value > LARGEST[type]) return invalid(`Proposed value for ${key} is too large for a ${type}.`);
    if (type !== 'DOUBLE' && Math.abs(Math.trunc(value + EPSILON) - value) > EPSILON)
      return invalid(`${key} cannot be a fractional value.`);
  }
  return null;
}

function changes(image: ClusterImage, { entity, ops }: Alteration): EncodableMetadataRecord[] {
  const current = image.quotas.get(entity)?.values;
  return ops.flatMap(({ key, value, remove }): EncodableMetadataRecord[] => {
    if (remove ? !current?.has(key) : current?.get(key) === value) return [];
    return [{ type: 'ClientQuotaRecord', entity, key, value: remove ? 0 : value, remove }];
  });
}

function isOfAddress(entity: QuotaEntity): boolean {
  return entity.some(({ entityType }) => entityType === 'ip');
}

function isAddress(text: string): boolean {
  const parts = text.split('.');
  if (parts.length === 4) return parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
  return text.includes(':') && /^[\da-f:.]+$/i.test(text);
}

/** As Java prints it. */
function nameOf(entity: QuotaEntity): string {
  const parts = entity.map(({ entityType, entityName }) => `${entityType}=${entityName}`).sort();
  return `ClientQuotaEntity(entries={${parts.join(', ')}})`;
}

function invalid(message: string): Refusal {
  return { error: 'INVALID_REQUEST', message };
}
