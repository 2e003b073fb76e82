/** Whose requests are counted. */
export interface FrameOwner {
  /** Tries to begin a request or to read on. */
  woken(): void;
  /** Reads a few bytes though there is no room, which shows whether its client has sent any. */
  probe(): void;
}

/** Where a connection is in the frames that it reads. */
export interface FrameProgress {
  /** Bytes that came and are kept: of a frame that is not whole, or that was not accepted. */
  readonly keptBytes: number;
  /** The announced size of the frame that came in part; null when none did. */
  readonly announcedBytes: number | null;
}
