import type {
  ConnectAddress,
  Connection,
  ConnectionHandler,
  ListenAddress,
  Listener,
  Network,
} from '../../src/base/network.ts';

/**
 * A network whose listeners can also be reached without a socket: for a small request, the way through the
 * kernel costs most.
 */
export class DirectNetwork implements Network {
  readonly #inner: Network;
  readonly #accept = new Map<number, (connection: Connection) => void>();

  constructor(inner: Network) {
    this.#inner = inner;
  }

  async listen(address: ListenAddress, accept: (connection: Connection) => void): Promise<Listener> {
    const listener = await this.#inner.listen(address, accept);
    this.#accept.set(listener.port, accept);
    return listener;
  }

  connect(address: ConnectAddress): Promise<Connection> {
    return this.#inner.connect(address);
  }

  /** Connects to the listener of this port, as a client at `host`. */
  open(port: number, host = '127.0.0.1'): DirectConnection {
    const connection = new DirectConnection(host);
    const accept = this.#accept.get(port);
    if (!accept) throw new Error(`nobody listens on ${port}`);
    accept(connection);
    return connection;
  }
}

/** Both ends of a connection, with the methods of `FrameSocket` for the client's end. */
export class DirectConnection implements Connection {
  readonly remoteHost: string;
  readonly remotePort = 1;
  readonly peerCertificate = null;
  readonly pendingBytes = 0;
  sentBytes = 0;
  isClosed = false;
  #handler: ConnectionHandler | null = null;
  #into: Uint8Array = Buffer.alloc(0);
  #isPaused = false;
  #isDelivering = false;
  #toServer: Buffer[] = [];
  #toClient = Buffer.alloc(0);
  #waiting: ((answer: Buffer | null) => void) | undefined;

  constructor(remoteHost: string) {
    this.remoteHost = remoteHost;
  }

  /** Neither the frame nor the answer includes the length; null if the connection was closed instead. */
  ask(frame: Buffer, withinMs: number): Promise<Buffer | null | 'late'> {
    const length = Buffer.alloc(4);
    length.writeInt32BE(frame.length);
    return this.send(Buffer.concat([length, frame]), withinMs);
  }

  /** The same for bytes that need not be a frame. */
  send(bytes: Buffer, withinMs: number): Promise<Buffer | null | 'late'> {
    if (this.isClosed) return Promise.resolve(null);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting = undefined;
        resolve('late');
      }, withinMs);
      this.#waiting = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      this.push(bytes);
    });
  }

  /** Sends bytes without waiting. */
  push(bytes: Buffer): void {
    this.#toServer.push(bytes);
    this.#deliver();
  }

  /** Whole answers that no call waited for, without their lengths. */
  takeAnswers(): Buffer[] {
    const answers: Buffer[] = [];
    for (let one = this.#nextAnswer(); one !== null; one = this.#nextAnswer()) answers.push(one);
    return answers;
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    this.#into = handler.buffer();
    queueMicrotask(() => this.#deliver());
  }

  write(parts: readonly Uint8Array[], written?: () => void): boolean {
    if (!this.isClosed) {
      this.#toClient = Buffer.concat([this.#toClient, ...parts]);
      for (const part of parts) this.sentBytes += part.length;
    }
    queueMicrotask(() => {
      written?.();
      this.#answer();
    });
    return true;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    queueMicrotask(() => this.#deliver());
  }

  inTurn(step: () => void): void {
    queueMicrotask(step);
  }

  end(): void {
    // Bytes that were written before are read before.
    queueMicrotask(() => queueMicrotask(() => this.destroy()));
  }

  destroy(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#toServer = [];
    queueMicrotask(() => {
      this.#handler?.onClose();
      const waiting = this.#waiting;
      this.#waiting = undefined;
      waiting?.(null);
    });
  }

  #deliver(): void {
    const handler = this.#handler;
    if (this.#isDelivering || handler === null) return;
    this.#isDelivering = true;
    for (;;) {
      const [bytes] = this.#toServer;
      if (!bytes || this.#isPaused || this.isClosed) break;
      const count = bytes.copy(this.#into, 0, 0, this.#into.length);
      if (count === bytes.length) this.#toServer.shift();
      else this.#toServer[0] = bytes.subarray(count);
      handler.received(count);
      if (!this.isClosed) this.#into = handler.buffer();
    }
    this.#isDelivering = false;
  }

  #answer(): void {
    if (!this.#waiting) return;
    const answer = this.#nextAnswer();
    if (answer === null) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting(answer);
  }

  #nextAnswer(): Buffer | null {
    if (this.#toClient.length < 4) return null;
    const end = 4 + this.#toClient.readInt32BE(0);
    if (this.#toClient.length < end) return null;
    const answer = this.#toClient.subarray(4, end);
    this.#toClient = this.#toClient.subarray(end);
    return answer;
  }
}
