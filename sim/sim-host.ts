import { assert } from '../src/base/assert.ts';
import type { Clock, Timer } from '../src/base/clock.ts';
import type { LogFields, Logger } from '../src/base/log.ts';
import type { Random } from '../src/base/random.ts';
import type { World } from '../src/base/world.ts';
import type { DiskFaults } from './disk-faults.ts';
import { noDiskFaults } from './disk-faults.ts';
import { FileTree } from './file-tree.ts';
import { SimDisk } from './sim-disk.ts';
import type { SimNetwork } from './sim-network.ts';
import type { SimProcess } from './sim-process.ts';

/** The simulation as a host knows it. */
interface HostWorld {
  readonly time: number;
  readonly random: Random;
  readonly clock: Clock;
  readonly network: SimNetwork;
  fork(name: string): Random;
  schedule(ms: number, label: string, run: () => void): Timer;
  note(line: string): void;
  crashed(error: Error): void;
}

/**
 * The least duration of a timer. The time left until a deadline may be less than simulated time, a sum of
 * fractions, can advance by; a timer for that rest would be armed for ever while time stands still. Node's
 * timers take at least a millisecond.
 */
const TIMER_MIN_MS = 0.001;

/**
 * One machine with one process. A crash ends the process between two instructions: its timers, promises and
 * connections never come back; its disk keeps what was synced and a random part of the rest. Code of the dead
 * process that is still on the stack runs on with a copy of the disk, where it changes nothing that lasts.
 */
export class SimHost {
  readonly name: string;
  readonly simulation: HostWorld;
  readonly faults: DiskFaults = noDiskFaults();
  /** The error of this host's wall clock in milliseconds. Changing it is a jump of the clock. */
  clockSkewMs = 0;
  /**
   * Called when the current life ends, before anything of it is changed. What its code does after that has no
   * effect.
   */
  onEnd: (() => void) | null = null;
  #process: Process;
  #files = new FileTree();
  #startedAt = 0;
  #hasPower = true;

  constructor(simulation: HostWorld, name: string) {
    this.simulation = simulation;
    this.name = name;
    this.#process = new Process(this);
  }

  /** The world of the current process; `start` makes a new one. */
  get world(): World {
    return this.#process.world;
  }

  get alive(): boolean {
    return this.#process.alive;
  }

  /** Whether its kernel runs, with or without the process: it answers for ports that nobody listens on. */
  get hasPower(): boolean {
    return this.#hasPower;
  }

  get files(): FileTree {
    return this.#files;
  }

  get uptimeMs(): number {
    return this.simulation.time - this.#startedAt;
  }

  /** Ends the process by power loss. */
  crash(): void {
    if (!this.alive) return;
    this.simulation.note(`${this.name} crashes`);
    this.#hasPower = false;
    this.#end(this.#files.afterCrash(this.simulation.random, this.faults));
  }

  /** Kills the process: what it wrote stays, whether synced or not. */
  kill(): void {
    if (!this.alive) return;
    this.simulation.note(`${this.name} is killed`);
    this.#process.disk.killed();
    this.#end(this.#files.copy());
  }

  /** Replaces its disk by an empty one. */
  replaceDisk(): void {
    assert(!this.alive, 'a disk is replaced while nothing runs');
    this.simulation.note(`${this.name} gets an empty disk`);
    this.#files = new FileTree();
  }

  /**
   * Crashes in the middle of whatever runs, right after this many more changes to the disk; or is killed
   * there.
   */
  crashAfter(diskOperations: number, { isKill = false } = {}): void {
    this.#process.diskOperationsLeft = diskOperations;
    this.#process.endsByKill = isKill;
  }

  /** Pauses the process, as SIGSTOP does: what happens to it meanwhile takes effect when it goes on. */
  pause(): void {
    if (!this.alive || this.#process.paused) return;
    this.simulation.note(`${this.name} is paused`);
    this.#process.paused = [];
  }

  resume(): void {
    const waiting = this.#process.paused;
    if (!waiting) return;
    this.simulation.note(`${this.name} goes on`);
    this.#process.paused = null;
    for (const run of waiting) this.#process.schedule(0, 'goes on', run);
  }

  start(): World {
    if (this.alive) return this.world;
    this.simulation.note(`${this.name} starts`);
    this.#startedAt = this.simulation.time;
    this.#hasPower = true;
    this.#process = new Process(this);
    return this.world;
  }

  #end(survivors: FileTree): void {
    this.#process.alive = false;
    const { onEnd } = this;
    this.onEnd = null;
    onEnd?.();
    this.#files = survivors;
    this.simulation.network.hostDied(this);
  }
}

/** One life of the host: everything that its world hands out is bound to it. */
export class Process implements SimProcess {
  readonly host: SimHost;
  readonly world: World;
  readonly disk: SimDisk;
  alive = true;
  diskOperationsLeft = Number.POSITIVE_INFINITY;
  endsByKill = false;
  /** The callbacks that wait while it is paused. */
  paused: (() => void)[] | null = null;

  constructor(host: SimHost) {
    this.host = host;
    const { simulation, name } = host;
    this.disk = new SimDisk(this, host.files, simulation.fork(`${name} disk at ${simulation.time}`));
    this.world = {
      clock: this.#clock(),
      disk: this.disk,
      network: simulation.network.of(this),
      random: simulation.fork(`${name} at ${simulation.time}`),
      log: this.#log({}),
      crash: (error) => {
        if (this.alive) simulation.crashed(error);
      },
    };
  }

  /** As `Simulation.schedule`, but only while this process lives. */
  schedule(ms: number, label: string, run: () => void): Timer {
    const { simulation, name } = this.host;
    let cancelled = false;
    const timer = simulation.schedule(ms, '', () => {
      if (!this.alive) return;
      this.whenRunning(() => {
        if (cancelled) return;
        simulation.note(`${name} ${label}`);
        run();
      });
    });
    return {
      cancel: () => {
        cancelled = true;
        timer.cancel();
      },
    };
  }

  /** Calls `run` at once, or when a paused process goes on. */
  whenRunning(run: () => void): void {
    if (this.paused) this.paused.push(run);
    else run();
  }

  /** Counts one change to the disk; a crash that it causes comes after the change. */
  diskOperation(): void {
    this.diskOperationsLeft--;
    if (this.diskOperationsLeft !== 0 || !this.alive) return;
    if (this.endsByKill) this.host.kill();
    else this.host.crash();
  }

  #clock(): Clock {
    const { host } = this;
    return {
      now: () => host.simulation.clock.now() + host.clockSkewMs,
      monotonic: () => host.uptimeMs,
      after: (ms, run) => this.schedule(ms > 0 ? Math.max(ms, TIMER_MIN_MS) : 0, 'timer', run),
      soon: (run) => void this.schedule(0, 'soon', run),
    };
  }

  #log(fields: LogFields): Logger {
    const line = (level: string, message: string, more?: LogFields): void => {
      if (this.alive)
        this.host.simulation.note(`${this.host.name} ${level}: ${message}${text({ ...fields, ...more })}`);
    };
    return {
      debug() {},
      info: (message, more) => line('info', message, more),
      warn: (message, more) => line('warn', message, more),
      error: (message, more) => line('error', message, more),
      child: (more) => this.#log({ ...fields, ...more }),
    };
  }
}

function text(fields: LogFields): string {
  return Object.entries(fields)
    .map(([name, value]) => ` ${name}=${value instanceof Error ? value.message : JSON.stringify(value)}`)
    .join('');
}
