import { closeSync, openSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import type { LogLevel } from '../../base/log.ts';

/**
 * The line between the engine and one of its processes: a unix socket in the process's folder with one JSON
 * object a line. It says who answers, and its end says that the process ended, for adopted processes as for
 * own children.
 */

export type NodeState = 'starting' | 'ready' | 'stopping' | 'failed';

/** From the process: once when connected, and again whenever the state changes. */
export interface NodeReport {
  readonly incarnationId: string;
  readonly pid: number;
  /** Of the configuration it was started with. */
  readonly digest: string;
  readonly state: NodeState;
  /** Of a broker that is registered: which life of it the controller knows this process as. */
  readonly brokerEpoch?: number;
  /** Why it failed. */
  readonly message?: string;
  readonly code?: string;
}

/** To the process. */
export interface NodeRequest {
  /** `hello` is answered with a report: who answers none hangs. */
  readonly request: 'stop' | 'hello';
  /** With `hello`: which lines the process writes to its log from then on. */
  readonly logLevel?: LogLevel;
}

/** A longer line is no message of ours. */
const MAX_LINE = 64 * 1024;

/** sun_path is 108 bytes on Linux and 104 on macOS, with the ending zero. */
const LONGEST_PATH = 103;

export function connectTo(folder: string, socketName: string): Promise<Socket> {
  return withShortPath(
    folder,
    socketName,
    (path) =>
      new Promise((resolve, reject) => {
        const socket = connect({ path });
        socket.once('connect', () => {
          socket.off('error', reject);
          resolve(socket);
        });
        socket.once('error', reject);
      }),
  );
}

/**
 * Data folders may lie deeper than a socket's path may be long: then the folder is reached through its
 * descriptor.
 */
export async function withShortPath<T>(
  folder: string,
  name: string,
  run: (path: string) => Promise<T>,
): Promise<T> {
  const path = join(folder, name);
  if (Buffer.byteLength(path) <= LONGEST_PATH) return run(path);
  if (process.platform !== 'linux')
    throw new Error(`The path ${dirname(path)} is too long for a socket: choose a shorter --data`);
  const descriptor = openSync(folder, 'r');
  try {
    return await run(`/proc/self/fd/${descriptor}/${name}`);
  } finally {
    closeSync(descriptor);
  }
}

export function sendLine(socket: Socket, message: NodeReport | NodeRequest): void {
  socket.write(`${JSON.stringify(message)}\n`);
}

/** Calls back with each JSON object that arrives; what is none ends the connection. */
export function onLine(socket: Socket, receive: (message: object) => void): void {
  let pending = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    pending += chunk;
    for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
      const message = parse(pending.slice(0, end));
      pending = pending.slice(end + 1);
      if (!message) return socket.destroy();
      receive(message);
    }
    if (pending.length > MAX_LINE) socket.destroy();
  });
}

export function isNodeReport(message: object): message is NodeReport {
  return (
    'incarnationId' in message &&
    typeof message.incarnationId === 'string' &&
    'pid' in message &&
    typeof message.pid === 'number' &&
    'digest' in message &&
    typeof message.digest === 'string' &&
    'state' in message &&
    typeof message.state === 'string' &&
    ['starting', 'ready', 'stopping', 'failed'].includes(message.state) &&
    (!('brokerEpoch' in message) || typeof message.brokerEpoch === 'number')
  );
}

function parse(line: string): object | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
