import { sleep } from '../base/clock.ts';
import type { World } from '../base/world.ts';
import { KafkaConnection } from '../client/connection.ts';
import { ConnectionError } from '../client/connection-error.ts';
import type { Api } from '../protocol/api.ts';
import type { Decoded, Encodable, Fields } from '../protocol/field.ts';

/** controller.socket.timeout.ms */
const REQUEST_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** Between two attempts while the controller cannot be reached: short, because it is on this machine or starting. */
const RETRY_MS = 50;

export interface ChannelOptions {
  readonly timeoutMs?: number;
}

/**
 * This broker's requests to the controller: one connection, made on demand and made again when it breaks. A request
 * whose connection breaks is repeated until its time is over; all that goes this way may be carried out twice.
 */
export class ControllerChannel {
  readonly #world: World;
  readonly #address: { readonly host: string; readonly port: number };
  readonly #clientId: string;
  readonly #onLost: () => void;
  #connection: Promise<KafkaConnection> | undefined;
  #closed = false;

  constructor(
    world: World,
    options: {
      readonly host: string;
      readonly port: number;
      readonly clientId: string;
      /** Runs when a connection broke, whoever had something under way on it. */
      readonly onLost: () => void;
    },
  ) {
    this.#world = world;
    this.#address = { host: options.host, port: options.port };
    this.#clientId = options.clientId;
    this.#onLost = options.onLost;
  }

  /** Resolves with the controller's answer; rejects with the last ConnectionError when there is none in time. */
  async send<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    request: Encodable<Req>,
    options: ChannelOptions = {},
  ): Promise<Decoded<Res>> {
    const deadline = this.#world.clock.monotonic() + (options.timeoutMs ?? REQUEST_TIMEOUT_MS);
    for (;;) {
      try {
        const connection = await this.#connected();
        const timeoutMs = Math.max(1, deadline - this.#world.clock.monotonic());
        return await connection.send(api, request, { timeoutMs });
      } catch (error) {
        if (!(error instanceof ConnectionError) || this.#closed) throw error;
        const mayRepeat =
          error.code === 'CONNECT_FAILED' || error.code === 'CLOSED' || error.code === 'TIMED_OUT';
        if (!mayRepeat || this.#world.clock.monotonic() + RETRY_MS >= deadline) throw error;
        await sleep(this.#world.clock, RETRY_MS);
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.#connection?.then(
      (connection) => connection.close(),
      // It never came to be.
      () => undefined,
    );
  }

  #connected(): Promise<KafkaConnection> {
    if (this.#closed) throw new ConnectionError('CLOSED', 'the channel to the controller is closed');
    this.#connection ??= this.#connect();
    return this.#connection;
  }

  async #connect(): Promise<KafkaConnection> {
    try {
      const connection = await KafkaConnection.connect(this.#world, {
        ...this.#address,
        clientId: this.#clientId,
        timeoutMs: CONNECT_TIMEOUT_MS,
      });
      connection.onClose(() => {
        this.#connection = undefined;
        if (!this.#closed) this.#onLost();
      });
      return connection;
    } catch (error) {
      this.#connection = undefined;
      throw error;
    }
  }
}
