import type { Timer } from '../base/clock.ts';
import { type Connection, NetworkError } from '../base/network.ts';
import type { ClientTls } from '../base/tls.ts';
import type { World } from '../base/world.ts';
import type { AnyApi, Api } from '../protocol/api.ts';
import { errorCode } from '../protocol/errors.ts';
import type { Decoded, Encodable, Fields } from '../protocol/field.ts';
import { FRAME_LENGTH_BYTES } from '../protocol/frame.ts';
import { decodeResponseHeader, encodeRequestHeader } from '../protocol/headers.ts';
import { apiVersions } from '../protocol/messages/18-api-versions.ts';
import { ProtocolError, Reader } from '../protocol/reader.ts';
import { Writer } from '../protocol/writer.ts';
import { ServedVersions } from './api-versions.ts';
import { ConnectionError } from './connection-error.ts';
import { ResponseReader } from './response-reader.ts';

/** Kafka's request.timeout.ms. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Twice Kafka's fetch.max.bytes, which one batch may exceed. */
const RESPONSE_BYTES_MAX = 110 * 1024 * 1024;
/** Unanswered requests on the wire; the others wait here, so that a slow server is not drowned. */
const IN_FLIGHT_MAX = 100;
/** Requests that wait; more means that their senders do not wait for answers. */
const WAITING_MAX = 10_000;
/** The newest version whose request has nothing that a server of another cluster could refuse. */
const API_VERSIONS_VERSION = 4;
/** The error UNSUPPORTED_VERSION of ApiVersions comes in version 0, whatever was asked (KIP-511). */
const UNSUPPORTED_VERSION = errorCode('UNSUPPORTED_VERSION');

export interface ConnectOptions {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  /** For connecting, learning the versions and signing in together. */
  readonly timeoutMs: number;
  readonly inFlightMax?: number;
  readonly responseBytesMax?: number;
  /** Without it nothing is encrypted. */
  readonly tls?: ClientTls;
  /**
   * Signs in with requests of its own (SASL) before anybody else may send; throws to refuse the connection.
   */
  readonly authenticate?: (connection: KafkaConnection) => Promise<void>;
}

export interface SendOptions {
  /** This version and no other; by default the newest that both sides speak. */
  readonly version?: number;
  readonly timeoutMs?: number;
}

interface Pending {
  readonly apiName: string;
  readonly parts: readonly Uint8Array[];
  readonly timeoutMs: number;
  timer: Timer;
  /** Throws ProtocolError. After `failed` it only takes the answer off the wire. */
  readonly answered: (reader: Reader) => void;
  readonly failed: (error: ConnectionError) => void;
}

/**
 * One connection to a broker or controller: requests go out in order without waiting for answers, answers
 * come in that order and are told apart by correlation id. A request that is not answered in time fails
 * alone, and its answer is dropped when it comes; a server that sends nothing at all for that time is gone.
 * Everything else that goes wrong ends the connection for all requests; whoever uses it makes another.
 */
export class KafkaConnection {
  readonly remote: string;
  readonly #world: World;
  readonly #connection: Connection;
  readonly #options: ConnectOptions;
  readonly #reader: ResponseReader;
  readonly #inFlight: Pending[] = [];
  readonly #waiting: Pending[] = [];
  readonly #closeListeners: ((error: ConnectionError) => void)[] = [];
  #served: ServedVersions | null = null;
  #nextCorrelationId = 0;
  /** Monotonic time of the last byte from the server. */
  #lastReceivedAt: number;
  /** The connection asked to wait for `onDrain`. */
  #peerIsSlow = false;
  #closed: ConnectionError | null = null;

  /** Resolves when requests may be sent. Rejects with a ConnectionError, never with another. */
  static async connect(world: World, options: ConnectOptions): Promise<KafkaConnection> {
    const deadline = world.clock.monotonic() + options.timeoutMs;
    const { host, port, timeoutMs, tls } = options;
    const remote = `${host}:${port}`;
    let made: Connection;
    try {
      made = await world.network.connect({ host, port, timeoutMs, ...(tls ? { tls } : {}) });
    } catch (cause) {
      if (!(cause instanceof NetworkError)) throw cause;
      throw new ConnectionError('CONNECT_FAILED', `cannot connect to ${remote}: ${cause.code}`, { cause });
    }
    const connection = new KafkaConnection(world, made, options);
    const late = new ConnectionError(
      'CONNECT_LATE',
      `${remote} did not answer within ${Math.round(timeoutMs)} ms`,
    );
    const timer = world.clock.after(deadline - world.clock.monotonic(), () => connection.#fail(late));
    try {
      await connection.#learnVersions();
      await options.authenticate?.(connection);
    } catch (cause) {
      const code =
        cause instanceof ConnectionError && cause.code === 'PROTOCOL' ? 'PROTOCOL' : 'CONNECT_FAILED';
      const error =
        cause === late ? late : new ConnectionError(code, `${remote} did not let us in`, { cause });
      connection.#fail(error);
      throw error;
    } finally {
      timer.cancel();
    }
    return connection;
  }

  private constructor(world: World, connection: Connection, options: ConnectOptions) {
    this.remote = `${options.host}:${options.port}`;
    this.#world = world;
    this.#connection = connection;
    this.#options = options;
    this.#lastReceivedAt = world.clock.monotonic();
    this.#reader = new ResponseReader(options.responseBytesMax ?? RESPONSE_BYTES_MAX, (response) =>
      this.#receivedResponse(response),
    );
    connection.start({
      buffer: () => this.#reader.buffer(),
      received: (bytes) => {
        this.#lastReceivedAt = this.#world.clock.monotonic();
        this.#guarded(() => this.#reader.received(bytes));
      },
      onDrain: () => {
        this.#peerIsSlow = false;
        this.#sendWaiting();
      },
      onClose: (cause) =>
        this.#fail(new ConnectionError('CLOSED', `${this.remote} closed the connection`, { cause })),
    });
  }

  get closed(): boolean {
    return this.#closed !== null;
  }

  /** Runs once when the connection has ended, for whatever reason; soon, when it has already. */
  onClose(listener: (error: ConnectionError) => void): void {
    const ended = this.#closed;
    if (ended) this.#world.clock.soon(() => listener(ended));
    else this.#closeListeners.push(listener);
  }

  /** The version that `send` would use; null when the two sides have none in common. */
  versionOf(api: AnyApi, atMost?: number): number | null {
    return this.#served?.newest(api, atMost) ?? null;
  }

  /**
   * Sends a request and resolves with its answer; rejects with a ConnectionError. Large `records` in the
   * request must stay unchanged until then. Not for requests that are never answered (Produce with acks=0). A
   * time-out of 0 or less is over already: nothing is sent.
   */
  async send<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    request: Encodable<Req>,
    options: SendOptions = {},
  ): Promise<Decoded<Res>> {
    if (this.#closed) throw this.#closed;
    const { version } = options;
    if (version !== undefined && this.#served?.serves(api, version) === false) {
      throw new ConnectionError(
        'UNSUPPORTED_VERSION',
        `${this.remote} does not serve ${api.name} v${version}`,
      );
    }
    const chosen = version ?? this.versionOf(api);
    if (chosen === null) {
      throw new ConnectionError(
        'UNSUPPORTED_VERSION',
        `${this.remote} serves no version of ${api.name} that we speak`,
      );
    }
    const timeoutMs = options.timeoutMs ?? REQUEST_TIMEOUT_MS;
    if (timeoutMs <= 0) throw new ConnectionError('TIMED_OUT', `${api.name} was not sent: its time is over`);
    return this.#exchange(api, request, {
      version: chosen,
      timeoutMs,
      decode: (reader) => api.response(chosen).decode(reader),
    });
  }

  /**
   * For answers that are done with: gives back the memory that these bytes of one lie in, to be read into
   * again. Nothing of that answer may be used after this.
   */
  reuse(records: Uint8Array): void {
    this.#reader.reuse(records);
  }

  /** Ends the connection at once; what is unanswered fails with CLOSED. */
  close(): void {
    this.#fail(new ConnectionError('CLOSED', `the connection to ${this.remote} was closed on this side`));
  }

  async #learnVersions(): Promise<void> {
    const request = { clientSoftwareName: 'millrace', clientSoftwareVersion: '0' };
    const ask = (version: number) =>
      this.#exchange(apiVersions, request, {
        version,
        timeoutMs: this.#options.timeoutMs,
        decode: (reader) => apiVersions.response(isRefusal(reader) ? 0 : version).decode(reader),
      });
    const first = await ask(API_VERSIONS_VERSION);
    const answer = first.errorCode === UNSUPPORTED_VERSION ? await ask(0) : first;
    if (answer.errorCode !== 0) {
      throw new ConnectionError(
        'PROTOCOL',
        `${this.remote} answered ApiVersions with error ${answer.errorCode}`,
      );
    }
    this.#served = new ServedVersions(answer);
  }

  #exchange<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    request: Encodable<Req>,
    how: { version: number; timeoutMs: number; decode: (reader: Reader) => Decoded<Res> },
  ): Promise<Decoded<Res>> {
    if (this.#waiting.length >= WAITING_MAX) {
      const message = `${WAITING_MAX} requests wait for ${this.remote}`;
      throw new ConnectionError('TOO_MANY_REQUESTS', message);
    }
    const correlationId = this.#nextCorrelationId;
    this.#nextCorrelationId = (correlationId + 1) & 0x7fff_ffff;

    const writer = new Writer(512, FRAME_LENGTH_BYTES);
    encodeRequestHeader(writer, api, how.version, correlationId, this.#options.clientId);
    api.request(how.version).encode(writer, request);
    writer.setLength();

    return new Promise((resolve, reject) => {
      const sentAt = this.#world.clock.monotonic();
      const pending: Pending = {
        apiName: api.name,
        parts: writer.parts(),
        timeoutMs: how.timeoutMs,
        timer: this.#world.clock.after(how.timeoutMs, () => this.#late(pending, sentAt)),
        answered: (reader) => {
          const header = decodeResponseHeader(reader, api, how.version);
          if (header.correlationId !== correlationId) {
            throw new ProtocolError(`answer ${header.correlationId} where ${correlationId} is next`);
          }
          resolve(how.decode(reader));
        },
        failed: reject,
      };
      this.#waiting.push(pending);
      this.#sendWaiting();
    });
  }

  /**
   * Its time is over. It keeps its place among the answers, and is watched until something comes or the
   * server is gone.
   */
  #late(pending: Pending, since: number): void {
    const { timeoutMs } = pending;
    const error = new ConnectionError(
      'TIMED_OUT',
      `${this.remote} did not answer ${pending.apiName} within ${Math.round(timeoutMs)} ms`,
    );
    const unsent = this.#waiting.indexOf(pending);
    if (unsent >= 0) {
      this.#waiting.splice(unsent, 1);
      pending.failed(error);
      return;
    }
    const quietMs = this.#world.clock.monotonic() - Math.max(since, this.#lastReceivedAt);
    // Clocks may fire a fraction early.
    if (quietMs + 1 >= timeoutMs) {
      this.#fail(error);
      return;
    }
    pending.failed(error);
    pending.timer = this.#world.clock.after(timeoutMs - quietMs, () => this.#late(pending, since));
  }

  #sendWaiting(): void {
    const inFlightMax = this.#options.inFlightMax ?? IN_FLIGHT_MAX;
    while (!this.#closed && !this.#peerIsSlow && this.#inFlight.length < inFlightMax) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#inFlight.push(next);
      this.#peerIsSlow = !this.#connection.write(next.parts);
    }
  }

  #receivedResponse(response: Buffer): void {
    const answered = this.#inFlight[0];
    if (!answered) throw new ProtocolError('an answer to no request');
    answered.answered(new Reader(response));
    this.#inFlight.shift();
    answered.timer.cancel();
    this.#sendWaiting();
  }

  #guarded(receive: () => void): void {
    try {
      receive();
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause;
      const api = this.#inFlight[0]?.apiName ?? 'nothing';
      const message = `${this.remote} sent what is no answer to ${api}: ${cause.message}`;
      this.#fail(new ConnectionError('PROTOCOL', message, { cause }));
    }
  }

  #fail(error: ConnectionError): void {
    if (this.#closed) return;
    this.#closed = error;
    this.#reader.stop();
    this.#connection.destroy();
    for (const pending of [...this.#inFlight.splice(0), ...this.#waiting.splice(0)]) {
      pending.timer.cancel();
      pending.failed(error);
    }
    for (const listener of this.#closeListeners.splice(0)) listener(error);
  }
}

/** Whether an answer to ApiVersions, read up to its body, says that its version is not known. */
function isRefusal(reader: Reader): boolean {
  const start = reader.pos;
  const error = reader.int16();
  reader.pos = start;
  return error === UNSUPPORTED_VERSION;
}
