/**
 * Why tasks of a topology cannot run, in the words of heartbeats' statuses: topics are missing, or have other
 * numbers of partitions.
 */
export interface TopicProblem {
  readonly status: 'MISSING_SOURCE_TOPICS' | 'INCORRECTLY_PARTITIONED_TOPICS' | 'MISSING_INTERNAL_TOPICS';
  readonly detail: string;
}

export function incorrectlyPartitioned(detail: string): TopicProblem {
  return { status: 'INCORRECTLY_PARTITIONED_TOPICS', detail };
}
