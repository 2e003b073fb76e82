import type { ServerTlsSource } from '../base/tls.ts';
import type { PeerIdentity } from '../security/peers/peer-identity.ts';
import type { ListenerPurpose } from './handler.ts';
import type { SaslOptions } from './sasl/sasl-session.ts';

export interface ServerListenerOptions {
  readonly name: string;
  readonly purpose: ListenerPurpose;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Clients sign in before anything else; without it they are anonymous. */
  readonly sasl?: SaslOptions;
  /** Without it nothing is encrypted. */
  readonly tls?: ListenerTls;
}

/**
 * How a listener encrypts, and who shows a valid certificate (DER): null when that is nobody, who is not let
 * in.
 */
export interface ListenerTls {
  readonly source: ServerTlsSource;
  /** `User:name` of a client, on a listener where clients do not sign in otherwise. */
  readonly principal?: (certificate: Uint8Array) => string | null;
  /** Which of its peers, on a listener for those of the cluster. */
  readonly peer?: (certificate: Uint8Array) => PeerIdentity | null;
}
