import { connect } from 'node:net';

export interface Outcome {
  readonly closed: boolean;
  /** The answer without its length and correlation id, in hex; empty if there was none. */
  readonly answer: string;
}

/** Sends bytes on a connection of their own; resolves with what a peer sees: an answer, or the end. */
export function sendRaw(
  bootstrap: string,
  bytes: Buffer,
  options: { waitMs?: number } = {},
): Promise<Outcome> {
  const [host, port] = bootstrap.split(':');
  return new Promise((resolve) => {
    const socket = connect(Number(port), host ?? '');
    let received = Buffer.alloc(0);
    const done = (closed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ closed, answer: received.subarray(8).toString('hex') });
    };
    // Neither an answer nor an end came: the peer is being ignored.
    const timer = setTimeout(() => done(false), options.waitMs ?? 3000);
    socket.on('connect', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) done(false);
    });
    socket.on('error', () => done(true));
    socket.on('close', () => done(true));
  });
}
