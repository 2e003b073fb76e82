import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Above the ports that Linux gives to outgoing connections, and far from those of clusters: a broker that is
 * down for a moment finds its port free when it comes back. Another process may still take a port before the
 * worker listens on it (`WorkerProcess` tries another one then).
 */
const FIRST = 61_000;
const COUNT = 4_000;
const MOST_TRIES = 200;

/** Throws when none was found. */
export async function freeLoopbackPort(): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const port = FIRST + randomInt(COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error(`there is no free port from ${FIRST} to ${FIRST + COUNT}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
