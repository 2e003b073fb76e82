import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import type { SecureContextOptions, Server, TLSSocket } from 'node:tls';
import type { Logger } from '../base/log.ts';
import { NetworkError } from '../base/network.ts';
import type { ServerTls, ServerTlsSource } from '../base/tls.ts';
import { isWholeHello } from './client-hello.ts';
import type { FairTurns } from './fair-turns.ts';
import { tlsError } from './network-error.ts';
import { tlsModule } from './tls-module.ts';

/** A peer that has not shaken hands by then holds a place that others need. */
const HANDSHAKE_MS = 10_000;

/**
 * A client proves who it is in every connection: nothing is resumed, since a ticket would outlive the
 * certificate that it was given for. And nobody makes us compute keys again and again in one connection.
 */
const SECURE_OPTIONS = constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION;

/** What the handshake of one connection came to. */
export type Handshake = { readonly secured: TLSSocket } | { readonly failed: NetworkError };

/** The server's side of the TLS handshakes of one listener. */
export class TlsHandshakes {
  readonly turns: FairTurns;
  readonly #server: Server;
  readonly #handshakeMs: number;
  readonly #forget: () => void;
  /** By the addresses and ports of both ends. */
  readonly #underWay = new Map<string, (handshake: Handshake) => void>();
  /** That of the socket whose close is being told. */
  #closing: ((handshake: Handshake) => void) | null = null;

  /**
   * Throws a NetworkError when the settings cannot be used. Later ones that cannot are logged, and the last
   * ones stay.
   */
  constructor(log: Logger, source: ServerTlsSource, turns: FairTurns, handshakeMs = HANDSHAKE_MS) {
    this.turns = turns;
    this.#handshakeMs = handshakeMs;
    const asks = source.clientAuth !== 'none';
    try {
      this.#server = tlsModule().createServer({
        ...secureContext(source.current()),
        requestCert: asks,
        // TLS itself refuses whoever shows none; what is shown is judged below in both cases.
        rejectUnauthorized: source.clientAuth === 'required',
      });
    } catch (cause) {
      throw unusable(cause);
    }
    this.#server.on('secureConnection', (socket) => {
      const isForeign = asks && !socket.authorized && socket.getPeerX509Certificate() !== undefined;
      this.#settle(socket, isForeign ? { failed: invalid(socket.authorizationError) } : { secured: socket });
    });
    this.#server.on('tlsClientError', (error, socket) => {
      const reason = socket.authorizationError;
      const failed = reason ? invalid(reason) : tlsError('TLS handshake', error);
      (this.#underWay.get(endsOf(socket)) ?? this.#closing)?.({ failed });
    });
    this.#forget = source.onChange(() => {
      try {
        this.#server.setSecureContext(secureContext(source.current()));
      } catch (cause) {
        log.error('new TLS settings cannot be used, and the last ones stay', { error: unusable(cause) });
      }
    });
  }

  /**
   * Nothing was read from the socket yet. `settled` is told once, also when the socket closes; who fails is
   * closed by the caller.
   */
  begin(socket: Socket, settled: (handshake: Handshake) => void): void {
    const ends = endsOf(socket);
    const end = (handshake: Handshake): void => {
      if (this.#underWay.get(ends) !== end) return;
      this.#underWay.delete(ends);
      clearTimeout(timer);
      settled(handshake);
    };
    const fail = (code: 'ETIMEDOUT' | 'ETLS', message: string) =>
      end({ failed: new NetworkError(code, message) });
    const address = socket.remoteAddress ?? '';
    // Thousands that came together are late together, and to close one costs as much as a part of a
    // handshake.
    const timer = setTimeout(
      () => this.turns.add(address, () => fail('ETIMEDOUT', `no TLS handshake in ${this.#handshakeMs} ms`)),
      this.#handshakeMs,
    );
    timer.unref();
    this.#underWay.set(ends, end);
    socket.once('close', () => {
      // A client whose certificate is refused is closed by Node, which tells why among those who hear of it
      // after us, and has forgotten the addresses by then.
      this.#closing = end;
      queueMicrotask(() => {
        this.#closing = null;
      });
      setImmediate(() => fail('ETLS', 'the connection was closed before the end of the TLS handshake'));
    });
    whenHelloIsWhole(socket, () =>
      this.turns.add(address, () => {
        // The way that Node documents to secure sockets which another server accepted; it begins with what
        // was read already.
        if (this.#underWay.get(ends) === end && !socket.destroyed) this.#server.emit('connection', socket);
      }),
    );
  }

  /** No more settings are listened to. */
  close(): void {
    this.#forget();
  }

  #settle(socket: TLSSocket, handshake: Handshake): void {
    this.#underWay.get(endsOf(socket))?.(handshake);
  }
}

/**
 * Reads a socket until the client's first message is there, and puts back what was read. Until then a client
 * costs its place, and what has to be computed for it is computed when somebody calls for it: not when its
 * last byte comes.
 */
function whenHelloIsWhole(socket: Socket, then: () => void): void {
  let bytes = Buffer.alloc(0);
  const read = (): void => {
    for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read())
      bytes = Buffer.concat([bytes, chunk]);
    if (!isWholeHello(bytes)) return;
    socket.off('readable', read);
    socket.unshift(bytes);
    then();
  };
  socket.on('readable', read);
}

function secureContext({ identity, clientCas }: ServerTls): SecureContextOptions {
  return {
    cert: identity.certificate,
    key: identity.key,
    // Without roots of its own Node would believe those of the web.
    ca: clientCas === '' ? [] : clientCas,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    honorCipherOrder: true,
    secureOptions: SECURE_OPTIONS,
  };
}

/**
 * Tells connections apart. The peer's address and port are not enough: from one port a peer may connect to
 * each address of a listener that has several.
 */
function endsOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}

function invalid(reason: unknown): NetworkError {
  return new NetworkError('ETLS', `the client's certificate is not valid: ${String(reason)}`);
}

function unusable(cause: unknown): NetworkError {
  return new NetworkError('ETLS', 'the certificate, its key or the client CAs cannot be used', { cause });
}
