import type { TopicPartition } from '../../base/topic-partition.ts';
import type { PartitionDescription } from '../rebalance/cluster-admin.ts';

/** A partition that cannot do without any of its replicas now. */
export interface LaggingPartition extends TopicPartition {
  readonly isLed: boolean;
  /** The brokers whose replicas are not in sync. */
  readonly brokers: readonly number[];
}

/** So many partitions of each broker are named; the rest are counted. */
const EXAMPLES = 3;

export function behind(partitions: readonly PartitionDescription[]): LaggingPartition[] {
  return partitions.flatMap(({ topic, partition, replicas, isr, leader }) => {
    const isLed = leader >= 0;
    const brokers = replicas.filter((broker) => !isr.includes(broker));
    return isLed && brokers.length === 0 ? [] : [{ topic, partition, isLed, brokers }];
  });
}

/** For people: which brokers are behind in how many partitions, and which partitions nobody leads. */
export function describeLagging(lagging: readonly LaggingPartition[]): string {
  const ofBroker = new Map<number, LaggingPartition[]>();
  for (const one of lagging)
    for (const broker of one.brokers) ofBroker.set(broker, [...(ofBroker.get(broker) ?? []), one]);
  const parts = [...ofBroker]
    .sort(([a], [b]) => a - b)
    .map(([broker, own]) => `broker ${broker} is behind in ${named(own)}`);
  const leaderless = lagging.filter(({ isLed }) => !isLed);
  if (leaderless.length > 0) parts.push(`nobody leads ${named(leaderless)}`);
  return parts.join('; ');
}

/** How many these are, and some of them by name. */
export function named(partitions: readonly TopicPartition[]): string {
  const examples = partitions.slice(0, EXAMPLES).map(({ topic, partition }) => `${topic}-${partition}`);
  const more = partitions.length > EXAMPLES ? ' and others' : '';
  return `${partitions.length} partition(s) (${examples.join(', ')}${more})`;
}
