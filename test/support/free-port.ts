import { createServer } from 'node:net';

/** A port that nobody listens on now; port 0 lets the kernel choose one. */
export function freePort(): Promise<number> {
  return listenOn(0);
}

/** The first of a hundred ports that were free just now, below those that the kernel gives to connections. */
export async function freePorts(): Promise<number> {
  for (;;) {
    const first = 12_000 + 100 * Math.floor(Math.random() * 180);
    try {
      for (let port = first; port < first + 100; port++) await listenOn(port);
      return first;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    }
  }
}

function listenOn(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
