import type { ClientTls } from '../../base/tls.ts';
import type { HostAndPort } from './host-and-port.ts';

export interface KafkaClientOptions {
  /** Brokers to begin with, at least one; which others there are, they say. */
  readonly bootstrap: readonly HostAndPort[];
  /** What brokers call this client in their logs, metrics and quotas. */
  readonly clientId: string;
  /**
   * Without it nothing is encrypted. A broker's certificate must have the name that the broker is reached by.
   */
  readonly tls?: Omit<ClientTls, 'serverName'>;
  /** Without it nobody signs in. */
  readonly login?: Login;
  /** For connecting and signing in together. Default: 10,000. */
  readonly connectTimeoutMs?: number;
  /** What one request may take. Default: 30,000. */
  readonly requestTimeoutMs?: number;
  /** What a call may take with all its retries. Default: 60,000. */
  readonly callTimeoutMs?: number;
  /**
   * After so long, what is known of topics is asked again although no error said that it is old. Default:
   * 300,000.
   */
  readonly metadataAgeMs?: number;
}

export interface Login {
  readonly mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly user: string;
  readonly password: string;
}
