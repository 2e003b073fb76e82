import type { CertificateOptions, TopicOptions } from './options.ts';

/** A Kafka cluster inside this process. */
export interface StartedCluster extends AsyncDisposable {
  /** `host:port` of every broker, separated by commas: what clients call bootstrap servers. */
  readonly bootstrap: string;
  /** The same as a list; broker n is the n-th. */
  readonly brokers: readonly string[];
  readonly clusterId: string;
  /**
   * The CAs that vouch for the brokers' certificates, as PEM text: what clients must trust. Undefined where
   * no listener has TLS.
   */
  readonly ca: string | undefined;
  /** URL of the MSK API for the `endpoint` of AWS's SDKs; undefined unless the option `api` asked for it. */
  readonly api: string | undefined;
  /**
   * Resolves when the cluster was stopped. Rejects with the reason when a broker or the controller ended by
   * itself; nobody has to listen, it ends no process.
   */
  readonly closed: Promise<void>;
  /** As `bootstrap`, of a listener of the option `listeners`. Throws when there is none of that name. */
  bootstrapOf(listener: string): string;
  /**
   * A new certificate for a client, whose principal is `User:CN=<name>`. Throws where no listener asks for
   * certificates of the cluster's own client CA.
   */
  clientCertificate(name: string): ClientCertificate;
  /**
   * Connections from now on get other certificates of yours, in the words of the option `tls`; those that are
   * open stay as they are. Of a listener of the option `listeners` by its name, else of the first one;
   * `clientCa` takes the place of what clients were believed by. Rejects with the reason when no client would
   * believe what is given, or the listener does not encrypt; then nothing changes.
   */
  changeCertificates(tls: CertificateOptions, listener?: string): Promise<void>;
  /**
   * Makes topics as the option `topics` does; resolves when they have leaders. Those that are there stay as
   * they are.
   */
  createTopics(topics: readonly (string | TopicOptions)[]): Promise<void>;
  /**
   * Ends a broker as `kill -9` does: connections break, what it had not written is gone, others take over
   * what it led. Resolves when the controller knows. A broker that does not run stays so.
   */
  kill(brokerId: number): Promise<void>;
  /** Starts a broker that was killed, or stops and starts one that runs. Its ports stay the same. */
  restart(brokerId: number): Promise<void>;
  /**
   * Back to how it was at its start: without records, groups and changed configs, with the topics of the
   * option `topics`, every broker running. Ports and cluster id stay the same; connections of clients break.
   */
  reset(): Promise<void>;
  /** Resolves when everything is closed, and a temporary folder removed. May be called again. */
  stop(): Promise<void>;
}

/** What a client shows, as PEM text. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
}
