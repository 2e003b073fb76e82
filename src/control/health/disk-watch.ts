import type { Timer } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';

/** Percent of the file system that are in use. */
const LEVELS = [75, 90] as const;
/** A level is left only so far below it, so that nothing is said again and again at the border. */
const SLACK_PERCENT = 2;
/** How often it is looked at. */
const LOOK_MS = 10_000;

export interface DiskUsage {
  readonly usedPercent: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** The highest level that was reached: 75 or 90, or null below them. */
  readonly level: (typeof LEVELS)[number] | null;
}

/** How full the file system of the data folder is. When nothing is left brokers end, so it is said before. */
export class DiskWatch {
  readonly #world: Pick<World, 'clock' | 'disk' | 'log'>;
  readonly #folder: string;
  readonly #listeners: ((usage: DiskUsage) => void)[] = [];
  #usage: DiskUsage | null = null;
  #timer: Timer | null = null;

  constructor(world: Pick<World, 'clock' | 'disk' | 'log'>, folder: string) {
    this.#world = world;
    this.#folder = folder;
  }

  /** Null when the file system cannot be asked. */
  get usage(): DiskUsage | null {
    return this.#usage;
  }

  /** Told when a level is reached or left. */
  onLevel(listener: (usage: DiskUsage) => void): void {
    this.#listeners.push(listener);
  }

  start(): void {
    this.#look();
    this.#timer = this.#world.clock.after(LOOK_MS, () => this.start());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    const before = this.#usage?.level ?? null;
    try {
      this.#usage = this.#measure(before);
    } catch (error) {
      if (this.#usage) this.#world.log.warn('The disk of the data folder does not tell its use', { error });
      this.#usage = null;
      return;
    }
    if (this.#usage.level === before) return;
    const { level, ...use } = this.#usage;
    if (level === null) this.#world.log.info('The disk of the data folder has room again', use);
    else this.#world.log.warn(`The disk of the data folder is more than ${level} % full`, use);
    for (const listener of this.#listeners) listener(this.#usage);
  }

  #measure(before: DiskUsage['level']): DiskUsage {
    const { freeBytes, totalBytes } = this.#world.disk.space(this.#folder);
    const usedPercent = totalBytes === 0 ? 0 : Math.round(1000 * (1 - freeBytes / totalBytes)) / 10;
    const reached = LEVELS.filter(
      (level) => usedPercent >= level - (before !== null && before >= level ? SLACK_PERCENT : 0),
    );
    return { usedPercent, freeBytes, totalBytes, level: reached.at(-1) ?? null };
  }
}

/** For people: what it means, and what to do. */
export function describeUsage({ usedPercent, freeBytes, level }: DiskUsage, folder: string): string {
  const gigabytes = (freeBytes / 1024 ** 3).toFixed(1);
  const full = `The disk of ${folder} is ${usedPercent} % full (${gigabytes} GB are left)`;
  return level === null
    ? `${full}: there is room again.`
    : `${full}. Brokers stop when nothing is left: delete topics, shorten their retention, or make room on the disk.`;
}
