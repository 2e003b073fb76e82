import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endsWithThis, folderEndsWithThis } from './ends-with-this.ts';
import { freePort, freePorts } from './free-port.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/millrace.mjs');

export interface ReadyEvent {
  readonly event: 'ready';
  readonly api: string;
  readonly clusters: readonly { readonly name: string; readonly arn: string; readonly bootstrap: string }[];
  readonly ms: number;
}

/** `millrace up` as a user starts it, with its own data folder and port. */
export class Millrace {
  readonly child: ChildProcess;
  readonly data: string;
  readonly port: number;
  readonly ready: ReadyEvent;
  readonly #forget: () => void;

  private constructor(
    child: ChildProcess,
    data: string,
    port: number,
    ready: ReadyEvent,
    forget: () => void,
  ) {
    this.child = child;
    this.data = data;
    this.port = port;
    this.ready = ready;
    this.#forget = forget;
  }

  /**
   * `args` are added to the command line; with `data` and `port` an earlier Millrace is continued; `node` are
   * the options with which Node runs it.
   */
  static async up(
    args: readonly string[] = [],
    earlier?: { data: string; port: number },
    node: { args: readonly string[]; env: Record<string, string> } = { args: [], env: {} },
  ): Promise<Millrace> {
    const data = earlier?.data ?? mkdtempSync(join(tmpdir(), 'millrace-test-'));
    const port = earlier?.port ?? (await freePort());
    // Each run has its own ports, so that runs do not collide; a continued one keeps its ports.
    const kafkaPort = earlier ? [] : ['--kafka-port', String(await freePorts())];
    const own = ['up', '--json', '--data', data, '--port', String(port), ...kafkaPort];
    const child = spawn(process.execPath, [...node.args, PROGRAM, ...own, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...node.env },
    });
    // A program that ends without stopping Millrace, or is killed, leaves nothing running.
    endsWithThis(child);
    const forget = folderEndsWithThis(data);
    const errors: string[] = [];
    child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
    const ready = await new Promise<ReadyEvent>((resolve, reject) => {
      if (!child.stdout) throw new Error('no stdout');
      createInterface({ input: child.stdout }).on('line', (line) => {
        const event: unknown = JSON.parse(line);
        if (isReady(event)) resolve(event);
      });
      child.once('exit', (status) =>
        reject(new Error(`millrace up ended with status ${status}: ${errors.join('')}`)),
      );
    });
    return new Millrace(child, data, port, ready, forget);
  }

  /** Ctrl-C: everything stops in order; the data folder stays. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.kill('SIGINT');
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.data, { recursive: true, force: true });
    this.#forget();
  }
}

function isReady(event: unknown): event is ReadyEvent {
  return typeof event === 'object' && event !== null && 'event' in event && event.event === 'ready';
}

/** The processes of Millrace whose command line names this data folder. */
export function processesOf(data: string): { pid: number; command: string }[] {
  return processesNaming(data).filter(({ command }) => command.includes('main.js'));
}

/**
 * All processes whose command line names one of these folders or something in it, the Java workers of
 * connectors included.
 */
export function processesNaming(folders: string | readonly string[]): { pid: number; command: string }[] {
  const named = [folders].flat();
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), command: commandLine(name) }))
    .filter(({ command }) => named.some((folder) => command.includes(folder)));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return '';
    throw error;
  }
}

/** The process id of one broker of a data folder; null while it does not run. */
export function brokerProcess(data: string, brokerId: number): number | null {
  const found = processesOf(data).find(
    ({ command }) => / broker /.test(command) && command.includes(`broker-${brokerId}`),
  );
  return found?.pid ?? null;
}

/**
 * Kills every process whose command line names this folder or something in it, also those that others of them
 * start meanwhile. Resolves when none is left.
 */
export async function killProcessesNaming(folder: string): Promise<void> {
  await eventually('every process has ended', () => {
    const left = processesNaming(folder);
    for (const { pid } of left) killIfThere(pid);
    return left.length === 0;
  });
}

/** Kills a process that may have ended since it was listed. */
export function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/**
 * What a machine with thirty times as many processes as processors does in seconds takes minutes. Only a test
 * that fails waits for so long.
 */
const DEADLINE_MS = 120_000;

/** Waits until a condition holds; after the deadline rejects with a message that names it. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = DEADLINE_MS,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}
