import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';

/** Sends one request at a time: after a malformed one it is not known to which request an answer belongs. */
export class FrameSocket {
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  #waiting: ((answer: Buffer | null) => void) | undefined;
  isClosed = false;

  /**
   * `localAddress` is the source address on this machine, where all of 127.0.0.0/8 is usable. With `ca`, the
   * PEM text of a trusted CA, it speaks TLS to the server `localhost`.
   */
  constructor(port: number, localAddress?: string, ca?: string) {
    const from = localAddress === undefined ? {} : { localAddress };
    const address = { host: '127.0.0.1', port, noDelay: true, ...from };
    this.#socket =
      ca === undefined ? connect(address) : connectSecurely({ ...address, ca, servername: 'localhost' });
    this.#socket.on('data', (bytes) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      this.#deliver();
    });
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.isClosed = true;
      this.#answer(null);
    });
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
      const timer = setTimeout(() => resolve('late'), withinMs);
      this.#waiting = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      this.#socket.write(bytes);
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #deliver(): void {
    if (this.#bytes.length < 4) return;
    const end = 4 + this.#bytes.readInt32BE(0);
    if (this.#bytes.length < end) return;
    const answer = this.#bytes.subarray(4, end);
    this.#bytes = this.#bytes.subarray(end);
    this.#answer(answer);
  }

  #answer(answer: Buffer | null): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(answer);
  }
}
