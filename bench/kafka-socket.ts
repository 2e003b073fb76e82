import { connect, type Socket } from 'node:net';
import { type SecureContext, connect as tlsConnect } from 'node:tls';
import type { Api } from '../src/protocol/api.ts';
import type { Decoded, Encodable, Fields } from '../src/protocol/field.ts';
import { decodeResponseHeader, encodeRequestHeader } from '../src/protocol/headers.ts';
import { Reader } from '../src/protocol/reader.ts';
import { Writer } from '../src/protocol/writer.ts';

/** The bytes of a request, encoded once and sent many times. */
export function encodeFrame<Req extends Fields, Res extends Fields>(
  api: Api<Req, Res>,
  version: number,
  request: Encodable<Req>,
): Buffer {
  const writer = new Writer();
  encodeRequestHeader(writer, api, version, 1, 'bench');
  api.request(version).encode(writer, request);
  const body = writer.done();
  const frame = Buffer.alloc(4 + body.length);
  frame.writeInt32BE(body.length);
  body.copy(frame, 4);
  return frame;
}

/**
 * The least client that can load a broker fully: sends frames and reads the lengths of answers; it decodes
 * only when asked.
 */
export class KafkaSocket {
  readonly #socket: Socket;
  readonly #waiting: ((answer: Buffer | null) => void)[] = [];
  #chunks: Buffer[] = [];
  #buffered = 0;
  bytesReceived = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#received(chunk));
    // The close that follows ends what waits.
    socket.on('error', () => {});
    socket.on('close', () => {
      for (const resolve of this.#waiting.splice(0)) resolve(null);
    });
  }

  /**
   * With a `secureContext`, connects over TLS and resolves after the handshake. The server's name is
   * `localhost`, whatever its address.
   */
  static connect(bootstrap: string, secureContext?: SecureContext): Promise<KafkaSocket> {
    const [host = '', port] = bootstrap.split(':');
    const to = { host, port: Number(port) };
    return new Promise((resolve, reject) => {
      const socket = secureContext
        ? tlsConnect({ ...to, secureContext, servername: 'localhost' })
        : connect(to);
      socket.once(secureContext ? 'secureConnect' : 'connect', () => resolve(new KafkaSocket(socket)));
      socket.once('error', reject);
    });
  }

  /** Sends a frame; resolves with its whole answer, or with null if the connection ended. */
  send(frame: Buffer): Promise<Buffer | null> {
    if (this.#socket.destroyed) return Promise.resolve(null);
    this.#socket.write(frame);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  async call<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    version: number,
    request: Encodable<Req>,
  ): Promise<Decoded<Res>> {
    const answer = await this.send(encodeFrame(api, version, request));
    if (!answer) throw new Error('the connection ended');
    const reader = new Reader(answer);
    decodeResponseHeader(reader, api, version);
    return api.response(version).decode(reader) as Decoded<Res>;
  }

  close(): void {
    this.#socket.destroy();
  }

  #received(chunk: Buffer): void {
    this.bytesReceived += chunk.length;
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    while (this.#buffered >= 4) {
      const length = this.#length();
      if (this.#buffered < 4 + length) return;
      const all = this.#chunks.length === 1 ? (this.#chunks[0] ?? chunk) : Buffer.concat(this.#chunks);
      this.#chunks = [all.subarray(4 + length)];
      this.#buffered -= 4 + length;
      this.#waiting.shift()?.(all.subarray(4, 4 + length));
    }
  }

  #length(): number {
    const first = this.#chunks[0];
    if (first && first.length >= 4) return first.readInt32BE(0);
    this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]?.readInt32BE(0) ?? 0;
  }
}
