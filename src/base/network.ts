import type { ClientTls, ServerTlsSource } from './tls.ts';

/**
 * Byte streams between processes. Every failure is a NetworkError; a closed connection ends with one
 * `onClose`.
 */
export interface Network {
  /**
   * Port 0 takes a free one. Rejects with EADDRINUSE, EADDRNOTAVAIL or EACCES; with ETLS when the TLS
   * settings cannot be used. A connection is given to `accept` before its TLS handshake, which begins with
   * its `start`.
   */
  listen(address: ListenAddress, accept: (connection: Connection) => void): Promise<Listener>;
  /**
   * Resolves when bytes may be sent, after the TLS handshake where there is one; `timeoutMs` is for all of
   * it.
   */
  connect(address: ConnectAddress): Promise<Connection>;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** Without it nothing is encrypted. */
  readonly tls?: ServerTlsSource;
  /**
   * Asked for each connection before it costs anything; one that is refused is closed, and `accept` is not
   * told.
   */
  readonly refuses?: (remoteHost: string) => boolean;
}

export interface ConnectAddress {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** Without it nothing is encrypted. */
  readonly tls?: ClientTls;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Stops accepting; connections that are open stay open. */
  close(): Promise<void>;
}

export interface Connection {
  readonly remoteHost: string;
  readonly remotePort: number;
  /**
   * The certificate (DER) that the peer showed and that was found valid; null while there is none, and before
   * the first byte was received.
   */
  readonly peerCertificate: Uint8Array | null;
  /**
   * Given once, before anything is read. `buffer` says where the next bytes go (never empty; asked at the
   * start and again right after each `received`, and its answer holds until then, also across a pause);
   * `received` is told how many arrived there.
   */
  start(handler: ConnectionHandler): void;
  /**
   * Queues bytes in order. The parts must stay unchanged until `written` runs, which it does once, also when
   * the connection closed before they were sent. Returns false when the peer is slow and the caller should
   * stop producing until `onDrain`.
   */
  write(parts: readonly Uint8Array[], written?: () => void): boolean;
  /** Bytes accepted by `write` and not yet by the kernel. */
  readonly pendingBytes: number;
  /** Bytes that the kernel took since the start: it grows while the peer takes any. */
  readonly sentBytes: number;
  /** Back-pressure: nothing is read while paused. */
  pause(): void;
  resume(): void;
  /**
   * Runs a step that costs time and that the peer asks for before it is known. Steps of all such peers share
   * a small part of each turn of the loop, in which their addresses take turns.
   */
  inTurn(step: () => void): void;
  /** Sends what is queued, then closes. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

export interface ConnectionHandler {
  buffer(): Uint8Array;
  received(bytes: number): void;
  onDrain?(): void;
  /** Exactly once, last; with the error that ended it, if one did. */
  onClose(error?: NetworkError): void;
}

export type NetworkErrorCode =
  | 'EADDRINUSE'
  | 'EADDRNOTAVAIL'
  | 'EACCES'
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'ETIMEDOUT'
  | 'ENOTFOUND'
  /**
   * The TLS handshake failed: no common version, or a certificate that is not valid, not trusted or has
   * another name.
   */
  | 'ETLS'
  | 'EOTHER';

export class NetworkError extends Error {
  readonly code: NetworkErrorCode;
  constructor(code: NetworkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
