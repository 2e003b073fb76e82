/**
 * The newest bytes of all of a broker's logs, for their readers and for the write that is due. Arenas of a
 * few megabytes are filled one after the other and used again, the oldest first: a fresh large buffer costs
 * more than the copy into a warm one. Logs take blocks of an arena, small at first, so that thousands of
 * quiet logs cost next to nothing; when an arena is used again, the logs that had blocks in it read from the
 * file instead.
 */

/** Four batches of the default `max.message.bytes` and some small ones. */
const ARENA_BYTES = 4 * 1024 * 1024 + 64 * 1024;
/** Arenas of a small tail: some blocks of several logs. */
const SMALLEST_ARENA_BYTES = 32 * 1024;
/** What a broker keeps of its newest bytes unless told otherwise. */
export const DEFAULT_TAIL_BYTES = 8 * ARENA_BYTES;
/**
 * Up to this size a read is copied out: an answer that waits for a slow client then holds on to itself only.
 */
export const COPY_BELOW_BYTES = 16 * 1024;

export class Arena {
  buffer: Buffer;
  /** False when it was given to other data: whatever was in it is to be read elsewhere. */
  live = true;
  /** Batches in it that are not written yet; such an arena is not used again. */
  unwritten = 0;
  /** Answers that have slices of it. */
  readers = 0;
  used = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }
}

export interface Block {
  readonly arena: Arena;
  readonly start: number;
  readonly end: number;
}

export class TailMemory {
  readonly arenaBytes: number;
  readonly #limitArenas: number;
  /** Oldest first; the last one is being filled. */
  readonly #arenas: Arena[] = [];
  readonly #free: Buffer[] = [];
  /** Evicted while an answer still had slices of them. */
  #orphans = 0;

  /** A limit of less than two arenas is two smaller ones. */
  constructor(limitBytes = DEFAULT_TAIL_BYTES, arenaBytes = arenaBytesFor(limitBytes)) {
    this.arenaBytes = arenaBytes;
    this.#limitArenas = Math.max(2, Math.floor(limitBytes / arenaBytes));
  }

  get bytes(): number {
    return (this.#arenas.length + this.#orphans + this.#free.length) * this.arenaBytes;
  }

  /** Room for `bytes`, at most an arena's. When every arena waits to be written, one more is made. */
  take(bytes: number): Block {
    let arena = this.#arenas.at(-1);
    if (!arena || arena.used + bytes > this.arenaBytes) {
      arena = this.#next();
      this.#arenas.push(arena);
    }
    const start = arena.used;
    arena.used += bytes;
    return { arena, start, end: arena.used };
  }

  /**
   * Slices of the arena are handed out; call the result once when they are no longer used. Null: copy
   * instead.
   */
  pin(arena: Arena): (() => void) | null {
    // As many again may hang on slow clients; beyond that they must not grow with the number of clients.
    if (this.#orphans >= this.#limitArenas) return null;
    arena.readers++;
    return () => {
      arena.readers--;
      if (arena.readers > 0 || arena.live) return;
      this.#orphans--;
      this.#recycle(arena);
    };
  }

  #next(): Arena {
    if (this.#arenas.length >= this.#limitArenas) this.#evictOldest();
    return new Arena(this.#free.pop() ?? Buffer.allocUnsafeSlow(this.arenaBytes));
  }

  #evictOldest(): void {
    const index = this.#arenas.findIndex((arena) => arena.unwritten === 0);
    const [arena] = index < 0 ? [] : this.#arenas.splice(index, 1);
    if (!arena) return;
    arena.live = false;
    if (arena.readers === 0) this.#recycle(arena);
    else this.#orphans++;
  }

  #recycle(arena: Arena): void {
    if (this.#free.length === 0) this.#free.push(arena.buffer);
    arena.buffer = NOTHING;
  }
}

function arenaBytesFor(limitBytes: number): number {
  return Math.min(ARENA_BYTES, Math.max(SMALLEST_ARENA_BYTES, Math.floor(limitBytes / 2)));
}

const NOTHING = Buffer.alloc(0);
