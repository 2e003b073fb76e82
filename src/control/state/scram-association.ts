/** Which secrets sign users in to a cluster, and which users its brokers were given for them. */
export interface ScramAssociation {
  /** The ARNs of the secrets, in the order in which they were associated. */
  readonly secrets: readonly string[];
  readonly users: readonly ScramUser[];
}

/** A user that the brokers of a cluster may know. */
export interface ScramUser {
  readonly name: string;
  /**
   * The value of a secret that the brokers have; null from before they are told until it is certain that they
   * know.
   */
  readonly value: string | null;
}
