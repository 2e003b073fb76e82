import type { Uuid } from '../base/brand.ts';
import { ImmutableMap } from '../base/immutable-map.ts';
import type { MetadataRecord, RecordOf } from './records.ts';

export type AclImage = Omit<RecordOf<'AccessControlEntryRecord'>, 'type'>;

/** The access control entries, by their id. */
export class AclsImage {
  static readonly empty = new AclsImage(ImmutableMap.empty());
  readonly #byId: ImmutableMap<Uuid, AclImage>;

  constructor(byId: ImmutableMap<Uuid, AclImage>) {
    this.#byId = byId;
  }

  byId(id: Uuid): AclImage | undefined {
    return this.#byId.get(id);
  }

  all(): IterableIterator<AclImage> {
    return this.#byId.values();
  }

  get size(): number {
    return this.#byId.size;
  }

  /** The entries that are not in the image of before any more, and those that were not in it. */
  changesSince(before: AclsImage): {
    readonly gone: readonly AclImage[];
    readonly added: readonly AclImage[];
  } {
    const gone: AclImage[] = [];
    const added: AclImage[] = [];
    for (const change of this.#byId.changesSince(before.#byId)) {
      if (change.before) gone.push(change.before);
      if (change.after) added.push(change.after);
    }
    return { gone, added };
  }

  replay(record: RecordOf<'AccessControlEntryRecord' | 'RemoveAccessControlEntryRecord'>): AclsImage {
    if (record.type === 'RemoveAccessControlEntryRecord') return new AclsImage(this.#byId.delete(record.id));
    const { type: _, ...acl } = record;
    return new AclsImage(this.#byId.set(record.id, acl));
  }

  *records(): IterableIterator<MetadataRecord> {
    for (const acl of this.all()) yield { type: 'AccessControlEntryRecord', ...acl };
  }
}
