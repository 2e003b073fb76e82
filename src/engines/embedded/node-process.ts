import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Logger, LogLevel } from '../../base/log.ts';
import { FolderLock } from '../../control/folder-lock.ts';
import { portHolder } from '../../control/steps/port-holder.ts';
import { ControlServer } from './control-server.ts';
import { NODE_EXIT } from './exit-status.ts';
import { PROCESS_FILES } from './layout.ts';
import { type NodeConfig, nodeName, readNodeConfig } from './node-config.ts';

/** A stop that takes longer is ended: what was acknowledged is on disk, and the next start recovers. */
const STOP_DEADLINE_MS = 25_000;

interface RunningNode {
  stop(): Promise<void>;
}

/**
 * Starts what this process is there for. `onEpoch`: of a broker, each epoch that the controller gives it,
 * also before it serves.
 */
export type StartNode = (config: NodeConfig, onEpoch: (epoch: number) => void) => Promise<RunningNode>;

interface NodeLog {
  readonly log: Logger;
  /** Told which lines its supervisor wants to be written from then on. */
  readonly onLogLevel: (level: LogLevel) => void;
}

/**
 * Runs one controller or broker process: takes the lock of its folder, answers on its socket, and resolves
 * when the node serves. The process ends when the socket or a signal asks it to stop, and when the node
 * cannot start. It outlives whoever started it.
 */
export async function runNode(
  configFile: string,
  { log, onLogLevel }: NodeLog,
  start: StartNode,
): Promise<void> {
  const folder = dirname(configFile);
  const { config, digest } = readNodeConfig(configFile);
  const name = nodeName(config);
  const lock = FolderLock.acquire(folder);
  if (!lock) {
    log.warn(`${name} runs already: another process holds the lock of its folder`);
    process.exit(NODE_EXIT.locked);
  }
  const identity = { incarnationId: randomUUID(), pid: process.pid, digest };
  const life = new NodeLife(name, log, (stop) => {
    const requests = { stop, setLogLevel: onLogLevel };
    return new ControlServer(folder, identity, { log, requests });
  });
  await life.control.listen();
  writeFileSync(join(folder, PROCESS_FILES.identity), JSON.stringify(identity), { mode: 0o600 });
  life.obeySignals();
  await life.start(() => start(config, (epoch) => life.control.registered(epoch)));
}

/** From the start of a node's process to its end, which a signal, the socket or an error brings about. */
class NodeLife {
  readonly control: ControlServer;
  readonly #name: string;
  readonly #log: Logger;
  #node: RunningNode | null = null;

  /** `control` makes the socket, which calls `stop` when the engine asks for it. */
  constructor(name: string, log: Logger, control: (stop: () => void) => ControlServer) {
    this.#name = name;
    this.#log = log;
    this.control = control(() => this.stop('the engine asked for it'));
  }

  obeySignals(): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => this.stop(`it got ${signal}`));
    for (const event of ['uncaughtException', 'unhandledRejection'] as const)
      process.on(event, (error) => {
        // What went wrong is unknown, so nothing that is in memory can be trusted; the log on disk can.
        this.#log.error(`${this.#name} ends after an error that nothing handles`, { error });
        process.exit(NODE_EXIT.failed);
      });
  }

  /** Resolves when the node serves, or is being stopped. One that cannot start ends the process. */
  async start(start: () => Promise<RunningNode>): Promise<void> {
    try {
      this.#node = await start();
    } catch (error) {
      this.#log.error(`${this.#name} could not start`, { error });
      this.control.become('failed', describe(error));
      // The last report must be out before the process is gone.
      await this.control.drain();
      return this.#end(NODE_EXIT.failed);
    }
    if (this.control.state === 'starting') this.control.become('ready');
  }

  stop(reason: string): void {
    if (this.control.state === 'stopping') return;
    this.#log.info(`${this.#name} stops: ${reason}`);
    this.control.become('stopping');
    setTimeout(() => {
      this.#log.error(`${this.#name} did not stop within ${STOP_DEADLINE_MS} ms and ends now`);
      process.exit(NODE_EXIT.failed);
    }, STOP_DEADLINE_MS).unref();
    // Before it runs there is nothing that needs an orderly end.
    const stopped = this.#node?.stop() ?? Promise.resolve();
    stopped.then(
      () => this.#end(NODE_EXIT.stopped),
      (error: unknown) => {
        this.#log.error(`${this.#name} could not stop cleanly`, { error });
        this.#end(NODE_EXIT.failed);
      },
    );
  }

  #end(status: number): void {
    this.control.remove();
    process.exit(status);
  }
}

function describe(error: unknown): { message: string; code?: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  const port = error.cause instanceof Error && 'port' in error.cause ? Number(error.cause.port) : Number.NaN;
  if ('code' in error && error.code === 'EADDRINUSE' && port > 0)
    return { message: `port ${port} is in use by ${portHolder(port)}`, code: error.code };
  return 'code' in error && typeof error.code === 'string'
    ? { message: error.message, code: error.code }
    : { message: error.message };
}
