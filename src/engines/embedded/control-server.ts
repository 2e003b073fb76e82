import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { isLogLevel, type Logger, type LogLevel } from '../../base/log.ts';
import { type NodeReport, type NodeState, onLine, sendLine, withShortPath } from './control-socket.ts';
import { PROCESS_FILES } from './layout.ts';

/** How long a process that failed at once waits for someone to hear why. */
const LAST_WORDS_MS = 200;

/** What whoever is connected may ask of the process. */
interface NodeRequests {
  stop(): void;
  /** Only lines of this level and above are to be written from then on. */
  setLogLevel(level: LogLevel): void;
}

/**
 * A node's end of the socket in its folder (`control-socket.ts`): whoever connects is told how the node is,
 * at once and whenever that changes.
 */
export class ControlServer {
  readonly #folder: string;
  readonly #log: Logger;
  readonly #requests: NodeRequests;
  readonly #sockets = new Set<Socket>();
  #report: NodeReport;

  constructor(
    folder: string,
    identity: Pick<NodeReport, 'incarnationId' | 'pid' | 'digest'>,
    { log, requests }: { readonly log: Logger; readonly requests: NodeRequests },
  ) {
    this.#folder = folder;
    this.#log = log;
    this.#requests = requests;
    this.#report = { ...identity, state: 'starting' };
  }

  get state(): NodeState {
    return this.#report.state;
  }

  /**
   * To be called with the lock of the folder held: only then is a socket that lies there certainly nobody's.
   * Resolves when it listens. Rejects with what the system refuses.
   */
  async listen(): Promise<void> {
    const server = createServer((socket) => this.#accept(socket));
    this.remove();
    await withShortPath(
      this.#folder,
      PROCESS_FILES.socket,
      (path) =>
        new Promise<void>((resolve, reject) => {
          server.once('error', reject);
          server.listen({ path }, resolve);
        }),
    );
    chmodSync(join(this.#folder, PROCESS_FILES.socket), 0o600);
  }

  become(state: NodeState, why: Pick<NodeReport, 'message' | 'code'> = {}): void {
    const { incarnationId, pid, digest, brokerEpoch } = this.#report;
    const epoch = brokerEpoch === undefined ? {} : { brokerEpoch };
    this.#tell({ incarnationId, pid, digest, ...epoch, state, ...why });
  }

  /** The controller has given the broker this epoch. */
  registered(brokerEpoch: number): void {
    this.#tell({ ...this.#report, brokerEpoch });
  }

  /** Resolves when the last report is out. Whoever started the process may be about to connect. */
  async drain(): Promise<void> {
    if (this.#sockets.size === 0) await new Promise((done) => setTimeout(done, LAST_WORDS_MS));
    await Promise.all([...this.#sockets].map((socket) => new Promise<void>((done) => socket.end(done))));
  }

  /** Removes the socket's file; one that is gone already is no error. */
  remove(): void {
    rmSync(join(this.#folder, PROCESS_FILES.socket), { force: true });
  }

  #tell(report: NodeReport): void {
    this.#report = report;
    for (const socket of this.#sockets) sendLine(socket, report);
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', (error) => this.#log.debug('The control connection broke', { error }));
    sendLine(socket, this.#report);
    onLine(socket, (message) => {
      if (!('request' in message)) return;
      if (message.request === 'stop') this.#requests.stop();
      if (message.request !== 'hello') return;
      if ('logLevel' in message && isLogLevel(message.logLevel)) this.#requests.setLogLevel(message.logLevel);
      sendLine(socket, this.#report);
    });
  }
}
