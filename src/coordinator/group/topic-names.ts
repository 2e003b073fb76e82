interface Subscriber {
  /** Sorted, each once. */
  readonly subscribedTopicNames: readonly string[];
}

/** Whether both are subscribed to the same topics by their names. */
export function sameNames(
  { subscribedTopicNames: names }: Subscriber,
  { subscribedTopicNames: others }: Subscriber,
): boolean {
  return names.length === others.length && names.every((name, i) => name === others[i]);
}
