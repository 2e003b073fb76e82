import { ImmutableMap } from '../base/immutable-map.ts';
import type { MetadataRecord, RecordOf } from './records.ts';

export const METADATA_VERSION = 'metadata.version';
/**
 * From level 2 on clients let partitions join a transaction as they write to them, and get an epoch for each
 * transaction (KIP-890); level 1 only allows tagged fields in the coordinator's records.
 */
export const TRANSACTION_VERSION = 'transaction.version';
/** The level of the quorum's own records. It is kept in them, not among the other levels. */
export const KRAFT_FEATURE = 'kraft.version';
/** At level 1 groups may use the consumer protocol (KIP-848). */
export const GROUP_VERSION = 'group.version';
/** At level 1 groups may use the streams protocol (KIP-1071). */
export const STREAMS_VERSION = 'streams.version';
/** At level 1 there are share groups (KIP-932). */
export const SHARE_VERSION = 'share.version';
/** At level 1 partitions keep who may lead besides those in sync (KIP-966). */
export const ELIGIBLE_LEADER_REPLICAS = 'eligible.leader.replicas.version';

/** The feature levels that the whole cluster has agreed to use. */
export class FeaturesImage {
  static readonly empty = new FeaturesImage(ImmutableMap.empty());
  readonly #levels: ImmutableMap<string, number>;

  constructor(levels: ImmutableMap<string, number>) {
    this.#levels = levels;
  }

  /** 0 when it is not finalised: the feature is off. */
  level(name: string): number {
    return this.#levels.get(name) ?? 0;
  }

  all(): IterableIterator<readonly [string, number]> {
    return this.#levels[Symbol.iterator]();
  }

  replay(record: RecordOf<'FeatureLevelRecord'>): FeaturesImage {
    return new FeaturesImage(
      record.featureLevel === 0
        ? this.#levels.delete(record.name)
        : this.#levels.set(record.name, record.featureLevel),
    );
  }

  /** metadata.version comes first: it says how to read what follows. */
  *records(): IterableIterator<MetadataRecord> {
    const metadataVersion = this.#levels.get(METADATA_VERSION);
    if (metadataVersion !== undefined)
      yield { type: 'FeatureLevelRecord', name: METADATA_VERSION, featureLevel: metadataVersion };
    for (const [name, featureLevel] of this.#levels)
      if (name !== METADATA_VERSION) yield { type: 'FeatureLevelRecord', name, featureLevel };
  }
}
