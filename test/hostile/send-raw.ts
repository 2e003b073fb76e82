import { connect } from 'node:net';

export interface Outcome {
  readonly closed: boolean;
  /** The answer without its length and correlation id, in hex; empty if there was none. */
  readonly answer: string;
}

/**
 * Sends bytes on a connection of their own; resolves with what a peer sees: an answer, the end, or nothing
 * within `waitMs`, which is what an ignored peer sees.
 */
export function sendRaw(
  bootstrap: string,
  bytes: Buffer,
  { waitMs }: { readonly waitMs: number },
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
    const timer = setTimeout(() => done(false), waitMs);
    socket.on('connect', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) done(false);
    });
    socket.on('error', () => done(true));
    socket.on('close', () => done(true));
  });
}
