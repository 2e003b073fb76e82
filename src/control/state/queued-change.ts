import type { OperationType } from './operation.ts';

/** A change of a cluster that waits until those before it have ended. */
export interface QueuedChange {
  /** The ARN that its operation will have. */
  readonly arn: string;
  readonly clusterArn: string;
  readonly type: OperationType;
  /**
   * The operation of the API that begins it, and the members of its request but for the cluster and its
   * version.
   */
  readonly asked: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly queuedAt: number;
}
