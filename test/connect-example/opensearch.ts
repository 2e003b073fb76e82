import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endsWithThis, readyOrEnded } from '../support/ends-with-this.ts';
import { freePort } from '../support/free-port.ts';
import { eventually } from '../support/millrace.ts';

const JARS = join(import.meta.dirname, '../../.test-tools/opensearch');
const NODE = join(import.meta.dirname, 'OpenSearchNode.java');
const HEAP = ['-Xms256m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const STARTS_MS = 300_000;
const LOGGING = `status = error
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %m%n
`;

/** One node of OpenSearch 2.19 in its own folder. `node scripts/test-tools.mjs opensearch` installs it. */
export class OpenSearch implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(port: number, folder: string, child: ChildProcess) {
    this.port = port;
    this.#folder = folder;
    this.#child = child;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  static async start(): Promise<OpenSearch> {
    if (!existsSync(join(JARS, 'complete')))
      throw new Error('OpenSearch is not installed: run `node scripts/test-tools.mjs opensearch`');
    const [port, transport] = [await freePort(), await freePort()];
    const folder = mkdtempSync(join(tmpdir(), 'millrace-opensearch-'));
    const logging = join(folder, 'log4j2.properties');
    writeFileSync(logging, LOGGING);
    const words = ['-cp', `${JARS}/*`, `-Dlog4j2.configurationFile=${logging}`, NODE];
    const child = endsWithThis(
      spawn('java', [...HEAP, ...words, join(folder, 'home'), String(port), String(transport)], {
        stdio: ['ignore', 'ignore', 'pipe'],
      }),
    );
    const errors: string[] = [];
    child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
    const server = new OpenSearch(port, folder, child);
    const ready = eventually(
      'OpenSearch answers',
      () => {
        if (child.exitCode !== null) throw new Error(`OpenSearch ended: ${errors.join('').slice(-2_000)}`);
        return fetch(server.endpoint).then(
          ({ ok }) => ok,
          () => false,
        );
      },
      STARTS_MS,
    );
    await readyOrEnded(child, ready);
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((done) => this.#child.once('exit', done));
    // Its data is not needed any more.
    if (this.#child.exitCode === null && this.#child.kill('SIGKILL')) await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
