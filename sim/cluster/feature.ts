import type { Violations } from '../checkers/violations.ts';
import type { Simulation } from '../simulation.ts';
import type { Administrator } from './administrator.ts';
import type { ClusterClient } from './cluster-client.ts';
import type { ClusterWatch } from './cluster-watch.ts';
import type { SimCluster } from './sim-cluster.ts';

/**
 * A part of a history: what some clients do, with the checks of what they were promised. The seed picks some.
 */
export interface Feature {
  /** Makes the topics that must exist before any client works. */
  prepare(): Promise<void>;
  /** Runs until the history is over; while the history drains, it begins nothing new. */
  run(): Promise<void>;
  /** Whether all that was begun has ended and everything serves again. Asked after everything was healed. */
  isDrained(): boolean;
  /**
   * Called when every replica is in sync and nobody writes: compares what is there with what was promised.
   */
  check(): void;
}

export interface FeatureContext {
  readonly simulation: Simulation;
  readonly cluster: SimCluster;
  readonly violations: Violations;
  readonly watch: ClusterWatch;
  readonly administrator: Administrator;
  readonly client: (name: string) => ClusterClient;
  readonly isOver: () => boolean;
  readonly isDraining: () => boolean;
}
