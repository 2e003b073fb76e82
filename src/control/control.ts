import type { ApiError } from './api-error.ts';
import type { Place } from './arn.ts';
import type { Cluster } from './state/cluster.ts';
import type { ProvisionedSpec } from './state/provisioned-spec.ts';
import type { Store } from './state/store.ts';

export interface ControlOptions extends Place {
  readonly dataDirectory: string;
  /** Where the API listens. */
  readonly host: string;
  readonly port: number;
  /** Where brokers listen for clients; with `{id}` in it, each has an address of its own. */
  readonly brokerHost: string;
  /** The name or address that clients are told; `{id}` stands for the broker's number. */
  readonly advertise: string;
}

export interface NewCluster {
  readonly name: string;
  readonly spec: ProvisionedSpec;
  readonly tags: Readonly<Record<string, string>>;
  readonly brokerConfig: Readonly<Record<string, string>>;
  /** Where the search for free ports begins. */
  readonly firstPortBase?: number | undefined;
  /** The first ports of the plan or none: another process on one of them is a ConflictException, not a reason to look further. */
  readonly exactPorts?: boolean;
}

/** What an operation of the API works with. */
export interface Control {
  readonly options: ControlOptions;
  readonly store: Store;
  createCluster(wish: NewCluster): Promise<Cluster | ApiError>;
}
