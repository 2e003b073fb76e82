/**
 * The bounds of a server; each is one of Kafka's broker configs or protects memory where Kafka relies on its
 * heap.
 */
export interface ServerLimits {
  /** socket.request.max.bytes: a larger frame closes the connection before anything is allocated for it. */
  readonly requestBytesMax: number;
  /** connections.max.idle.ms. */
  readonly idleMs: number;
  /** Requests of one connection that may be unanswered; the next one waits unread. */
  readonly inFlightMax: number;
  /** Bytes of requests of one connection that may be unanswered (one request is always allowed). */
  readonly inFlightBytesMax: number;
  /**
   * queued.max.request.bytes: what all connections of one kind together sent and what is not answered. Above
   * it no request is begun, and of the frames that came in part one is read on with at a time.
   */
  readonly inputBytesMax: number;
  /** Answers of all connections of one kind that the kernel has not taken; above it fetches wait. */
  readonly allOutputBytesMax: number;
  /** Answers of one connection that the kernel has not taken; above it no further request is begun. */
  readonly outputBytesMax: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  requestBytesMax: 104_857_600,
  idleMs: 600_000,
  // One read of small frames (64 KiB) holds some 400 of them; all of it should be served in one turn of the
  // loop.
  inFlightMax: 512,
  inFlightBytesMax: 32 * 1024 * 1024,
  // One request of the largest size, and what is under way beside it.
  inputBytesMax: 128 * 1024 * 1024,
  // Far more than fast readers need, and what a small machine can spare.
  allOutputBytesMax: 128 * 1024 * 1024,
  outputBytesMax: 4 * 1024 * 1024,
};
