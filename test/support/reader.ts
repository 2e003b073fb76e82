import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort, freePorts } from './free-port.ts';
import { run } from './kafka-tools.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/millrace.mjs');
const COMMAND_MS = 600_000;

/** A user in an empty folder, with `millrace` in PATH, and an `npx` that finds it. */
export class Reader implements AsyncDisposable {
  readonly #home: string;
  /** The user's current folder. */
  readonly folder: string;
  readonly #environment: Record<string, string>;

  private constructor(home: string, folder: string, environment: Record<string, string>) {
    this.#home = home;
    this.folder = folder;
    this.#environment = environment;
  }

  /**
   * `millrace up` of this user takes other ports than the defaults. `installed`: folders with more programs
   * for PATH.
   */
  static async create(installed: readonly string[] = []): Promise<Reader> {
    const home = mkdtempSync(join(tmpdir(), 'millrace-reader-'));
    // Workers of connectors may run as other users.
    chmodSync(home, 0o755);
    const [programs, folder] = [join(home, 'bin'), join(home, 'empty')];
    mkdirSync(programs);
    mkdirSync(folder);
    const port = await freePort();
    const ports = `--port ${port} --kafka-port ${await freePorts()}`;
    const millrace = join(programs, 'millrace');
    writeFileSync(
      millrace,
      `#!/bin/sh\n[ "$1" != up ] || set -- "$@" ${ports}\nexec ${process.execPath} ${PROGRAM} "$@"\n`,
    );
    chmodSync(millrace, 0o755);
    const npx = join(programs, 'npx');
    writeFileSync(npx, '#!/bin/sh\nexec "$@"\n');
    chmodSync(npx, 0o755);
    return new Reader(home, folder, {
      PATH: [programs, ...installed, process.env.PATH].join(delimiter),
      MILLRACE_API: `http://127.0.0.1:${port}`,
    });
  }

  get api(): string {
    return this.#environment.MILLRACE_API ?? '';
  }

  /** Resolves with the command's output. Rejects if its status is not 0. */
  async types(command: string): Promise<string> {
    const { status, stdout, stderr } = await run('bash', ['-c', command], {
      timeoutMs: COMMAND_MS,
      cwd: this.folder,
      env: { ...process.env, ...this.#environment },
    });
    if (status !== 0) throw new Error(`status ${status} of ${command}\n${stdout}${stderr}`);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.types('millrace stop').catch(() => '');
    rmSync(this.#home, { recursive: true, force: true });
  }
}
