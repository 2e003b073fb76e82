import { below, type Random } from '../../src/base/random.ts';
import { chance, pick } from '../chance.ts';
import type { Trait } from './traits.ts';

const REPLICATION_FACTOR = 3;
/** Milliseconds for which a member of a group of the consumer protocol may be silent. */
export const CONSUMER_SESSION_MS = 2000;
/** Milliseconds for which a member of a streams group may be silent. */
export const STREAMS_SESSION_MS = 2000;
/** Milliseconds after which a silent producer is forgotten, in histories that look at that. */
export const PRODUCER_EXPIRATION_MS = 5000;
const INTERVALS = [
  'log.retention.check.interval.ms',
  'log.flush.offset.checkpoint.interval.ms',
  'log.flush.start.offset.checkpoint.interval.ms',
  'replica.high.watermark.checkpoint.interval.ms',
  'producer.id.expiration.check.interval.ms',
  'offsets.retention.check.interval.ms',
] as const;

/** The configs of a history's controller and brokers. */
export function clusterConfig(
  random: Random,
  options: {
    readonly isFlushed: boolean;
    /** The cleaner runs often. */
    readonly isCompacting: boolean;
    /** Producers are forgotten after `PRODUCER_EXPIRATION_MS`; otherwise after Kafka's default, a day. */
    readonly expiresProducers: boolean;
    readonly traits: ReadonlySet<Trait>;
  },
): Record<string, string> {
  const { isFlushed, isCompacting, expiresProducers, traits } = options;
  return {
    'broker.session.timeout.ms': '1500',
    'replica.lag.time.max.ms': '2000',
    'min.insync.replicas': '2',
    'default.replication.factor': String(REPLICATION_FACTOR),
    'offsets.topic.num.partitions': '1',
    'offsets.topic.replication.factor': String(REPLICATION_FACTOR),
    'transaction.state.log.num.partitions': '1',
    'transaction.state.log.replication.factor': String(REPLICATION_FACTOR),
    'share.coordinator.state.topic.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': String(REPLICATION_FACTOR),
    'share.coordinator.snapshot.update.records.per.snapshot': '10',
    'share.coordinator.state.topic.prune.interval.ms': '1500',
    'share.coordinator.cold.partition.snapshot.interval.ms': '3000',
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
    'unclean.leader.election.interval.ms': '1000',
    'group.min.session.timeout.ms': '500',
    'group.initial.rebalance.delay.ms': '0',
    'group.consumer.min.session.timeout.ms': '500',
    'group.consumer.session.timeout.ms': String(CONSUMER_SESSION_MS),
    'group.consumer.assignment.interval.ms': '200',
    'group.share.min.heartbeat.interval.ms': '100',
    'group.share.heartbeat.interval.ms': '200',
    'group.share.min.session.timeout.ms': '500',
    'group.share.session.timeout.ms': '2000',
    'group.share.assignment.interval.ms': '200',
    'group.share.initialize.retry.interval.ms': '500',
    'group.share.min.record.lock.duration.ms': '1000',
    'group.streams.min.session.timeout.ms': '500',
    'group.streams.session.timeout.ms': String(STREAMS_SESSION_MS),
    'group.streams.assignment.interval.ms': '200',
    'group.streams.initial.rebalance.delay.ms': '0',
    ...(isFlushed ? { 'log.flush.interval.messages': '1' } : {}),
    ...(traits.has('short intervals') ? shortIntervals(random) : {}),
    ...(isCompacting
      ? {
          'log.cleaner.backoff.ms': String(1 + below(random, 1500)),
          'log.cleaner.min.cleanable.ratio': pick(random, ['0', '0.01', '0.5']),
        }
      : {}),
    ...(expiresProducers
      ? {
          'producer.id.expiration.ms': String(PRODUCER_EXPIRATION_MS),
          'producer.id.expiration.check.interval.ms': String(100 + below(random, 1000)),
        }
      : {}),
    ...(traits.has('short segments') ? { 'log.roll.ms': String(200 + below(random, 2000)) } : {}),
  };
}

/** The configs that change from life to life of a broker: how it looks after its logs. */
export function configOfLife(random: Random): Record<string, string> {
  return {
    ...(chance(random, 0.5) ? shortIntervals(random) : {}),
    ...(chance(random, 0.5) ? { 'log.roll.ms': String(200 + below(random, 5000)) } : {}),
    ...(chance(random, 0.3) ? { 'log.cleaner.enable': 'false' } : {}),
  };
}

/** Each interval is short or the default, so that every two of them meet in every order. */
function shortIntervals(random: Random): Record<string, string> {
  const short: Record<string, string> = {};
  for (const name of INTERVALS) if (chance(random, 0.5)) short[name] = String(1 + below(random, 2000));
  return short;
}
