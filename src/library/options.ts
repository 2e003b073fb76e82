import type { Logger } from '../base/log.ts';
import type { BrokerConfig, TopicConfig } from './config-types.ts';

/**
 * What `startCluster` takes. Everything is optional; what is not known, or not possible, is an error that
 * names it.
 */
export interface StartClusterOptions {
  /**
   * How many brokers, from 1 to 60; 1 by default. Broker n is in zone n: its `broker.rack` is `use1-az<n>`.
   */
  readonly brokers?: number;
  /** Broker configs of Apache Kafka, for every broker, by Kafka's names. */
  readonly config?: BrokerConfig;
  /** Made at the start, when they are not there already: a name, or a name with more about it. */
  readonly topics?: readonly (string | TopicOptions)[];
  /** Where the data goes and stays; by default a temporary folder that is removed at `stop`. */
  readonly dataDirectory?: string;
  /** Address that clients connect to; 127.0.0.1 by default. */
  readonly host?: string;
  /** Port of broker 1; broker n has port + n - 1. By default each takes a free one. */
  readonly port?: number;
  /** Host name or address that clients are told to connect to; by default the host. */
  readonly advertise?: string;
  /** `scram`: clients sign in by SCRAM-SHA-256 or SCRAM-SHA-512; by default nobody signs in. */
  readonly signIn?: 'scram';
  /**
   * Clients connect by TLS, to certificates of the cluster's own CA (`ca` of the started cluster) for the
   * name `localhost`, or for
   * `advertise`. By default nothing is encrypted.
   */
  readonly tls?: boolean | TlsOptions;
  /** Users that can sign in by SCRAM, with their passwords. */
  readonly users?: Readonly<Record<string, string>>;
  /**
   * Further listeners by name, each with an address of its own that clients are told: for clients that reach
   * this machine by another name, as those in containers do. `bootstrapOf(name)` has their addresses.
   */
  readonly listeners?: Readonly<Record<string, ListenerOptions>>;
  /** Also serves the MSK API for the AWS SDKs, at the URL `api` of the cluster. */
  readonly api?: boolean | ApiOptions;
  /**
   * Prints lines for people on standard error from this level on, or hands everything to a logger; by default
   * nothing.
   */
  readonly log?: LogLevel | Logger;
}

export interface ListenerOptions {
  /** 127.0.0.1 by default; 0.0.0.0 for every address of this machine. */
  readonly host?: string;
  /** Of broker 1; broker n has port + n - 1. By default each takes a free one. */
  readonly port?: number;
  /** By default the host. */
  readonly advertise?: string;
  /**
   * `scram`: clients of this listener sign in by SCRAM-SHA-256 or SCRAM-SHA-512; by default nobody signs in.
   */
  readonly signIn?: 'scram';
  /** Clients of this listener connect by TLS; `advertise` is then a DNS name, `localhost` by default. */
  readonly tls?: boolean | TlsOptions;
}

export interface TlsOptions {
  /**
   * Whether clients show a certificate, which is then their principal (`User:CN=alice`) unless they sign in.
   * One that is not valid is refused where it is optional, too. `none` by default.
   */
  readonly clientAuth?: 'none' | 'optional' | 'required';
  /**
   * CAs of the certificates of clients, as PEM text; by default one of the cluster's own, for
   * `clientCertificate`.
   */
  readonly clientCa?: string;
  /**
   * How the names of certificates become principals, as Kafka's ssl.principal.mapping.rules:
   * `RULE:^CN=([^,]+).*$/$1/L,DEFAULT` makes `User:alice` of
   * `CN=Alice,OU=Sales`. Whoever no rule is for is not let in. By default names stay as they are.
   */
  readonly principalMappingRules?: string;
  /**
   * A certificate of your own for the brokers, with those between it and its CA, as PEM text; `key` and `ca`
   * belong to it.
   */
  readonly certificate?: string;
  /** The private key of the certificate, as PEM text. */
  readonly key?: string;
  /** The CA of the certificate, as PEM text: what `ca` of the started cluster tells. */
  readonly ca?: string;
  /**
   * The private key of `ca`, as PEM text, in the place of `certificate` and `key`: the CA signs certificates
   * for the brokers. Its own certificate is the first one of `ca`, followed by those up to its root.
   */
  readonly caKey?: string;
  /** Opens `key` or `caKey` where it is encrypted. */
  readonly passphrase?: string;
}

/** Of these, what `changeCertificates` exchanges while the cluster runs. */
export type CertificateOptions = Pick<
  TlsOptions,
  'ca' | 'caKey' | 'certificate' | 'clientCa' | 'key' | 'passphrase'
>;

export interface TopicOptions {
  readonly name: string;
  /** By default `num.partitions` of the brokers: 1. */
  readonly partitions?: number;
  /**
   * By default `default.replication.factor` of the brokers: 3, or the number of brokers where that is less.
   */
  readonly replicationFactor?: number;
  readonly config?: TopicConfig;
}

export interface ApiOptions {
  /** By default a free one. */
  readonly port?: number;
  /** Name of the cluster in the API; `test` by default. */
  readonly clusterName?: string;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
