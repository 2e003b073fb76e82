import type { Offset } from '../base/brand.ts';
import { AclsImage } from './acls.ts';
import { BrokersImage } from './brokers.ts';
import { ConfigsImage } from './configs.ts';
import { ControllersImage } from './controllers.ts';
import { DelegationTokensImage } from './delegation-tokens.ts';
import { FeaturesImage } from './features.ts';
import { ProducerIdsImage } from './producer-ids.ts';
import { QuotasImage } from './quotas.ts';
import { ScramImage } from './scram.ts';
import { TopicsImage } from './topics.ts';

/** How far in the metadata log an image reaches. */
export interface Provenance {
  /** The offset of the last record in it; -1 before the first. */
  readonly offset: Offset;
  /** The leader epoch of that record. */
  readonly epoch: number;
  /** When its batch was appended. */
  readonly timestamp: number;
}

/**
 * What the cluster knows at one offset of the metadata log. Nothing in it ever changes; a delta makes the
 * next one.
 */
export interface ClusterImage {
  readonly provenance: Provenance;
  readonly features: FeaturesImage;
  readonly brokers: BrokersImage;
  readonly controllers: ControllersImage;
  readonly topics: TopicsImage;
  readonly configs: ConfigsImage;
  readonly producerIds: ProducerIdsImage;
  readonly acls: AclsImage;
  readonly scram: ScramImage;
  readonly quotas: QuotasImage;
  readonly delegationTokens: DelegationTokensImage;
}

export const emptyImage: ClusterImage = {
  provenance: { offset: -1, epoch: -1, timestamp: -1 },
  features: FeaturesImage.empty,
  brokers: BrokersImage.empty,
  controllers: ControllersImage.empty,
  topics: TopicsImage.empty,
  configs: ConfigsImage.empty,
  producerIds: ProducerIdsImage.empty,
  acls: AclsImage.empty,
  scram: ScramImage.empty,
  quotas: QuotasImage.empty,
  delegationTokens: DelegationTokensImage.empty,
};
