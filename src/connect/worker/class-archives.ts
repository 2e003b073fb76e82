import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import type { World } from '../../base/world.ts';
import { moveIntoPlace } from '../../platform/replace-file.ts';
import { classList } from './class-list.ts';
import { endingWithUs } from './ending-with-us.ts';
import type { Installation } from './installation.ts';
import { workerEnvironment } from './worker-environment.ts';

/** Java takes ten seconds of a processor for it, and others come first. */
const MAKING_MS = 900_000;
/** A worker loads 8,000 classes, which are half a megabyte of names. */
const MOST_LIST_BYTES = 16 * 1024 ** 2;

/**
 * Options by which Java takes an archive. It is mapped where it was made for: at another address, which later
 * releases of 17 choose to make addresses harder to guess, Java rewrites 50 of its 60 MB at each start, and
 * no two workers share these. Java that does not know the option goes on without it.
 */
export function archiveOptions(file: string): string[] {
  return [
    `-XX:SharedArchiveFile=${file}`,
    ...['-XX:+IgnoreUnrecognizedVMOptions', '-XX:+UnlockDiagnosticVMOptions', '-XX:ArchiveRelocationMode=0'],
  ];
}

/**
 * What Java has worked out of the classes of Kafka Connect (application class-data sharing): workers that are
 * given it start with half the work, and share its memory. The first worker of an installation says which
 * classes it loads, and the archive is made of these beside it. An archive holds classes of the installation
 * alone, and nothing of a plugin.
 */
export class ClassArchives {
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #folder: string;
  /** By the installation's key: an archive is made once, and not again by this process where that failed. */
  readonly #asked = new Set<string>();
  readonly #making = new Set<ChildProcessByStdio<Writable, null, null>>();
  #isStopped = false;

  constructor(world: Pick<World, 'clock' | 'log'>, connectFolder: string) {
    this.#world = world;
    this.#folder = join(connectFolder, 'classes');
    // What a crash left.
    const left = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
    for (const name of left) if (!name.endsWith('.jsa')) rmSync(join(this.#folder, name));
  }

  /** The archive of this installation, as a file that everybody may read; null while there is none. */
  of(installation: Installation): string | null {
    const file = this.#file(installation);
    return existsSync(file) ? file : null;
  }

  /** A new file for the names of the classes that a worker loads; null where they are known. */
  newList(installation: Installation): string | null {
    if (this.of(installation) !== null || this.#asked.has(keyOf(installation))) return null;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    return join(this.#folder, `${keyOf(installation)}.${randomBytes(6).toString('hex')}.list`);
  }

  /** Begins to make the archive of what a worker has listed, and removes the list. Nobody waits for it. */
  make(installation: Installation, list: string): void {
    const key = keyOf(installation);
    const text = statSync(list).size <= MOST_LIST_BYTES ? readFileSync(list, 'utf8') : '';
    rmSync(list);
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    const classes = join(this.#folder, `${key}.classes`);
    const archive = join(this.#folder, `${key}.new`);
    rmSync(archive, { force: true });
    writeFileSync(classes, classList(text));
    const options = [`-XX:SharedClassListFile=${classes}`, `-XX:SharedArchiveFile=${archive}`];
    const java = [installation.java, '-Xshare:dump', '-XX:+UseSerialGC', ...options];
    // After others that want the processor.
    const [shell, ...args] = endingWithUs('nice', '-n', '10', ...java, '-cp', installation.classPath);
    const child = spawn(shell, args, {
      cwd: dirname(installation.libs),
      stdio: ['pipe', 'ignore', 'ignore'],
      env: workerEnvironment(),
    });
    this.#making.add(child);
    const timer = this.#world.clock.after(MAKING_MS, () => child.stdin.destroy());
    const ended = (why: string) => {
      timer.cancel();
      this.#making.delete(child);
      rmSync(classes, { force: true });
      if (this.#isStopped) return;
      const none = (reason: string) =>
        this.#world.log.warn(`Workers start without an archive of their classes: ${reason}`);
      if (!existsSync(archive)) return none(`Java made none, ${why}`);
      chmodSync(archive, 0o644);
      // Java maps it without looking at all of it: one that a power loss left with holes would end every
      // worker.
      moveIntoPlace(archive, this.#file(installation)).catch((error: unknown) => none(String(error)));
    };
    child.once('error', (error) => ended(error.message));
    child.once('exit', (status, signal) => ended(`it ended with ${signal ?? `status ${status}`}`));
  }

  /**
   * Nothing is made when this resolves: on a busy machine that could take minutes. The first worker of the
   * next start lists its classes again.
   */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(
      [...this.#making].map(async (child) => {
        child.stdin.destroy();
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      }),
    );
  }

  #file(installation: Installation): string {
    return join(this.#folder, `${keyOf(installation)}.jsa`);
  }
}

/** Java itself refuses an archive of other jars or of another Java; this is so that another one is made. */
function keyOf({ java, libs }: Installation): string {
  const jars = readdirSync(libs).map((name) => {
    const { size, mtimeMs } = statSync(join(libs, name));
    return [name, size, mtimeMs];
  });
  const { size, mtimeMs } = statSync(java);
  return createHash('sha256')
    .update(JSON.stringify([java, size, mtimeMs, libs, jars]))
    .digest('hex')
    .slice(0, 32);
}
