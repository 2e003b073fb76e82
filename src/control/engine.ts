import type { Cluster, StateInfo } from './state/cluster.ts';

/**
 * What runs clusters; the control plane owns this port and knows nothing behind it. Every method may be called again after a crash
 * of the control plane at any point, and finds out itself what is left to do.
 */
export interface Engine {
  /** Makes the folders and files that the cluster's processes start from. */
  prepare(cluster: Cluster): Promise<void>;
  /**
   * Every process of the cluster runs and serves when this resolves: running ones are adopted, others started. From then on the
   * engine keeps them so. Rejects with `EngineError` when that cannot be reached, or with the signal's reason.
   */
  start(cluster: Cluster, signal: AbortSignal): Promise<void>;
  /** No process of the cluster runs when this resolves, whoever started it. */
  stop(cluster: Cluster): Promise<void>;
  /** Removes all data of a stopped cluster. */
  remove(cluster: Cluster): Promise<void>;
  /** Stops processes in the data folder that belong to none of these clusters. */
  stopOrphans(known: readonly Cluster[]): Promise<void>;
  /** Told when a started cluster's processes do not hold (what and why), and with null when they do again. */
  onHealth(listener: (arn: string, problem: StateInfo | null) => void): void;
}

/** Why a cluster cannot be started, for its `stateInfo`. */
export class EngineError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
