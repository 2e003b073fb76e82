import type { AcknowledgedRecordsSurvive } from '../checkers/acknowledged-records-survive.ts';
import type { CommittedOffsetsNeverFall } from '../checkers/committed-offsets-never-fall.ts';
import type { Feature, FeatureContext } from './feature.ts';
import { CompactedTopic } from './features/compacted-topic.ts';
import { ConsumerGroupFeature } from './features/consumer-group.ts';
import { DeletedBank } from './features/deleted-bank.ts';
import { DeletedGroups } from './features/deleted-groups.ts';
import { ExpiringProducers } from './features/expiring-producers.ts';
import { GrowingTopic } from './features/growing-topic.ts';
import { IdleGroups } from './features/idle-groups.ts';
import { MixedGroup } from './features/mixed-group.ts';
import { MovedTopic } from './features/moved-topic.ts';
import { Ordinary } from './features/ordinary.ts';
import { PendingOffsets } from './features/pending-offsets.ts';
import { RetainedTopic } from './features/retained-topic.ts';
import { ShareGroupFeature } from './features/share-group.ts';
import { ShareResets } from './features/share-resets.ts';
import { StaticGroup } from './features/static-group.ts';
import { StreamsGroupFeature } from './features/streams-group.ts';
import { TopicMadeAgain } from './features/topic-made-again.ts';
import { TopicSwapped } from './features/topic-swapped.ts';
import { Transactions } from './features/transactions.ts';
import { UncleanTopic } from './features/unclean-topic.ts';
import type { Trait } from './traits.ts';

/** The features that a history may have. */
export const FEATURES = [
  'ordinary',
  'compacted topic',
  'topic made again',
  'idle groups',
  'transactions',
  'retained topic',
  'moved topic',
  'unclean topic',
  'consumer group',
  'mixed group',
  'share group',
  'streams group',
  'deleted groups',
  'deleted bank',
  'growing topic',
  'static group',
  'topic swapped',
  'pending offsets',
  'expiring producers',
  'share resets',
] as const;
export type FeatureName = (typeof FEATURES)[number];

/** Features without producers that must be remembered for longer than those of 'expiring producers'. */
const BESIDE_EXPIRING: ReadonlySet<FeatureName> = new Set<FeatureName>([
  'expiring producers',
  'idle groups',
  'consumer group',
  'mixed group',
  'static group',
  'streams group',
  'deleted groups',
]);

/** Those of these features that may be in one history: one of the two that watch all share partitions. */
export function thatGoTogether(names: readonly FeatureName[]): FeatureName[] {
  if (names.includes('expiring producers')) return names.filter((name) => BESIDE_EXPIRING.has(name));
  return names.includes('share group') ? names.filter((name) => name !== 'share resets') : [...names];
}

export interface FeatureOptions {
  readonly survive: AcknowledgedRecordsSurvive;
  readonly committed: CommittedOffsetsNeverFall;
  readonly traits: ReadonlySet<Trait>;
}

export function makeFeature(name: FeatureName, context: FeatureContext, options: FeatureOptions): Feature {
  switch (name) {
    case 'ordinary':
      return new Ordinary(context, options);
    case 'compacted topic':
      return new CompactedTopic(context, { changesPolicy: options.traits.has('changing configs') });
    case 'topic made again':
      return new TopicMadeAgain(context);
    case 'idle groups':
      return new IdleGroups(context, options);
    case 'transactions':
      return new Transactions(context);
    case 'retained topic':
      return new RetainedTopic(context);
    case 'moved topic':
      return new MovedTopic(context);
    case 'unclean topic':
      return new UncleanTopic(context);
    case 'consumer group':
      return new ConsumerGroupFeature(context, options);
    case 'mixed group':
      return new MixedGroup(context, options);
    case 'share group':
      return new ShareGroupFeature(context);
    case 'streams group':
      return new StreamsGroupFeature(context, options);
    case 'deleted groups':
      return new DeletedGroups(context);
    case 'deleted bank':
      return new DeletedBank(context);
    case 'growing topic':
      return new GrowingTopic(context);
    case 'static group':
      return new StaticGroup(context, options);
    case 'topic swapped':
      return new TopicSwapped(context);
    case 'pending offsets':
      return new PendingOffsets(context);
    case 'expiring producers':
      return new ExpiringProducers(context);
    case 'share resets':
      return new ShareResets(context);
  }
}
