import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { sleep, type Timer } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';
import { isNodeReport, type NodeReport, onLine, sendLine } from './control-socket.ts';
import { connectOrNull, endProcessIn, isGone, killProcessIn } from './end-process.ts';
import { EXIT } from './exit-status.ts';
import { PROCESS_FILES } from './layout.ts';
import { limitLog } from './log-limit.ts';

/** Between a spawn and its socket. */
const CONNECT_POLL_MS = 5;
/** A process that has its lock and does not say hello in this time hangs. */
const HELLO_MS = 10_000;
/** A process that neither serves nor fails in this time hangs (recovery of a large log is within it). */
const READY_MS = 120_000;
/** Waits before a restart: the first is short, since one death is mostly an accident. */
const FIRST_BACKOFF_MS = 50;
const LAST_BACKOFF_MS = 15_000;
/** One that served waits no longer than this share of the time that it did: waiting must not cost more than dying. */
const BACKOFF_SHARE = 1 / 10;
/** One that served for long enough to be of use is back after this at the latest. */
const SERVED_BACKOFF_MS = 1000;
/** A process that served this long is not in a crash loop. */
const HOLDS_MS = 30_000;
/** So many deaths, none after having held, make a crash loop. */
const CRASH_LOOP = 4;
/** How often a process that serves is asked whether it does. */
const HELLO_AGAIN_MS = 2_000;
/** How often the length of the log is looked at. */
const LOG_CHECK_MS = 60_000;

export interface Problem {
  readonly code: 'PORT_IN_USE' | 'CRASH_LOOP';
  readonly message: string;
}

export interface Supervised {
  /** For people: `Broker 1`. */
  readonly name: string;
  readonly folder: string;
  /** Of the configuration that a running process must have been started with to be adopted. */
  readonly digest: string;
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  /** A process that serves and answers nothing for so long hangs: it is killed and started again. */
  readonly hungAfterMs: number;
  /** Told when a process that served is certainly gone, without having been asked to stop; with its last words. */
  readonly onDeath?: (last: NodeReport) => void;
}

/**
 * Keeps one process running: adopts the one that runs, starts it when none does, and again when it dies, with growing waits. Death is
 * the end of the socket, for own children and adopted processes alike.
 */
export class Supervisor {
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #it: Supervised;
  readonly #onChange: () => void;
  #running: Promise<void> | null = null;
  #stopping = false;
  #socket: Socket | null = null;
  #wait: { timer: Timer; done: () => void } | null = null;
  #logCheck: Timer | null = null;
  #deaths = 0;
  #held = false;
  /** Deaths in a row of processes that never served. */
  #failedStarts = 0;
  #lastReport: NodeReport | null = null;
  #lastExit = 'it ended';
  #ready = false;
  /** When this life of the process began to serve. */
  #readyAt: number | null = null;
  #problem: Problem | null = null;

  /** `onChange` runs whenever `ready` or `problem` may have changed. */
  constructor(world: Pick<World, 'clock' | 'log'>, it: Supervised, onChange: () => void) {
    this.#world = world;
    this.#it = it;
    this.#onChange = onChange;
  }

  get ready(): boolean {
    return this.#ready;
  }

  get problem(): Problem | null {
    return this.#problem;
  }

  get folder(): string {
    return this.#it.folder;
  }

  get digest(): string {
    return this.#it.digest;
  }

  /** It is kept down on purpose. */
  get held(): boolean {
    return this.#held;
  }

  /** The process that runs now; null while there is none. */
  get pid(): number | null {
    return this.#socket && this.#lastReport ? this.#lastReport.pid : null;
  }

  start(): void {
    if (this.#running) return;
    this.#watchLog();
    this.#running = this.#keepRunning();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#logCheck?.cancel();
    this.#wait?.timer.cancel();
    this.#wait?.done();
    await endProcessIn(this.#world.clock, this.#it.folder);
    this.#socket?.destroy();
    await this.#running;
  }

  /** Kills the process and starts none until `release`. */
  async hold(): Promise<void> {
    if (this.#held) return;
    this.#held = true;
    this.#stopping = true;
    await killProcessIn(this.#world.clock, this.#it.folder);
    await this.stop();
    this.#problem = null;
    this.#onChange();
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#stopping = false;
    this.#running = null;
    this.#deaths = 0;
    this.#failedStarts = 0;
    this.start();
    this.#onChange();
  }

  async #keepRunning(): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.#oneLife();
      } catch (error) {
        this.#lastExit = error instanceof Error ? error.message : String(error);
        this.#world.log.error(`${this.#it.name} could not be supervised`, { error });
      }
      const servedMs = this.#readyAt === null ? 0 : this.#world.clock.monotonic() - this.#readyAt;
      const held = servedMs >= HOLDS_MS;
      this.#readyAt = null;
      this.#ready = false;
      if (this.#stopping) break;
      this.#deaths = held ? 1 : this.#deaths + 1;
      this.#failedStarts = servedMs > 0 ? 0 : this.#failedStarts + 1;
      const backoffMs = servedMs > 0 ? servedBackoffMs(this.#deaths, servedMs) : growing(this.#failedStarts);
      this.#sayItDied(backoffMs);
      await this.#pause(backoffMs);
    }
  }

  /** From adoption or start to the end of the process. */
  async #oneLife(): Promise<void> {
    this.#lastReport = null;
    this.#lastExit = 'it ended';
    let socket = await connectOrNull(this.#it.folder);
    if (!socket) {
      const child = this.#spawn();
      socket = await this.#connected(child);
      if (!socket) return;
    }
    this.#socket = socket;
    const outcome = await this.#follow(socket);
    if (outcome === 'hung') {
      this.#world.log.warn(`${this.#it.name} does not answer and is killed`);
      await killProcessIn(this.#world.clock, this.#it.folder);
      this.#lastExit = `it did not answer for ${this.#it.hungAfterMs} ms`;
      socket.destroy();
    }
    if (outcome === 'other') {
      // Started with another configuration, or it never came to serve: the next life is a new process.
      this.#world.log.info(`${this.#it.name} runs with another configuration and is restarted`);
      await endProcessIn(this.#world.clock, this.#it.folder);
      this.#lastExit = 'it was restarted for its configuration';
    }
    this.#socket = null;
    await this.#sayItIsGone();
  }

  /** One that was stopping has handed over what it led, or is about to be missed like any other. */
  async #sayItIsGone(): Promise<void> {
    const last: NodeReport | null = this.#lastReport;
    if (!this.#it.onDeath || last?.state !== 'ready') return;
    if (await isGone(this.#world.clock, this.#it.folder)) this.#it.onDeath(last);
  }

  /** Resolves when the connection ended; `other` when the process is not one we want, `hung` when it answers no more. */
  #follow(socket: Socket): Promise<'ended' | 'other' | 'hung'> {
    const { clock, log } = this.#world;
    return new Promise((resolve) => {
      let hung = clock.after(HELLO_MS, () => resolve('other'));
      let again: Timer | null = null;
      const askAgain = (): void => {
        again = clock.after(HELLO_AGAIN_MS, askAgain);
        sendLine(socket, { request: 'hello' });
      };
      onLine(socket, (message) => {
        if (!isNodeReport(message)) return socket.destroy();
        hung.cancel();
        const first = this.#lastReport === null;
        this.#lastReport = message;
        if (message.digest !== this.#it.digest) return resolve('other');
        if (first)
          log.info(`${this.#it.name} is process ${message.pid}`, { incarnation: message.incarnationId });
        if (message.state === 'starting') hung = clock.after(READY_MS, () => resolve('other'));
        const ready = message.state === 'ready';
        if (ready) {
          this.#problem = null;
          this.#readyAt ??= clock.monotonic();
          hung = clock.after(this.#it.hungAfterMs, () => {
            // It may have been this process that stood still, with the answers waiting to be read.
            hung = clock.after(HELLO_AGAIN_MS, () => resolve('hung'));
          });
          if (!again) askAgain();
        }
        if (ready === this.#ready && !first) return;
        this.#ready = ready;
        this.#onChange();
      });
      socket.once('close', () => {
        hung.cancel();
        again?.cancel();
        resolve('ended');
      });
    });
  }

  #spawn(): ChildProcess {
    const output = openSync(join(this.#it.folder, PROCESS_FILES.log), 'a');
    const [program, ...args] = this.#it.command;
    const child = spawn(program, args, {
      // Relative paths of the configuration do not exist; the folder is where a core file would go.
      cwd: this.#it.folder,
      detached: true,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    // Its end is known by the socket; it must not keep this process alive.
    child.unref();
    return child;
  }

  /** Null when the child ended before it had a socket. */
  async #connected(child: ChildProcess): Promise<Socket | null> {
    let ended = false;
    child.once('error', (error) => {
      ended = true;
      this.#lastExit = `it could not be started: ${error.message}`;
    });
    child.once('exit', (status, signal) => {
      ended = true;
      this.#lastExit = signal ? `it was ended by ${signal}` : `it ended with status ${status}`;
    });
    const until = this.#world.clock.monotonic() + HELLO_MS;
    while (!this.#stopping && this.#world.clock.monotonic() < until) {
      const socket = await connectOrNull(this.#it.folder);
      // When the lock was another's, the socket is that process's: it is followed like one that was found at once.
      if (socket) return socket;
      if (ended && child.exitCode !== EXIT.locked) return null;
      await sleep(this.#world.clock, CONNECT_POLL_MS);
    }
    // It has neither lock nor socket that anyone could find it by, so it must not outlive this.
    if (!ended) {
      child.kill('SIGKILL');
      await new Promise((done) => child.once('exit', done));
    }
    return null;
  }

  #watchLog(): void {
    limitLog(join(this.#it.folder, PROCESS_FILES.log));
    this.#logCheck = this.#world.clock.after(LOG_CHECK_MS, () => this.#watchLog());
  }

  #sayItDied(backoffMs: number): void {
    const { name, folder } = this.#it;
    const last = this.#lastReport;
    const why = last?.message ?? this.#lastExit;
    const portInUse = last?.code === 'EADDRINUSE';
    this.#world.log.warn(`${name} died: ${why}`, { deaths: this.#deaths, nextStartInMs: backoffMs });
    if (portInUse) this.#problem = { code: 'PORT_IN_USE', message: `${name} cannot start: ${why}` };
    else if (this.#deaths >= CRASH_LOOP)
      this.#problem = {
        code: 'CRASH_LOOP',
        message: `${name} died ${this.#deaths} times in a row (${why}); its log is ${join(folder, PROCESS_FILES.log)}`,
      };
    this.#onChange();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#wait = null;
        resolve();
      };
      this.#wait = { timer: this.#world.clock.after(ms, done), done };
    });
  }
}

/** 50 ms, and twice as long for each further one. */
function growing(times: number): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** (times - 1), LAST_BACKOFF_MS);
}

function servedBackoffMs(deaths: number, servedMs: number): number {
  const shareMs = Math.max(FIRST_BACKOFF_MS, Math.round(servedMs * BACKOFF_SHARE));
  return Math.min(growing(deaths), shareMs, SERVED_BACKOFF_MS);
}
