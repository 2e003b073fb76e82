import type { LinearPattern } from '../../../base/linear-pattern.ts';
import { supervise } from '../../../base/programmer-error.ts';
import { answer, type CoordinatorDecision, Draft } from '../../decision.ts';
import type { GroupRecord } from '../records.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerContext } from './context.ts';
import { ExpressionScan } from './expression-scan.ts';
import type { ResolvedExpression } from './expressions.ts';
import { groupEpoch, resolvedExpression } from './group-records.ts';
import type { ConsumerMember } from './member.ts';
import { metadataHash } from './metadata-hash.ts';

/** As in Apache Kafka: topics are not looked through more often for one group, however often they change. */
const REFRESH_INTERVAL_MIN_MS = 10_000;

/**
 * Has the topics looked through for the expressions of a group, as they are once this member's heartbeat
 * counts, where that is due: one of them was never resolved, there are new topics, or the last time is long
 * ago. What is found is a decision of its own.
 */
export function refreshExpressions(
  context: ConsumerContext,
  group: ConsumerGroup,
  member: { readonly before: ConsumerMember; readonly after: ConsumerMember },
  mayDescribe: (topic: string) => boolean,
): void {
  const { groupId, expressions } = group;
  const texts = subscribedAfter(group, member);
  const name = `expressions\0${groupId}`;
  if (texts.size === 0 || context.timer.has(name)) return;
  const { version, timestamp } = expressions.lastRefresh;
  const now = context.world.clock.now();
  const age = now - timestamp;
  // A wall clock that went back does not hold it up.
  if (age >= 0 && age <= REFRESH_INTERVAL_MIN_MS) return;
  const isDue =
    [...texts].some((text) => !expressions.resolved.has(text)) ||
    version < context.newTopicsSince() ||
    age < 0 ||
    age > context.config.consumer.expressionRefreshMs;
  if (!isDue) return;
  const patterns = compiled(context, texts);
  if (!patterns) return;
  const { topics, provenance } = context.image();
  const scan = new ExpressionScan(
    patterns,
    [...topics.all()].map((topic) => topic.name),
    mayDescribe,
  );
  const step = (): CoordinatorDecision<GroupRecord, void> => {
    const found = scan.step();
    if (found) return resolve(context, groupId, found, { version: provenance.offset, timestamp: now });
    context.timer.schedule(name, 0, step);
    return answer(undefined);
  };
  context.timer.schedule(name, 0, step);
}

function subscribedAfter(
  { expressions, members }: ConsumerGroup,
  { before, after }: { readonly before: ConsumerMember; readonly after: ConsumerMember },
): Set<string> {
  const texts = new Set(expressions.subscribed.keys());
  const own = members.get(before.memberId)?.subscribedTopicRegex ?? '';
  if (own !== after.subscribedTopicRegex && expressions.subscribed.get(own) === 1) texts.delete(own);
  if (after.subscribedTopicRegex !== '') texts.add(after.subscribedTopicRegex);
  return texts;
}

/**
 * Null while one is not compiled, which it is before the next heartbeat: a group that was loaded has only
 * their texts.
 */
function compiled(
  { patterns, world }: ConsumerContext,
  texts: ReadonlySet<string>,
): ReadonlyMap<string, LinearPattern> | null {
  const found = new Map<string, LinearPattern>();
  for (const text of texts) {
    const pattern = patterns.find(text);
    if (pattern) found.set(text, pattern);
    else
      supervise(
        world,
        patterns.compile(text).then((error) => {
          if (error)
            world.log.warn('expression of a consumer group is not valid', { expression: text, error });
        }),
      );
  }
  return found.size === texts.size ? found : null;
}

/**
 * What the expressions match counts: the group has another epoch when that changes what it is subscribed to.
 */
function resolve(
  context: ConsumerContext,
  groupId: string,
  found: ReadonlyMap<string, ReadonlySet<string>>,
  looked: Pick<ResolvedExpression, 'version' | 'timestamp'>,
): CoordinatorDecision<GroupRecord, void> {
  const draft = new Draft<GroupRecord>();
  const group = context.groups.consumer(groupId);
  if (!group) return draft.decide(undefined);
  const { expressions } = group;
  let isNew = false;
  for (const [text, topics] of found) {
    if (!expressions.subscribed.has(text)) continue;
    const known = expressions.topicsOf(text);
    isNew ||= known.size !== topics.size || [...topics].some((topic) => !known.has(topic));
    draft.append(resolvedExpression(groupId, text, { ...looked, topics }));
  }
  const hash = metadataHash(
    group.members.values(),
    context.image(),
    (text) => found.get(text) ?? expressions.topicsOf(text),
  );
  if (isNew || hash !== group.metadataHash) {
    const epoch = group.groupEpoch + 1;
    draft.append(groupEpoch(groupId, { epoch, metadataHash: hash }));
    group.refreshed(epoch);
  }
  return draft.decide(undefined);
}
