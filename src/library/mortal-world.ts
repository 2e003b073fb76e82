import type { Clock, Timer } from '../base/clock.ts';
import type { Disk } from '../base/disk.ts';
import type { LogFields, Logger } from '../base/log.ts';
import type { Network } from '../base/network.ts';
import { guarded } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import { MortalConnection } from './mortal-connection.ts';
import { counted, MortalFile, type MortalLife, never, refuseTheDead, whileAlive } from './mortal-file.ts';

/**
 * A world that can end, so that a node in this process can die as a process does: at once, between two
 * instructions. Its timers do not fire any more, its connections and listeners are closed, what it wrote is
 * on the disk and what it had only in memory is gone. Code of the dead node that is still on the stack finds
 * a disk that refuses everything. An error that the node's code does not catch ends the node, not the
 * process.
 */
export class MortalWorld {
  readonly world: World;
  readonly #life: MortalLife;
  readonly #timers = new Set<Timer>();
  readonly #listeners = new Set<{ close(): Promise<void> }>();
  readonly #connections = new Set<MortalConnection>();
  readonly #files = new Set<MortalFile>();

  /** `onCrash`: the node's own code is wrong. Told once; the world does not end by itself. */
  constructor(world: World, onCrash: (error: Error) => void) {
    let hasCrashed = false;
    const crash = (error: Error): void => {
      if (this.#life.isOver || hasCrashed) return;
      hasCrashed = true;
      world.log.error('our own code is wrong, and this node cannot go on', { error });
      onCrash(error);
    };
    this.#life = { isOver: false, syncs: new Set(), crash };
    this.world = {
      crash,
      clock: this.#clock(world.clock),
      network: this.#network(world.network),
      disk: this.#disk(world.disk),
      random: world.random,
      log: this.#log(world.log),
    };
  }

  get isOver(): boolean {
    return this.#life.isOver;
  }

  /** Resolves when its ports are free and its syncs have ended, so that another node may use its files. */
  async end(): Promise<void> {
    if (this.#life.isOver) return;
    this.#life.isOver = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    for (const connection of this.#connections) connection.destroy();
    for (const file of this.#files) file.close();
    await Promise.all([...this.#listeners].map((listener) => listener.close()));
    await Promise.allSettled(this.#life.syncs);
  }

  #clock(clock: Clock): Clock {
    const life = this.#life;
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: (ms, run) => {
        if (life.isOver) return DEAD_TIMER;
        const timer = clock.after(ms, () => {
          this.#timers.delete(timer);
          guarded(life, run);
        });
        this.#timers.add(timer);
        return {
          cancel: () => {
            this.#timers.delete(timer);
            timer.cancel();
          },
        };
      },
      soon: (run) =>
        clock.soon(() => {
          if (!life.isOver) guarded(life, run);
        }),
    };
  }

  #network(network: Network): Network {
    const life = this.#life;
    return {
      listen: async (address, accept) => {
        if (life.isOver) return never();
        const listener = await network.listen(address, (connection) => {
          if (life.isOver) connection.destroy();
          else
            guarded(life, () =>
              accept(
                this.#adopt(new MortalConnection(connection, life, (gone) => this.#connections.delete(gone))),
              ),
            );
        });
        if (life.isOver) {
          await listener.close();
          return never();
        }
        this.#listeners.add(listener);
        return {
          host: listener.host,
          port: listener.port,
          close: () => {
            this.#listeners.delete(listener);
            return listener.close();
          },
        };
      },
      connect: async (address) => {
        if (life.isOver) return never();
        const connection = await network.connect(address);
        if (!life.isOver)
          return this.#adopt(
            new MortalConnection(connection, life, (gone) => this.#connections.delete(gone)),
          );
        connection.destroy();
        return never();
      },
    };
  }

  #disk(disk: Disk): Disk {
    const life = this.#life;
    return {
      open: (path, mode) => {
        refuseTheDead(life, path);
        const file = new MortalFile(disk.open(path, mode), life, (closed) => this.#files.delete(closed));
        this.#files.add(file);
        return file;
      },
      exists: (path) => disk.exists(path),
      list: (path) => disk.list(path),
      makeDirectory: (path) => {
        refuseTheDead(life, path);
        disk.makeDirectory(path);
      },
      rename: (from, to) => {
        refuseTheDead(life, from);
        disk.rename(from, to);
      },
      remove: (path) => {
        refuseTheDead(life, path);
        disk.remove(path);
      },
      removeDirectory: (path) => {
        refuseTheDead(life, path);
        disk.removeDirectory(path);
      },
      syncDirectory: (path) => whileAlive(life, counted(life, disk.syncDirectory(path))),
      space: (path) => disk.space(path),
    };
  }

  #log(log: Logger): Logger {
    const life = this.#life;
    const line = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string, fields?: LogFields) => {
      if (!life.isOver) log[level](message, fields);
    };
    return {
      debug: line('debug'),
      info: line('info'),
      warn: line('warn'),
      error: line('error'),
      child: (fields) => this.#log(log.child(fields)),
    };
  }

  #adopt(connection: MortalConnection): MortalConnection {
    this.#connections.add(connection);
    return connection;
  }
}

const DEAD_TIMER: Timer = { cancel() {} };
