import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { endsWithThis, readyOrEnded } from '../support/ends-with-this.ts';
import { eventually } from '../support/millrace.ts';
import type { Database } from './database.ts';
import { ownerOf } from './server-user.ts';
import { SqlSession } from './sql-session.ts';

/** The folder with the server's programs of each release in Debian. */
const DEBIAN = '/usr/lib/postgresql';
/** The server refuses to run as root; this is Debian's user for it. */
const USER = 'postgres';
const STARTS_MS = 60_000;

/**
 * A PostgreSQL server with its own folder and port, whose changes can be captured, and one session of its
 * superuser.
 */
export class Postgres implements Database {
  readonly schema = 'public';
  readonly archive = 'debezium-connector-postgres';
  readonly port: number;
  readonly #folder: string;
  readonly #server: ChildProcess;
  readonly #session: SqlSession;

  private constructor(folder: string, port: number, server: ChildProcess) {
    this.#folder = folder;
    this.port = port;
    this.#server = server;
    const words = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1'];
    const database = ['-h', '127.0.0.1', '-p', String(port), '-U', USER, '-d', USER];
    this.#session = new SqlSession(['psql', ...words, ...database], (text) => `\\echo ${text}`);
  }

  static async start(port: number): Promise<Postgres> {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-postgres-'));
    const owner = ownerOf(USER);
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
    const server = endsWithThis(
      spawn(
        join(programs, 'postgres'),
        ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
        quiet,
      ),
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
    await readyOrEnded(server, eventually('PostgreSQL accepts connections', ready, STARTS_MS));
    return new Postgres(folder, port, server);
  }

  async createTable(name: string, columns: string): Promise<void> {
    await this.sql(`CREATE TABLE ${name} (${columns}); ALTER TABLE ${name} REPLICA IDENTITY FULL;`);
  }

  sql(statements: string): Promise<string[]> {
    return this.#session.sql(statements);
  }

  configuration(table: string): Readonly<Record<string, string>> {
    return {
      'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
      'database.hostname': '127.0.0.1',
      'database.port': String(this.port),
      'database.user': USER,
      'database.password': 'of nobody',
      'database.dbname': USER,
      'plugin.name': 'pgoutput',
      'table.include.list': `${this.schema}.${table}`,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#session.end();
    // The server's "immediate" shutdown: its data is not needed any more.
    const ended = new Promise((done) => this.#server.once('exit', done));
    if (this.#server.exitCode === null) {
      this.#server.kill('SIGQUIT');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The folder of the newest installed release. */
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
