import type { Timer } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';
import { readVolumeBytes } from './volume-file.ts';

/** How often the disk is measured; what clients append in between is counted. */
const LOOK_MS = 1_000;
/** How often retention is asked for room while the volume is full, instead of at its own interval. */
const MAKE_ROOM_MS = 10_000;
/** Percent that are in use, each said once when it is reached. */
const LEVELS: readonly number[] = [75, 90];
/** A level is left only so far below it. */
const SLACK_PERCENT = 2;
/**
 * Of the disk, what clients may not take: offsets, transactions, elections and checkpoints are written on, so
 * that consumers go on and no broker has to end.
 */
const RESERVE_PERCENT = 2;
const RESERVE_BYTES_MAX = 256 * 1024 * 1024;
const MEBIBYTE = 1024 * 1024;
/** With less a broker cannot write what it needs itself. */
const AT_END_BYTES = MEBIBYTE;

export interface VolumeSpace {
  readonly totalBytes: number;
  readonly usableBytes: number;
}

export interface VolumeOptions {
  readonly brokerId: number;
  readonly folder: string;
  /** The bytes of all logs of the broker. */
  readonly usedBytes: () => number;
  /** Deletes now what retention allows to delete. */
  readonly makeRoom: () => Promise<void>;
}

/**
 * What one broker may store: as much as its volume has, or as the disk gives, whichever is less. When that is
 * used up, records of clients are refused and everything else goes on: reads, replication, offsets,
 * transactions. What other brokers lead is copied beyond the size of the volume, since a follower that
 * refused would fall out of sync.
 */
export class Volume {
  readonly #world: World;
  readonly #options: VolumeOptions;
  #timer: Timer | null = null;
  #space: VolumeSpace | null = null;
  /** What clients may append until the next look. */
  #usable = Number.POSITIVE_INFINITY;
  #refusal: string | null = null;
  #level = 0;
  #roomMadeAt = Number.NEGATIVE_INFINITY;

  constructor(world: World, options: VolumeOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Of the volume as it was seen last; of the disk where there is none. */
  get space(): VolumeSpace {
    if (this.#space) return this.#space;
    const { totalBytes, freeBytes } = this.#world.disk.space(this.#options.folder);
    return { totalBytes, usableBytes: freeBytes };
  }

  /** Counts what a client appends. Why it must not, in a sentence; null when it may. */
  take(bytes: number): string | null {
    if (bytes <= this.#usable) {
      this.#usable -= bytes;
      return null;
    }
    return this.#refusal ?? `The volume of broker ${this.#options.brokerId} has no room for so much.`;
  }

  /** Throws when its file holds no size. */
  start(): void {
    if (readVolumeBytes(this.#world, this.#options.folder) === null) return;
    this.#look();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #look(): void {
    this.#timer = this.#world.clock.after(LOOK_MS, () => this.#look());
    const { folder, brokerId, usedBytes } = this.#options;
    const { disk, log } = this.#world;
    let size: number | null;
    let free: number;
    let total: number;
    try {
      size = readVolumeBytes(this.#world, folder);
      ({ freeBytes: free, totalBytes: total } = disk.space(folder));
    } catch (error) {
      // The last measurement stays in force.
      log.warn('the volume of this broker cannot be measured', { folder, error });
      return;
    }
    if (size === null) return;
    const used = usedBytes();
    const reserve = Math.min(RESERVE_BYTES_MAX, (total * RESERVE_PERCENT) / 100);
    const ofDisk = Math.max(0, Math.floor(free - reserve));
    // A disk that others filled to its end is found by the next write, and the broker makes way for those
    // that have room.
    const isAtEnd = free < AT_END_BYTES;
    const usable = isAtEnd ? Math.max(0, size - used) : Math.max(0, Math.min(size - used, ofDisk));
    this.#space = { totalBytes: Math.min(size, used + ofDisk), usableBytes: usable };
    this.#usable = usable;
    const reason =
      size - used <= ofDisk
        ? `The volume of broker ${brokerId} is full: ${mebibytes(used)} of ${mebibytes(size)} MiB are used.`
        : `The disk of broker ${brokerId} is full: ${mebibytes(free)} MiB are left for all that uses it.`;
    this.#refusal = `${reason} Reads go on; delete records or topics, shorten retention, or make the volume or the disk larger.`;
    this.#tell((100 * used) / Math.max(1, used + usable));
    if (usable === 0) this.#makeRoom();
  }

  /** Once when a level is reached or left. */
  #tell(usedPercent: number): void {
    const before = this.#level;
    const isFull = this.#usable === 0;
    const reached = LEVELS.filter((level) => usedPercent >= level - (before >= level ? SLACK_PERCENT : 0));
    this.#level = isFull ? 100 : (reached.at(-1) ?? 0);
    if (this.#level === before) return;
    const { log } = this.#world;
    const use = { usedPercent: Math.round(usedPercent * 10) / 10, ...this.#space };
    if (isFull) log.error(`records of clients are refused: ${this.#refusal}`, use);
    else if (this.#level > 0) log.warn(`the volume of this broker is more than ${this.#level} % full`, use);
    else log.info('the volume of this broker has room again', use);
  }

  #makeRoom(): void {
    const now = this.#world.clock.monotonic();
    if (now - this.#roomMadeAt < MAKE_ROOM_MS) return;
    this.#roomMadeAt = now;
    this.#options.makeRoom().catch((error: unknown) => {
      this.#world.log.error('retention could not make room on a full volume', { error });
    });
  }
}

function mebibytes(bytes: number): string {
  return (bytes / MEBIBYTE).toFixed(1);
}
