import { Backoff } from '../../base/backoff.ts';
import { sleep } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';
import { ConnectionError, type ConnectionErrorCode } from '../../client/connection-error.ts';
import { PeerConnection } from '../../client/peers/peer-connection.ts';
import type { Peers } from '../../client/peers/peers.ts';
import type { Api } from '../../protocol/api.ts';
import type { Decoded, Encodable, Fields } from '../../protocol/field.ts';

/** controller.socket.timeout.ms */
const REQUEST_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 2_000;
/**
 * Between two attempts while the controller cannot be reached: short at first, because it may be starting.
 */
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 400;

/** The errors of a connection after which a request is repeated. */
const REPEATED: ReadonlySet<ConnectionErrorCode> = new Set([
  'CONNECT_FAILED',
  'CONNECT_LATE',
  'CLOSED',
  'TIMED_OUT',
]);

export interface ChannelOptions {
  readonly timeoutMs?: number;
}

/**
 * This broker's requests to the controller: one connection, made on demand and made again when it breaks. A
 * request whose connection breaks is repeated until its time is over; all that goes this way may be carried
 * out twice.
 */
export class ControllerChannel {
  readonly #world: World;
  readonly #controller: PeerConnection;
  #closed = false;

  constructor(
    peers: Peers,
    options: {
      readonly id: number;
      readonly host: string;
      readonly port: number;
      readonly clientId: string;
      /** Runs when a connection broke, whoever had something under way on it. */
      readonly onLost?: () => void;
    },
  ) {
    const { id, host, port, clientId, onLost } = options;
    this.#world = peers.world;
    this.#controller = new PeerConnection(peers, {
      node: id,
      address: () => ({ host, port }),
      clientId,
      timeoutMs: CONNECT_TIMEOUT_MS,
      ...(onLost ? { onLost } : {}),
    });
  }

  /**
   * Resolves with the controller's answer; rejects with the last ConnectionError when there is none in time.
   */
  async send<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    request: Encodable<Req>,
    options: ChannelOptions = {},
  ): Promise<Decoded<Res>> {
    const deadline = this.#world.clock.monotonic() + (options.timeoutMs ?? REQUEST_TIMEOUT_MS);
    const backoff = new Backoff({ firstMs: FIRST_RETRY_MS, lastMs: LAST_RETRY_MS });
    for (;;) {
      try {
        const connection = await this.#controller.open();
        // Connecting may have taken all of it; then nothing is sent.
        return await connection.send(api, request, { timeoutMs: deadline - this.#world.clock.monotonic() });
      } catch (error) {
        if (!(error instanceof ConnectionError) || this.#closed) throw error;
        const mayRepeat = REPEATED.has(error.code);
        const retryMs = backoff.failed();
        if (!mayRepeat || this.#world.clock.monotonic() + retryMs >= deadline) throw error;
        await sleep(this.#world.clock, retryMs);
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.#controller.close();
  }
}
