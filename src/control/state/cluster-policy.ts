/** The policy of a cluster. It is kept and told; nothing here asks it, since credentials are not checked. */
export interface ClusterPolicy {
  /** Byte for byte as it was sent. */
  readonly text: string;
  /** Counts the changes of the policy, also over deletions: a version never comes again. */
  readonly revision: number;
}
