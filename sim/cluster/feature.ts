import type { Violations } from '../checkers/violations.ts';
import type { Simulation } from '../simulation.ts';
import type { Administrator } from './administrator.ts';
import type { ClusterClient } from './cluster-client.ts';
import type { ClusterWatch } from './cluster-watch.ts';
import type { SimCluster } from './sim-cluster.ts';

/** What clients do in a history, with the checks of what they were promised. A seed picks some. */
export interface Feature {
  /** Topics that must be there before anybody works. */
  prepare(): Promise<void>;
  /** Until the history is over; while it is draining, nothing new is begun. */
  run(): Promise<void>;
  /**
   * Whether all that was begun came to its end, and everything serves again: asked after everything was
   * healed.
   */
  isDrained(): boolean;
  /** Every replica is in sync and nobody writes: what is there must be what was promised. */
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
