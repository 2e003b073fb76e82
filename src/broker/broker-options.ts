import type { ServerTlsSource } from '../base/tls.ts';
import { IAM_MECHANISMS } from '../security/iam/iam-sign-in.ts';
import type { PeerAccess } from '../security/peers/peer-secret.ts';
import type { PeerTlsFiles } from '../security/peers/peer-tls.ts';
import { type SecurityProtocol, usesTls } from '../security/protocol.ts';
import type { ListenerPurpose } from '../server/handler.ts';
import type { TlsFiles } from '../server/tls-files.ts';

/** What one broker is started with: plain JSON, as a process gets it from a file. */
export interface BrokerOptions {
  readonly clusterId: string;
  readonly brokerId: number;
  /** The zone. */
  readonly rack: string | null;
  /** Absolute path of the broker's own folder. */
  readonly dataDirectory: string;
  readonly controller: { readonly id: number; readonly host: string; readonly port: number };
  readonly listeners: readonly BrokerListener[];
  /**
   * Absolute path of the secret that the nodes of this cluster share: who does not know it is let in neither
   * by the listener for replication nor by the controller. Without it both let everybody in.
   */
  readonly peerSecretFile?: string;
  /** Whom the listener for replication lets in where there is a secret; by default nodes alone. */
  readonly peerAccess?: PeerAccess;
  /**
   * Where the nodes of this cluster encrypt what they say to each other; the listener for replication has
   * `identity` as its `tls` then.
   */
  readonly peerTls?: PeerTlsFiles;
  /**
   * The release of Apache Kafka that it is like, of `KAFKA_RELEASES`; by default the newest whose features
   * there are.
   */
  readonly release?: string;
  /** What Kafka calls server.properties. */
  readonly config: Readonly<Record<string, string>>;
  /**
   * How many of its logs' files may be open at once; by default as many as a process with 1024 files can
   * spare.
   */
  readonly openFiles?: number;
}

export interface BrokerListener {
  readonly name: string;
  readonly purpose: Exclude<ListenerPurpose, 'controller'>;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** What clients and peers are told, where it differs from what is bound. */
  readonly advertisedHost?: string;
  readonly advertisedPort?: number;
  /** PLAINTEXT by default. On a SASL protocol clients sign in by SCRAM, or by IAM. */
  readonly security?: SecurityProtocol;
  /**
   * Names of the mechanisms that clients may use; by default all of SCRAM. Those of IAM need the file of its
   * users and roles (`DIRECTORY_FILE`) in the broker's folder, and are for encrypted listeners.
   */
  readonly mechanisms?: readonly string[];
  /** What it shows to clients; for the protocols with SSL in their names, and only for them. */
  readonly tls?: ServerTlsSource | TlsFiles;
  /**
   * The listener whose configs (`listener.name.<name>.…`) it obeys, where that is another one: it is the same
   * listener under another name.
   */
  readonly configsOf?: string;
}

/**
 * Why these listeners cannot be: one that says SSL must never listen without a certificate, and what clients
 * say to sign in by IAM would sign in whoever overhears it. Null when they can.
 */
export function listenerProblem(listeners: readonly BrokerListener[]): string | null {
  for (const listener of listeners) {
    const { name, security = 'PLAINTEXT', tls } = listener;
    if (usesTls(security) !== (tls !== undefined))
      return `the listener ${name} has the protocol ${security} and ${tls ? 'a' : 'no'} certificate`;
    if (usesIam(listener) && security !== 'SASL_SSL')
      return `the listener ${name} is for clients that sign in by IAM, and has the protocol ${security}, not SASL_SSL`;
  }
  return null;
}

/** Whether clients sign in to the listener by IAM. */
export function usesIam({ mechanisms = [] }: Pick<BrokerListener, 'mechanisms'>): boolean {
  return IAM_MECHANISMS.some((mechanism) => mechanisms.includes(mechanism));
}
