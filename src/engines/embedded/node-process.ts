import { randomUUID } from 'node:crypto';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { isLogLevel, type Logger, type LogLevel } from '../../base/log.ts';
import { FolderLock } from '../../control/folder-lock.ts';
import { portHolder } from '../../control/steps/port-holder.ts';
import { type NodeReport, type NodeState, onLine, sendLine, withShortPath } from './control-socket.ts';
import { EXIT } from './exit-status.ts';
import { PROCESS_FILES } from './layout.ts';
import { type NodeConfig, nodeName, readNodeConfig } from './node-config.ts';

/** A stop that takes longer is ended: what was acknowledged is on disk, and the next start recovers. */
const STOP_DEADLINE_MS = 25_000;

/** How long a process that failed at once waits for someone to hear why. */
const LAST_WORDS_MS = 200;

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
 * The life of one controller or broker process: takes the lock of its folder, answers on its socket, runs
 * until it is asked to stop by the socket or a signal. It outlives whoever started it.
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
    process.exit(EXIT.locked);
  }

  const connections = new Set<Socket>();
  const identity = { incarnationId: randomUUID(), pid: process.pid, digest };
  let report: NodeReport = { ...identity, state: 'starting' };
  function become(state: NodeState, why: { message?: string; code?: string } = {}): void {
    tell({ ...identity, state, ...why });
  }

  let node: RunningNode | null = null;
  let epoch: number | null = null;
  function tell(next: NodeReport): void {
    report = epoch === null ? next : { ...next, brokerEpoch: epoch };
    for (const socket of connections) sendLine(socket, report);
  }

  function stop(reason: string): void {
    if (report.state === 'stopping') return;
    log.info(`${name} stops: ${reason}`);
    become('stopping');
    setTimeout(() => {
      log.error(`${name} did not stop within ${STOP_DEADLINE_MS} ms and ends now`);
      process.exit(EXIT.failed);
    }, STOP_DEADLINE_MS).unref();
    // Before it runs there is nothing that needs an orderly end.
    const stopped = node?.stop() ?? Promise.resolve();
    stopped.then(
      () => end(EXIT.stopped),
      (error: unknown) => {
        log.error(`${name} could not stop cleanly`, { error });
        end(EXIT.failed);
      },
    );
  }

  function end(status: number): void {
    rmSync(join(folder, PROCESS_FILES.socket), { force: true });
    process.exit(status);
  }

  const server = createServer((socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', (error) => log.debug('The control connection broke', { error }));
    sendLine(socket, report);
    onLine(socket, (message) => {
      if (!('request' in message)) return;
      if (message.request === 'stop') stop('the engine asked for it');
      if (message.request !== 'hello') return;
      if ('logLevel' in message && isLogLevel(message.logLevel)) onLogLevel(message.logLevel);
      sendLine(socket, report);
    });
  });
  // Only now, with the lock held, is a socket that lies there certainly nobody's.
  rmSync(join(folder, PROCESS_FILES.socket), { force: true });
  await withShortPath(
    folder,
    PROCESS_FILES.socket,
    (path) =>
      new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ path }, resolve);
      }),
  );
  chmodSync(join(folder, PROCESS_FILES.socket), 0o600);
  writeFileSync(join(folder, PROCESS_FILES.identity), JSON.stringify(identity), { mode: 0o600 });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => stop(`it got ${signal}`));
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error) => {
      // What went wrong is unknown, so nothing that is in memory can be trusted; the log on disk can.
      log.error(`${name} ends after an error that nothing handles`, { error });
      process.exit(EXIT.failed);
    });

  try {
    node = await start(config, (given) => {
      epoch = given;
      tell(report);
    });
  } catch (error) {
    log.error(`${name} could not start`, { error });
    become('failed', describe(error));
    // The last report must be out before the process is gone; who started it may be about to connect.
    if (connections.size === 0) await new Promise((done) => setTimeout(done, LAST_WORDS_MS));
    await Promise.all([...connections].map((socket) => new Promise<void>((done) => socket.end(done))));
    return end(EXIT.failed);
  }
  if (report.state === 'starting') become('ready');
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
