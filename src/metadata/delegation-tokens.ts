import { ImmutableMap } from '../base/immutable-map.ts';
import type { MetadataRecord, RecordOf } from './records.ts';

export type DelegationTokenImage = Omit<RecordOf<'DelegationTokenRecord'>, 'type'>;

/**
 * Delegation tokens, by their id (KIP-48). Their secrets are not here: they are derived from the cluster's.
 */
export class DelegationTokensImage {
  static readonly empty = new DelegationTokensImage(ImmutableMap.empty());
  readonly #byId: ImmutableMap<string, DelegationTokenImage>;

  constructor(byId: ImmutableMap<string, DelegationTokenImage>) {
    this.#byId = byId;
  }

  byId(tokenId: string): DelegationTokenImage | undefined {
    return this.#byId.get(tokenId);
  }

  all(): IterableIterator<DelegationTokenImage> {
    return this.#byId.values();
  }

  replay(record: RecordOf<'DelegationTokenRecord' | 'RemoveDelegationTokenRecord'>): DelegationTokensImage {
    if (record.type === 'RemoveDelegationTokenRecord')
      return new DelegationTokensImage(this.#byId.delete(record.tokenId));
    const { type: _, ...token } = record;
    return new DelegationTokensImage(this.#byId.set(record.tokenId, token));
  }

  *records(): IterableIterator<MetadataRecord> {
    for (const token of this.all()) yield { type: 'DelegationTokenRecord', ...token };
  }
}
