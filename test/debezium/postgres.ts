import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '../support/millrace.ts';

/** Where Debian keeps the programs of each release of the server. */
const DEBIAN = '/usr/lib/postgresql';
/** The server refuses to run as root; this is Debian's user for it. */
const USER = 'postgres';
const STARTS_MS = 60_000;

/** A PostgreSQL server with a folder and a port of its own, whose changes can be captured; and one session of its superuser. */
export class Postgres {
  readonly port: number;
  readonly #folder: string;
  readonly #server: ChildProcess;
  readonly #session: ChildProcess;
  readonly #said: string[] = [];
  #heard: () => void = () => {};
  #statements = 0;
  #isClosed = false;

  private constructor(folder: string, port: number, server: ChildProcess) {
    this.#folder = folder;
    this.port = port;
    this.#server = server;
    const words = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1'];
    const server_ = ['-h', '127.0.0.1', '-p', String(port), '-U', USER, '-d', USER];
    this.#session = spawn('psql', [...words, ...server_], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (!this.#session.stdout) throw new Error('no stdout');
    createInterface({ input: this.#session.stdout }).on('line', (line) => {
      this.#said.push(line);
      this.#heard();
    });
    this.#session.once('exit', () => {
      this.#isClosed = true;
      this.#heard();
    });
  }

  static async start(port: number): Promise<Postgres> {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-postgres-'));
    const owner = process.getuid?.() === 0 ? idsOf(USER) : {};
    if (owner.uid !== undefined && owner.gid !== undefined) chownSync(folder, owner.uid, owner.gid);
    const data = join(folder, 'data');
    const programs = programFolder();
    const quiet = { ...owner, cwd: folder, stdio: 'ignore' } as const;
    execFileSync(join(programs, 'initdb'), ['-D', data, '-A', 'trust', '-U', USER, '-N'], quiet);
    const settings = {
      port: String(port),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: folder,
      wal_level: 'logical',
    };
    const server = spawn(
      join(programs, 'postgres'),
      ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      quiet,
    );
    const ready = () => {
      try {
        execFileSync('pg_isready', ['-q', '-h', '127.0.0.1', '-p', String(port)]);
        return true;
      } catch {
        if (server.exitCode !== null) throw new Error(`postgres ended with status ${server.exitCode}`);
        return false;
      }
    };
    await eventually('PostgreSQL accepts connections', ready, STARTS_MS);
    return new Postgres(folder, port, server);
  }

  /** Resolves to the lines that the statements answer with. Rejects when one fails: the session is over then. */
  async sql(statements: string): Promise<string[]> {
    const end = `end of ${++this.#statements}`;
    this.#session.stdin?.write(`${statements}\n\\echo ${end}\n`);
    for (;;) {
      const at = this.#said.indexOf(end);
      if (at >= 0) return this.#said.splice(0, at + 1).slice(0, -1);
      if (this.#isClosed) throw new Error(`psql ended at: ${statements}`);
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#session.stdin?.end();
    // Its "immediate" shutdown: nothing is needed of it any more.
    const ended = new Promise((done) => this.#server.once('exit', done));
    if (this.#server.exitCode === null) {
      this.#server.kill('SIGQUIT');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function idsOf(user: string): { uid?: number; gid?: number } {
  const id = (of: string) => Number(execFileSync('id', [of, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** The folder of the newest release that is installed. */
function programFolder(): string {
  const releases = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...releases.map((release) => join(DEBIAN, release, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  const found = folders.find((folder) => existsSync(join(folder, 'initdb')));
  if (found === undefined)
    throw new Error('PostgreSQL is not installed: run `node scripts/test-tools.mjs postgresql`');
  return found;
}
