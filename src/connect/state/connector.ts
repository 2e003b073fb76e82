import type { StateInfo } from '../../control/aws/state-info.ts';
import type { LogTargets } from '../../control/state/log-targets.ts';
import type { Capacity } from './capacity.ts';

export type ConnectorState =
  | 'CREATING'
  | 'RUNNING'
  | 'UPDATING'
  | 'PAUSING'
  | 'PAUSED'
  | 'RESUMING'
  | 'RESTARTING'
  | 'FAILED'
  | 'DELETING';

export interface Reference {
  readonly arn: string;
  readonly revision: number;
}

/** How the workers of a connector sign in to its cluster. */
export type SignIn =
  | { readonly type: 'NONE' | 'TLS' }
  /** As the user whose name and password are in this secret. */
  | { readonly type: 'SCRAM'; readonly secretArn: string };

/** Where the logs of its workers are brought, in MSK Connect's words. */
interface WorkerLogDelivery extends LogTargets {
  /** Millrace brings no logs to Firehose: it is never enabled. */
  readonly firehose?: object | undefined;
}

/** What of a connector an update may change. */
export interface ConnectorSetting {
  readonly capacity: Capacity;
  /** Passwords, and values that may be some, are references to what is sealed: see `secrets/`. */
  readonly configuration: Readonly<Record<string, string>>;
  /** Absent in the operations of an older release, and not changed by them then, as `workerConfiguration`. */
  readonly plugin?: Reference;
  /** Null for Kafka Connect's own defaults. */
  readonly workerConfiguration?: Reference | null;
}

/** A connector as the store knows it. Immutable: a record makes the next one. */
export interface Connector extends ConnectorSetting {
  readonly arn: string;
  readonly uuid: string;
  readonly name: string;
  readonly description: string | null;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly bootstrapServers: string;
  readonly vpc: { readonly subnets: readonly string[]; readonly securityGroups: readonly string[] };
  readonly encryption: 'PLAINTEXT' | 'TLS';
  /** Absent in records of an older release: NONE. */
  readonly signIn?: SignIn;
  readonly kafkaConnectVersion: string;
  readonly networkType: 'IPV4' | 'DUAL';
  readonly plugin: Reference;
  readonly serviceExecutionRoleArn: string;
  readonly workerConfiguration: Reference | null;
  /** As it was sent, for it is echoed. */
  readonly logDelivery: { readonly workerLogDelivery: WorkerLogDelivery } | null;
  readonly state: ConnectorState;
  readonly stateInfo: StateInfo | null;
  /**
   * Whether the connector itself said which of its properties are passwords; until then all its own values
   * are references. Absent in records of an older release, which have passwords in clear.
   */
  readonly knowsPasswords?: boolean;
  /** It ran once: a failure since is one of its tasks or workers, which go on trying. */
  readonly hasRun: boolean;
  /** The operation that is under way. */
  readonly operationArn: string | null;
  /**
   * Topics that its tasks have written or read, where it is built in: workers of Kafka Connect keep them
   * themselves. Absent before there are some.
   */
  readonly activeTopics?: readonly string[];
  /** Counts the changes that were asked for; `currentVersion` follows from it. */
  readonly revision: number;
}
