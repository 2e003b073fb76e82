import type { Connection } from '../base/network.ts';

/**
 * When the client of one connection was last seen to send or to take bytes, and for how long it has not while
 * it should. Times are monotonic, in ms.
 */
export class ClientActivity {
  /** When the client was last seen to send or to take a byte. */
  lastActiveAt: number;
  /** When the frame began that came in part; null when none did. */
  partSince: number | null = null;
  readonly #connection: Connection;
  #receivedBytes = 0;
  /** The value of `#receivedBytes` when the connection was last looked at. */
  #receivedBytesSeen = 0;
  #silentLooks = 0;
  #sentBytes = 0;
  /** When the client was first seen not to take what waits for it. */
  #stalledSince: number | null = null;

  constructor(connection: Connection, now: number) {
    this.#connection = connection;
    this.lastActiveAt = now;
  }

  received(bytes: number, now: number): void {
    this.lastActiveAt = now;
    this.#receivedBytes += bytes;
  }

  /** To be called from time to time. For how many ms the client has taken nothing of what waits for it. */
  outputStalledMs(now: number): number {
    const { sentBytes, pendingBytes } = this.#connection;
    if (pendingBytes === 0) this.#stalledSince = null;
    else if (sentBytes !== this.#sentBytes || this.#stalledSince === null) {
      if (sentBytes !== this.#sentBytes) this.lastActiveAt = now;
      this.#stalledSince = now;
    }
    this.#sentBytes = sentBytes;
    return this.#stalledSince === null ? 0 : now - this.#stalledSince;
  }

  /**
   * To be called from time to time. How many times in a row the client had sent less than `leastBytes` of a
   * frame that it began and that is read (`isRead`). Looks are counted and not time: after the process stood
   * still, what was sent meanwhile is not read yet.
   */
  inputLooksSilent(leastBytes: number, isRead: boolean): number {
    const bytes = this.#receivedBytes - this.#receivedBytesSeen;
    this.#receivedBytesSeen = this.#receivedBytes;
    const isSilent = this.partSince !== null && isRead && bytes < leastBytes;
    this.#silentLooks = isSilent ? this.#silentLooks + 1 : 0;
    return this.#silentLooks;
  }
}
