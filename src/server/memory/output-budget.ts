/** An answer gets at most this part of what is free, so that few large ones never take it all. */
const SHARES = 8;
/** Whoever asks while there is any room gets at least this much. */
const LEAST_BYTES = 64 * 1024;

/**
 * Memory for the answers of all connections of one kind that the peers have not taken yet. It is asked for
 * before bytes are read from a disk; an answer that gets less has fewer records, and one that gets nothing
 * waits. One answer always fits: what was granted may be exceeded by a first batch that is larger.
 */
export class OutputBudget {
  readonly #limitBytes: number;
  readonly #waiting = new Set<() => void>();
  #heldBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get isFull(): boolean {
    return this.#heldBytes >= this.#limitBytes;
  }

  /** Whether answers wait for others to be taken. */
  get isAwaited(): boolean {
    return this.#waiting.size > 0;
  }

  /** Holds as much of `bytes` as there is room for and returns it; 0 when there is none. */
  grant(bytes: number): number {
    const freeBytes = this.#limitBytes - this.#heldBytes;
    if (freeBytes <= 0) return 0;
    const granted = Math.min(bytes, Math.max(LEAST_BYTES, Math.floor(freeBytes / SHARES)));
    this.#heldBytes += granted;
    return granted;
  }

  /** Holds more, or less when negative, whether or not there is room. */
  hold(bytes: number): void {
    this.#heldBytes += bytes;
    while (bytes < 0 && this.#waiting.size > 0 && !this.isFull) {
      const [next] = this.#waiting;
      if (!next) return;
      this.#waiting.delete(next);
      next();
    }
  }

  /** Runs once when there is room; call the result to stop waiting. */
  whenRoom(run: () => void): () => void {
    this.#waiting.add(run);
    return () => this.#waiting.delete(run);
  }
}
