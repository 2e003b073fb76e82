import type { Clock } from '../../base/clock.ts';
import { Invalid, type Shape } from '../../control/api/shape.ts';
import type { ApiError } from '../../control/aws/api-error.ts';
import type { Place } from '../../control/aws/arn.ts';
import type { ControlOptions } from '../../control/control.ts';
import type { SealedStore } from '../../control/sealed/sealed-store.ts';
import type { PluginArrivals } from '../plugins/plugin-arrivals.ts';
import type { PluginFolder } from '../plugins/plugin-folder.ts';
import type { PluginLoads } from '../plugins/plugin-loads.ts';
import type { ComingInstallation } from '../release/kept-release.ts';
import type { SealedValues } from '../secrets/sealed-values.ts';
import type { ConnectStore } from '../state/connect-store.ts';
import type { Connector } from '../state/connector.ts';
import type { BuiltInConnector } from '../worker/built-in-connector.ts';
import type { ConnectRest } from '../worker/connect-rest.ts';
import type { Installation, NoInstallation } from '../worker/installation.ts';
import type { ConnectOperationName } from './operations.ts';

/** The code beside a state that waits for Kafka Connect, which is being fetched. */
export const INSTALLING = 'INSTALLING_KAFKA_CONNECT';

/** What an operation of MSK Connect works with. */
export interface ConnectControl {
  readonly options: Place & Pick<ControlOptions, 'dataDirectory' | 'connectFiles' | 'version'>;
  readonly store: ConnectStore;
  readonly plugins: PluginFolder;
  readonly pluginArrivals: Pick<PluginArrivals, 'bring' | 'complete' | 'waits'>;
  readonly pluginLoads: Pick<PluginLoads, 'load'>;
  readonly sealed: SealedStore;
  readonly values: SealedValues;
  /** Looked for again where there was none: it may have been installed meanwhile. */
  installation(): Promise<Installation | ComingInstallation | NoInstallation>;
  /** Whose rights the plugin of a connector has, as a sentence. */
  pluginRights(connector: Connector): Promise<string>;
  /**
   * The end of the logs of a connector's workers, in bytes at most so long; of a worker with a position what
   * came `after` that.
   */
  logs(connectorArn: string, bytes: number, after: ReadonlyMap<string, number>): readonly WorkerLog[];
  /**
   * What the connector is asked by, the REST interface of Kafka Connect or that of a built-in one; null while
   * no worker of it serves.
   */
  worker(connectorArn: string): ConnectRest | BuiltInConnector | null;
  /** The clusters of this control plane, and where they are reached without signing in. */
  clusters(): readonly OpenCluster[];
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  now(): number;
}

export interface WorkerLog {
  /** `worker-1`. */
  readonly worker: string;
  readonly text: string;
  /** In bytes, where what comes begins. */
  readonly position: number;
}

/**
 * Bootstrap servers by the encryption that they ask for; null where the cluster has no such listener for
 * clients that do not sign in.
 */
export interface OpenCluster {
  readonly name: string;
  /** Kafka's own id of it. */
  readonly clusterId: string;
  readonly plaintext: string | null;
  readonly tls: string | null;
}

export interface ConnectOperation {
  readonly name: ConnectOperationName;
  /** `input` has the members of the request, wherever they travelled. */
  run(control: ConnectControl, input: unknown): object | ApiError | Promise<object | ApiError>;
}

/** The handler sees a request only when all of it is valid. */
export function connectOperation<Input>(definition: {
  readonly name: ConnectOperationName;
  readonly input: Shape<Input>;
  readonly handle: (control: ConnectControl, input: Input) => object | ApiError | Promise<object | ApiError>;
}): ConnectOperation {
  return {
    name: definition.name,
    run(control, given) {
      const input = definition.input.parse(given, '');
      return input instanceof Invalid ? input.error : definition.handle(control, input);
    },
  };
}

/** A time as answers write it: ISO 8601. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}
