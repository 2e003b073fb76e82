import type { Random } from '../../src/base/random.ts';
import type { Message } from '../../src/protocol/testing/sample-requests.ts';

/** Beside the classic group of `populate`, whose one member cannot be moved. */
export const CONSUMERS = 'consumers';

/**
 * What makes a sample of ConsumerGroupHeartbeat one of a group that lives: a few members come, subscribe by
 * names and by patterns, go on and go. A sample made from the definition alone names the classic group and an
 * assignor that does not exist, and gets no further.
 */
export function livelyHeartbeat(random: Random, topic: string): Message {
  const pick = <T>(from: readonly T[]): T | undefined => from[random.uint32() % from.length];
  return {
    groupId: pick([CONSUMERS, CONSUMERS, CONSUMERS, 'group']),
    memberId: pick(['one', 'two', 'three']),
    memberEpoch: pick([0, 0, 0, 1, 2, 3, -1, -2]),
    instanceId: pick([null, null, null, 'static']),
    rackId: pick([null, 'use1-az1']),
    rebalanceTimeoutMs: 10_000,
    subscribedTopicNames: pick([null, [], [topic], [topic, 'no such topic']]),
    subscribedTopicRegex: pick([null, '', 'ord.*', '.*', '(ord', '(a+)+$']),
    serverAssignor: pick([null, 'uniform', 'range']),
    topicPartitions: pick([null, []]),
  };
}
