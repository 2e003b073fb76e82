import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endsWithThis, readyOrEnded } from '../support/ends-with-this.ts';
import { hasCommand } from '../support/kafka-tools.ts';
import { eventually } from '../support/millrace.ts';
import { secret } from '../support/secrets/secret.ts';
import type { Database } from './database.ts';
import { ownerOf } from './server-user.ts';
import { SqlSession } from './sql-session.ts';

/** Debian's user for the server. */
const USER = 'mysql';
const DATABASE = 'market';
const CAPTURE = { user: 'capture', password: secret('capture') };
/** The id of the connector among the servers that read the log; any number that no other has. */
const SERVER_ID = '184054';
const STARTS_MS = 120_000;

/** A MariaDB server with its own folder and port, which logs whole rows, and one session of its superuser. */
export class MariaDb implements Database {
  readonly schema = DATABASE;
  readonly archive = 'debezium-connector-mariadb';
  readonly port: number;
  readonly #folder: string;
  readonly #server: ChildProcess;
  readonly #session: SqlSession;

  private constructor(folder: string, port: number, server: ChildProcess, session: SqlSession) {
    this.#folder = folder;
    this.port = port;
    this.#server = server;
    this.#session = session;
  }

  static async start(port: number): Promise<MariaDb> {
    if (!hasCommand('mariadb-install-db'))
      throw new Error('MariaDB is not installed: run `node scripts/test-tools.mjs mariadb`');
    const folder = mkdtempSync(join(tmpdir(), 'millrace-mariadb-'));
    const owner = ownerOf(USER);
    if (owner.uid !== undefined && owner.gid !== undefined) chownSync(folder, owner.uid, owner.gid);
    const data = join(folder, 'data');
    const quiet = { ...owner, cwd: folder, stdio: 'ignore' } as const;
    const accounts = ['--auth-root-authentication-method=normal', '--skip-test-db'];
    execFileSync('mariadb-install-db', ['--no-defaults', `--datadir=${data}`, ...accounts], quiet);
    const socket = join(folder, 'socket');
    const place = [`--datadir=${data}`, `--socket=${socket}`, `--pid-file=${join(folder, 'pid')}`];
    const log = ['--server-id=1', '--log-bin=log', '--binlog-format=ROW', '--binlog-row-image=FULL'];
    const server = endsWithThis(
      spawn(
        'mariadbd',
        [
          ...['--no-defaults', ...place, `--port=${port}`, '--bind-address=127.0.0.1', '--skip-name-resolve'],
          ...[...log, '--binlog-row-metadata=FULL', '--character-set-server=utf8mb4'],
        ],
        quiet,
      ),
    );
    const client = ['--no-defaults', `--socket=${socket}`, '--user=root', '--default-character-set=utf8mb4'];
    const ready = () => {
      if (server.exitCode !== null) throw new Error(`mariadbd ended with status ${server.exitCode}`);
      try {
        execFileSync('mariadb', [...client, '-e', 'SELECT 1'], { stdio: 'ignore' });
        return true;
      } catch {
        return false;
      }
    };
    await readyOrEnded(server, eventually('MariaDB accepts connections', ready, STARTS_MS));
    const words = ['--batch', '--raw', '--skip-column-names', '--unbuffered', '--quick'];
    const session = new SqlSession(['mariadb', ...client, ...words], (text) => `SELECT '${text}';`);
    await session.sql(`
      CREATE DATABASE ${DATABASE}; USE ${DATABASE};
      CREATE USER '${CAPTURE.user}'@'%' IDENTIFIED BY '${CAPTURE.password}';
      GRANT SELECT, RELOAD, LOCK TABLES, SHOW DATABASES, REPLICATION SLAVE, BINLOG MONITOR ON *.* TO '${CAPTURE.user}'@'%';`);
    return new MariaDb(folder, port, server, session);
  }

  async createTable(name: string, columns: string): Promise<void> {
    await this.sql(`CREATE TABLE ${name} (${columns});`);
  }

  sql(statements: string): Promise<string[]> {
    return this.#session.sql(statements);
  }

  configuration(table: string, bootstrap: string): Readonly<Record<string, string>> {
    return {
      'connector.class': 'io.debezium.connector.mariadb.MariaDbConnector',
      'database.hostname': '127.0.0.1',
      'database.port': String(this.port),
      'database.user': CAPTURE.user,
      'database.password': CAPTURE.password,
      'database.server.id': SERVER_ID,
      'database.include.list': DATABASE,
      'table.include.list': `${DATABASE}.${table}`,
      'schema.history.internal.kafka.bootstrap.servers': bootstrap,
      'schema.history.internal.kafka.topic': `${DATABASE}-schema-history`,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#session.end();
    const ended = new Promise((done) => this.#server.once('exit', done));
    // Its data is not needed any more.
    if (this.#server.exitCode === null && this.#server.kill('SIGKILL')) await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
