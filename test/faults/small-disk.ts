import { spawnSync } from 'node:child_process';
import { closeSync, cpSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../support/kafka-tools.ts';

const BALLAST = 'ballast';
const MEGABYTE = Buffer.alloc(1024 * 1024);

/** A tmpfs that is mounted on a folder and can be filled to the last byte. */
export class SmallDisk {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Copies the contents of the folder onto it; no process may use the folder meanwhile. */
  static under(folder: string, megabytes: number): SmallDisk {
    const copy = mkdtempSync(join(tmpdir(), 'millrace-disk-'));
    cpSync(folder, copy, { recursive: true });
    mustRun('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
    cpSync(copy, folder, { recursive: true });
    rmSync(copy, { recursive: true });
    const disk = new SmallDisk(folder);
    process.once('exit', disk.#onExit);
    return disk;
  }

  /** Another process writes most of it, so that timers of this process are not delayed. */
  async fill(): Promise<void> {
    await run('dd', ['if=/dev/zero', `of=${join(this.#folder, BALLAST)}`, 'bs=1M']);
    const file = openSync(join(this.#folder, BALLAST), 'a');
    try {
      for (let bytes = MEGABYTE.length; bytes >= 1; )
        if (!written(file, bytes)) bytes = Math.floor(bytes / 2);
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(join(this.#folder, BALLAST), { force: true });
  }

  remove(): void {
    process.off('exit', this.#onExit);
    mustRun('umount', [this.#folder]);
  }

  readonly #onExit = (): void => {
    spawnSync('umount', ['--lazy', this.#folder]);
  };
}

function written(file: number, bytes: number): boolean {
  try {
    return writeSync(file, MEGABYTE, 0, bytes) === bytes;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}

function mustRun(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args);
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
}
