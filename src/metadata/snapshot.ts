import type { ClusterImage } from './image.ts';
import type { MetadataRecord } from './records.ts';

/** The records that make this image out of nothing: what a snapshot of the metadata log holds. */
export function* snapshotRecords(image: ClusterImage): IterableIterator<MetadataRecord> {
  yield* image.features.records();
  yield* image.brokers.records();
  yield* image.controllers.records();
  yield* image.topics.records();
  yield* image.configs.records();
  yield* image.quotas.records();
  yield* image.producerIds.records();
  yield* image.acls.records();
  yield* image.scram.records();
  yield* image.delegationTokens.records();
}
