import { ImmutableMap } from '../base/immutable-map.ts';
import type { MetadataRecord, RecordOf } from './records.ts';

/** Whom a quota binds: a user, a client id, both, or an address; a null name is the default of its type. */
export type QuotaEntity = RecordOf<'ClientQuotaRecord'>['entity'];

export interface QuotaImage {
  readonly entity: QuotaEntity;
  /** Quota key (`producer_byte_rate` …) to its value. */
  readonly values: ReadonlyMap<string, number>;
}

export class QuotasImage {
  static readonly empty = new QuotasImage(ImmutableMap.empty());
  readonly #byEntity: ImmutableMap<string, QuotaImage>;

  constructor(byEntity: ImmutableMap<string, QuotaImage>) {
    this.#byEntity = byEntity;
  }

  get(entity: QuotaEntity): QuotaImage | undefined {
    return this.#byEntity.get(entityKey(entity));
  }

  all(): IterableIterator<QuotaImage> {
    return this.#byEntity.values();
  }

  replay(record: RecordOf<'ClientQuotaRecord'>): QuotasImage {
    const key = entityKey(record.entity);
    const values = new Map(this.#byEntity.get(key)?.values);
    if (record.remove) values.delete(record.key);
    else values.set(record.key, record.value);
    if (values.size === 0) return new QuotasImage(this.#byEntity.delete(key));
    return new QuotasImage(this.#byEntity.set(key, { entity: record.entity, values }));
  }

  *records(): IterableIterator<MetadataRecord> {
    for (const { entity, values } of this.all())
      for (const [key, value] of [...values].sort())
        yield { type: 'ClientQuotaRecord', entity, key, value, remove: false };
  }
}

/**
 * The client id before the user: so Kafka answers, whatever the order of the request, and clients rely on it.
 */
export function orderedParts(entity: QuotaEntity): { entityType: string; entityName: string | null }[] {
  return entity
    .map(({ entityType, entityName }) => ({ entityType, entityName }))
    .sort((a, b) => (a.entityType < b.entityType ? -1 : 1));
}

/** The order in which a request names the parts of an entity means nothing. */
function entityKey(entity: QuotaEntity): string {
  return JSON.stringify(orderedParts(entity));
}
