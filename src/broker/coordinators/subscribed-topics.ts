/**
 * The topics that one member may name, as many as a topology of streams may have: more would be megabytes of
 * a group's log with each member, and seconds of the event loop with each heartbeat.
 */
const TOPICS_MAX = 10_000;

/** Why a member may not subscribe to so many topics; null when it may. */
export function subscriptionProblem(topics: readonly string[] | null): string | null {
  if (topics === null || topics.length <= TOPICS_MAX) return null;
  return `SubscribedTopicNames has ${topics.length} names, and ${TOPICS_MAX} are allowed.`;
}
