import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { type Holder, holdOf } from './connection-holder.ts';

/** A program that does not accept a connection by then does not serve. */
const ACCEPT_MS = 30_000;
const FIRST_POLL_MS = 5;
/** Each look reads the table of all connections of the machine, and a worker may stand for long. */
const LONGEST_POLL_MS = 250;

/**
 * Connections to a port of 127.0.0.1 whose other end one process holds. Another program may have taken the
 * port of a worker that is not up yet, or ended: it is sent nothing. A connection that one request leaves is
 * used by the next one.
 */
export class HeldConnections {
  readonly agent = new Agent({ keepAlive: true });

  constructor(port: number, holder: Holder) {
    this.agent.createConnection = (_, created) => {
      connected(port, holder).then(
        (socket) => created?.(null, socket),
        // Where it fails the agent looks at nothing but the error.
        (error: Error) => (created as ((error: Error) => void) | undefined)?.(error),
      );
      return undefined;
    };
  }

  /** Closes those that no request uses, and the others when their answers are there. */
  close(): void {
    this.agent.maxFreeSockets = 0;
    for (const sockets of Object.values(this.agent.freeSockets))
      for (const socket of sockets ?? []) socket.destroy();
  }
}

/** Rejects where another process has the port, or none. */
async function connected(port: number, holder: Holder): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  let failure: Error | null = null;
  const failed = (error: Error) => {
    failure = error;
  };
  socket.on('error', failed);
  try {
    const until = performance.now() + ACCEPT_MS;
    for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(2 * pollMs, LONGEST_POLL_MS)) {
      const from = socket.connecting ? undefined : socket.localPort;
      const hold = from === undefined ? 'nobody' : await holdOf({ from, to: port }, holder);
      if (failure !== null) throw failure;
      // A request would wait on it for an end that has been told already.
      if (socket.destroyed) throw new Error(`The port ${port} of the worker ended a connection at once.`);
      if (hold === 'held') return socket;
      if (hold === 'another')
        throw new Error(`The port ${port} of the worker is another program's, which was sent nothing.`);
      if (performance.now() > until) throw new Error(`Nobody accepts connections to the port ${port}.`);
      await setTimeout(pollMs);
    }
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    socket.off('error', failed);
  }
}
