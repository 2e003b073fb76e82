import type { FastifyInstance } from 'fastify';
import type { LogLevel } from '../base/log.ts';
import type { ClientAuthorities } from './access/client-authorities.ts';
import type { ClusterAccess } from './access/cluster-access.ts';
import type { GivenFiles } from './access/given-certificates.ts';
import type { ServerCertificates } from './access/server-certificates.ts';
import type { ApiError } from './aws/api-error.ts';
import type { Place } from './aws/arn.ts';
import type { AdvertisedHosts } from './endpoints/endpoint.ts';
import type { Engine } from './engine.ts';
import type { EventLog } from './events/event-log.ts';
import type { DiskWatch } from './health/disk-watch.ts';
import type { SealedStore } from './sealed/sealed-store.ts';
import type { KeySource } from './sealed/secrets-key.ts';
import type { Cluster } from './state/cluster.ts';
import type { ClusterOperation } from './state/operation.ts';
import type { ProvisionedSpec } from './state/provisioned-spec.ts';
import type { Store } from './state/store.ts';
import type { QueueRunner } from './steps/queue-runner.ts';
import type { OperationActivity } from './steps/tasks/step-run.ts';

export interface ControlOptions extends Place {
  /** The version of this program, where answers tell it. */
  readonly version?: string;
  readonly dataDirectory: string;
  /** Where the API listens. */
  readonly host: string;
  readonly port: number;
  /**
   * Where brokers listen for clients, and what those are told; with `{id}` in it, each broker has an address
   * of its own.
   */
  readonly advertised: AdvertisedHosts;
  /** What the API is called beside the loopback names, the host and the advertised names. */
  readonly apiNames?: readonly string[];
  /** A process that serves and answers nothing for so long is killed and started again. */
  readonly hungAfterMs: number;
  /**
   * The first port that the cluster of this name is to have from this start on; those of all other clusters
   * move as far.
   */
  readonly ports?: { readonly cluster: string; readonly first: number };
  /** Where the key is that seals secrets; by default in a file of the data folder. */
  readonly secretsKey?: KeySource;
  /** Certificates that brokers show instead of those of Millrace's own CA. */
  readonly tlsFiles?: GivenFiles;
  /** The folder of a release of Apache Kafka, whose Connect runs connectors. */
  readonly kafkaHome?: string;
  /** Where that release is fetched from, instead. */
  readonly kafkaConnect?: KafkaConnectSource;
  /**
   * The address of S3 or of a server that speaks its protocol; without it buckets are folders of the data
   * folder.
   */
  readonly s3Endpoint?: string;
  /** The folder that file connectors stay in; without it there are none. */
  readonly connectFiles?: string;
  /**
   * Whether volumes may become smaller, down to what is stored; MSK refuses that, and so does the default.
   */
  readonly smallerVolumes?: boolean;
  /** Which lines Millrace, its brokers and controllers write to their logs; `info` where none is given. */
  readonly logLevel?: LogLevel;
  /** Whether the API keeps a process alive that has nothing else to do; it does by default. */
  readonly keepsAlive?: boolean;
}

/** Where Kafka Connect is fetched from; it is kept in the data folder. */
export type KafkaConnectSource =
  | {
      readonly kind: 'archive';
      /** Of a release of Apache Kafka (.tgz): a path, or an http or https URL. */
      readonly location: string;
      /** In lower-case hexadecimal digits. */
      readonly sha512: string;
    }
  | { readonly kind: 'maven' };

/** Another service of AWS on the API's port, with a life of its own. */
export interface Service {
  /** Called once, before the API listens. */
  addRoutes(server: FastifyInstance): void;
  /** Called once the clusters are being started. */
  start(): Promise<void>;
  /** What it measures, as Prometheus's text; absent where it measures nothing. */
  metrics?(): Promise<string>;
  /**
   * Nothing of it runs when this resolves; called while the clusters still serve, also after a start that
   * failed.
   */
  stop(): Promise<void>;
}

export interface NewCluster {
  readonly name: string;
  readonly spec: ProvisionedSpec;
  readonly tags: Readonly<Record<string, string>>;
  readonly brokerConfig: Readonly<Record<string, string>>;
  /** Where the search for free ports begins. */
  readonly firstPortBase?: number | undefined;
  /**
   * The first ports of the plan or none: another process on one of them is a ConflictException, not a reason
   * to look further.
   */
  readonly exactPorts?: boolean;
}

export interface NewBrokerCount {
  readonly clusterArn: string;
  readonly operationArn: string;
  readonly currentVersion: string;
  readonly target: number;
}

/** What an operation of the API works with. */
export interface Control {
  readonly options: ControlOptions;
  readonly store: Store;
  /** The CA that clients of encrypted listeners trust. */
  readonly certificates: Pick<ServerCertificates, 'ca' | 'renewal'>;
  /** The CAs whose certificates sign clients in. */
  readonly clientAuthorities: ClientAuthorities;
  /** Secrets, and the keys of KMS that they name. */
  readonly sealed: SealedStore;
  readonly engine: Engine;
  /** How full the file system of the data folder is. */
  readonly disk: DiskWatch;
  /** The log of what happened to clusters. */
  readonly events: EventLog;
  createCluster(wish: NewCluster): Promise<Cluster | ApiError>;
  /** Finds ports for brokers that come. */
  updateBrokerCount(wish: NewBrokerCount): Promise<ClusterOperation | ApiError>;
  /**
   * Gives a cluster that serves, or would but for its ports, others: from `first` on or, without it, the next
   * free ones. Its processes restart there.
   */
  movePorts(clusterArn: string, first: number | undefined): Promise<Cluster | ApiError>;
  /** Brokers get certificates of what the CAs are now, and CAs of nodes that are being replaced go on. */
  renewCertificates(): void;
  /** A connection to a running cluster; the caller closes it. */
  connect(cluster: Cluster): ClusterAccess;
  /** Changes that wait for their turn. */
  readonly queue: Pick<QueueRunner, 'takeBack'>;
  /** What the other services on the API's port measure, as Prometheus's text. */
  serviceMetrics(): Promise<string>;
  /** What an operation that is under way does now. */
  activity(operationArn: string): OperationActivity | null;
}
