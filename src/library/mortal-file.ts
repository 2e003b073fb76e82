import { DiskError, type File } from '../base/disk.ts';

/** Of one node; over from one instruction to the next. */
export interface MortalLife {
  isOver: boolean;
  /** Syncs that the device has not ended. */
  readonly syncs: Set<Promise<void>>;
  /** What the node's code did not catch ends it. */
  readonly crash: (error: Error) => void;
}

/** A file of a node that may die: then it is closed, and nothing changes it any more. */
export class MortalFile implements File {
  readonly path: string;
  readonly #file: File;
  readonly #life: MortalLife;
  readonly #closed: (file: MortalFile) => void;

  constructor(file: File, life: MortalLife, closed: (file: MortalFile) => void) {
    this.path = file.path;
    this.#file = file;
    this.#life = life;
    this.#closed = closed;
  }

  size(): number {
    return this.#alive().size();
  }

  readNow(at: number, into: Uint8Array): number {
    return this.#alive().readNow(at, into);
  }

  read(at: number, into: Uint8Array): Promise<number> {
    return whileAlive(this.#life, this.#alive().read(at, into));
  }

  appendNow(parts: readonly Uint8Array[]): number {
    return this.#alive().appendNow(parts);
  }

  writeNow(at: number, bytes: Uint8Array): void {
    this.#alive().writeNow(at, bytes);
  }

  sync(): Promise<void> {
    return whileAlive(this.#life, counted(this.#life, this.#alive().sync()));
  }

  truncate(size: number): void {
    this.#alive().truncate(size);
  }

  close(): void {
    this.#closed(this);
    this.#file.close();
  }

  #alive(): File {
    refuseTheDead(this.#life, this.path);
    return this.#file;
  }
}

/** A sync that goes on when its node is dead: who uses the files next must know how it ended. */
export function counted(life: MortalLife, sync: Promise<void>): Promise<void> {
  const ended = sync.finally(() => life.syncs.delete(ended));
  life.syncs.add(ended);
  return ended;
}

export function refuseTheDead(life: MortalLife, path: string): void {
  if (life.isOver) throw new DiskError('EOTHER', path, 'a dead node used');
}

/** Who dies meanwhile never hears how it went. */
export async function whileAlive<T>(life: MortalLife, result: Promise<T>): Promise<T> {
  try {
    const value = await result;
    return life.isOver ? await never() : value;
  } catch (error) {
    return life.isOver ? never() : Promise.reject(error);
  }
}

export function never(): Promise<never> {
  return new Promise(() => {});
}
