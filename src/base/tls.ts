/**
 * A certificate and its private key, both as PEM text. After the certificate stand the ones between it and
 * its root, if any.
 */
export interface TlsIdentity {
  readonly certificate: string;
  readonly key: string;
}

/** Whether clients of a listener show a certificate. One that is shown must be valid in any case. */
export type ClientAuth = 'none' | 'optional' | 'required';

/** What a listener shows, and which client certificates it believes. */
export interface ServerTls {
  readonly identity: TlsIdentity;
  /** Roots of client certificates as PEM text; nothing where clients show none. */
  readonly clientCas: string;
}

/** Where a listener finds its TLS settings: they may change while it listens. */
export interface ServerTlsSource {
  readonly clientAuth: ClientAuth;
  /** What new connections get; those that are open keep what they have. */
  current(): ServerTls;
  /** `changed` runs after each change; call the result to hear no more. */
  onChange(changed: () => void): () => void;
}

/** How a client knows its server, and what it shows of itself. */
export interface ClientTls {
  /** Roots of server certificates, as PEM text. */
  readonly serverCas: string;
  /** The name that the server's certificate must have. */
  readonly serverName: string;
  readonly identity?: TlsIdentity;
}

/** Settings that never change. */
export function fixedTls(clientAuth: ClientAuth, current: ServerTls): ServerTlsSource {
  return { clientAuth, current: () => current, onChange: () => () => {} };
}
