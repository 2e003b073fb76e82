import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { aborted } from '../../base/aborted.ts';
import { inTime, sleep, type Timer } from '../../base/clock.ts';
import type { LogLevel } from '../../base/log.ts';
import type { World } from '../../base/world.ts';
import { ChildEnd } from '../../processes/child-end.ts';
import { watchLog } from '../../processes/log-watch.ts';
import type { LifeEnd, LifeReport, ProcessPort } from '../../processes/process-port.ts';
import { isNodeReport, type NodeReport, type NodeRequest, onLine, sendLine } from './control-socket.ts';
import { connectOrNull, endProcessIn, isGone, killProcessIn } from './end-process.ts';
import { NODE_EXIT } from './exit-status.ts';
import { PROCESS_FILES } from './layout.ts';

/** Between a spawn and its socket. */
const CONNECT_POLL_MS = 5;
/**
 * A process that has its lock and does not say hello in this time hangs, on a machine that is not
 * overwhelmed.
 */
const HELLO_MS = 10_000;
/**
 * A process that neither serves nor fails in this time hangs, when its recovery is not of very large logs.
 */
const READY_MS = 120_000;
/**
 * Each start that took too long gives the next one twice the time, up to so many times: what is only slow
 * must arrive once.
 */
const MOST_PATIENCE = 16;
/** Between the end of a process's socket and its own. */
const EXIT_MS = 1_000;
/** How often a process that serves is asked whether it does. */
const HELLO_AGAIN_MS = 2_000;

export interface OwnProcessOptions {
  readonly name: string;
  readonly folder: string;
  /** Of the configuration that a running process must have been started with to be adopted. */
  readonly digest: string;
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  /** A process that serves and answers nothing for so long hangs: it is killed and started again. */
  readonly hungAfterMs: number;
  /** Which lines it writes to its log, also one that was started before with another level. */
  readonly logLevel: LogLevel;
  /** Told when a process is certainly gone, without having been asked to stop; with its last words. */
  readonly onDeath?: (last: NodeReport) => void;
}

/** How the connection to a process ended, and what that says of the process. */
type Ending =
  /** It ended, as far as can be seen. */
  | 'ended'
  /** It was started with another configuration. */
  | 'other'
  /** It is there, and said nothing at all. */
  | 'silent'
  /** It did not come to serve. */
  | 'slow'
  /** It served, and answers no more. */
  | 'hung'
  /** Nobody wants to know any more. */
  | 'aborted';

/**
 * A controller or broker process of ours: found by the socket in its folder, whose end is its death, for own
 * children and adopted ones alike.
 */
export class OwnProcess implements ProcessPort {
  readonly name: string;
  readonly log: string;
  readonly digest: string;
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #options: OwnProcessOptions;
  #last: NodeReport | null = null;
  /** Of this life; null for a process that was adopted. */
  #child: { readonly pid: number | undefined; readonly end: ChildEnd } | null = null;
  #patience = 1;

  constructor(world: Pick<World, 'clock' | 'log'>, options: OwnProcessOptions) {
    this.#world = world;
    this.#options = options;
    this.name = options.name;
    this.digest = options.digest;
    this.log = join(options.folder, PROCESS_FILES.log);
  }

  async live(heard: (report: LifeReport) => void, signal: AbortSignal): Promise<LifeEnd> {
    this.#last = null;
    const logWatch = watchLog(this.#world, this);
    try {
      const socket = await connectOrNull(this.#options.folder);
      this.#child = null;
      const found = socket ?? (await this.#connected(this.#spawn(), signal));
      if ('why' in found) return found;
      const end = await this.#followed(found, heard, signal);
      found.destroy();
      return end;
    } finally {
      logWatch.cancel();
    }
  }

  async stop(): Promise<void> {
    await endProcessIn(this.#world.clock, this.#options.folder);
    this.#last = null;
  }

  async kill(): Promise<void> {
    await killProcessIn(this.#world.clock, this.#options.folder);
    await this.#reportDeath();
  }

  async #followed(
    socket: Socket,
    heard: (report: LifeReport) => void,
    signal: AbortSignal,
  ): Promise<LifeEnd> {
    const { clock, log } = this.#world;
    const { folder, hungAfterMs } = this.#options;
    const ending = await this.#follow(socket, heard, signal);
    switch (ending) {
      case 'aborted':
        return { why: 'it is not wanted any more' };
      case 'ended':
        await this.#reportDeath();
        return this.#lastWords();
      case 'hung':
        log.warn(`${this.name} does not answer and is killed`);
        await this.kill();
        return { why: `it did not answer for ${hungAfterMs} ms` };
      case 'other':
        log.info(`${this.name} runs with another configuration and is restarted`);
        await endProcessIn(clock, folder);
        return { why: 'it was restarted for its configuration' };
      case 'silent':
      case 'slow': {
        const seconds = ((ending === 'slow' ? READY_MS : HELLO_MS) * this.#patience) / 1000;
        this.#patience = Math.min(2 * this.#patience, MOST_PATIENCE);
        const why =
          ending === 'slow'
            ? `it was slow to start: it did not serve within ${seconds} s`
            : `it was slow to start: it did not answer within ${seconds} s`;
        log.warn(`${this.name} is started again, with twice the time: ${why}`);
        await endProcessIn(clock, folder);
        await this.#reportDeath();
        return { why };
      }
    }
  }

  async #lastWords(): Promise<LifeEnd> {
    const { pid, state, message, code } = this.#last ?? {};
    if (message !== undefined)
      return code === 'EADDRINUSE' ? { why: message, isPortInUse: true } : { why: message };
    if (state === 'stopping') return { why: 'it was asked to stop', isKilled: true };
    // Another process may have had the lock: its end is not that of the child.
    if (this.#child === null || (pid !== undefined && pid !== this.#child.pid)) return { why: 'it ended' };
    const { clock } = this.#world;
    // The end of the socket may be seen first.
    await inTime(clock, clock.monotonic() + EXIT_MS, aborted(this.#child.end.over));
    return this.#child.end.end ?? { why: 'it ended' };
  }

  /**
   * Once for each life. One that was stopping has handed over what it led, or is about to be missed like any
   * other.
   */
  async #reportDeath(): Promise<void> {
    const last = this.#last;
    if (last === null || last.state === 'stopping') return;
    if (!(await isGone(this.#world.clock, this.#options.folder))) return;
    if (this.#last === last) this.#options.onDeath?.(last);
  }

  #follow(socket: Socket, heard: (report: LifeReport) => void, signal: AbortSignal): Promise<Ending> {
    const { clock, log } = this.#world;
    const { digest, hungAfterMs, logLevel } = this.#options;
    const hello: NodeRequest = { request: 'hello', logLevel };
    return new Promise((resolve) => {
      let limit = clock.after(HELLO_MS * this.#patience, () => end('silent'));
      let again: Timer | null = null;
      const end = (how: Ending): void => {
        limit.cancel();
        again?.cancel();
        signal.removeEventListener('abort', abort);
        resolve(how);
      };
      const abort = (): void => end('aborted');
      signal.addEventListener('abort', abort);
      const askAgain = (): void => {
        again = clock.after(HELLO_AGAIN_MS, askAgain);
        sendLine(socket, hello);
      };
      sendLine(socket, hello);
      onLine(socket, (message) => {
        if (!isNodeReport(message)) return socket.destroy();
        const before = this.#last;
        this.#last = message;
        if (message.digest !== digest) return end('other');
        if (before === null)
          log.info(`${this.name} is process ${message.pid}`, { incarnation: message.incarnationId });
        const isReady = message.state === 'ready';
        if (isReady) {
          this.#patience = 1;
          limit.cancel();
          limit = clock.after(hungAfterMs, () => {
            // It may have been this process that stood still, with the answers waiting to be read.
            limit = clock.after(HELLO_AGAIN_MS, () => end('hung'));
          });
          if (!again) askAgain();
        } else if (before?.state !== message.state) {
          limit.cancel();
          if (message.state === 'starting') limit = clock.after(READY_MS * this.#patience, () => end('slow'));
        }
        heard({ pid: message.pid, isReady });
      });
      socket.once('close', () => end('ended'));
      if (signal.aborted) abort();
    });
  }

  #spawn(): ChildProcess {
    const output = openSync(this.log, 'a', 0o600);
    const [program, ...args] = this.#options.command;
    try {
      return spawn(program, args, {
        // Relative paths of the configuration do not exist; the folder is where a core file would go.
        cwd: this.#options.folder,
        detached: true,
        stdio: ['ignore', output, output],
      });
    } finally {
      closeSync(output);
    }
  }

  /** The socket of the process that was started; how it ended when it had none. */
  async #connected(child: ChildProcess, signal: AbortSignal): Promise<Socket | LifeEnd> {
    const { clock } = this.#world;
    const childEnd = new ChildEnd(child);
    this.#child = { pid: child.pid, end: childEnd };
    const forMs = HELLO_MS * this.#patience;
    const until = clock.monotonic() + forMs;
    while (!signal.aborted && clock.monotonic() < until) {
      const socket = await connectOrNull(this.#options.folder);
      if (socket) {
        // From here on its end is known by the socket; it must not keep this process alive.
        child.unref();
        return socket;
      }
      // When the lock was another's, the socket will be that process's: it is followed like one that was
      // found at once.
      if (childEnd.end && child.exitCode !== NODE_EXIT.locked) return childEnd.end;
      await sleep(clock, CONNECT_POLL_MS);
    }
    // It has neither lock nor socket that anyone could find it by, so it must not outlive this.
    if (!childEnd.end && child.pid !== undefined) {
      child.kill('SIGKILL');
      await aborted(childEnd.over);
    }
    if (signal.aborted) return { why: 'it is not wanted any more' };
    this.#patience = Math.min(2 * this.#patience, MOST_PATIENCE);
    return { why: `it was slow to start: it could not be reached within ${forMs / 1000} s` };
  }
}
