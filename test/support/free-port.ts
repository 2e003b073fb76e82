import { createServer } from 'node:net';

/**
 * Ports for programs that are told their port. They lie below 32,768: from there on the kernel gives ports to
 * connections and to servers on port 0, of any process, so that a port that was free can be taken before it is used.
 */
const BLOCKS = { first: 12_000, count: 180, size: 100 };
const SINGLE = { first: 30_000, count: 2_700 };
/**
 * Test files that run at the same time ask in processes of their own, which know nothing of each other's: each has a share of the ports, by
 * Vitest's number of the place it runs in.
 */
const SHARES = 4;
const share = Number(process.env.VITEST_POOL_ID ?? 0) % SHARES;
/** Many clusters together take more than a block, and run into the next ones. */
const SPARE_BLOCKS = 3;

/** Ports that this process was given already: what it has not opened yet looks free to a probe. */
const given = new Set<number>();

/** A port that nobody listens on now, and that this process was not given before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const count = Math.floor(SINGLE.count / SHARES);
    const port = SINGLE.first + share * count + Math.floor(Math.random() * count);
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      return port;
    }
  }
}

/** The first of a hundred ports that nobody listens on now, and that this process was not given before. */
export async function freePorts(): Promise<number> {
  for (;;) {
    const count = Math.floor(BLOCKS.count / SHARES);
    const block = share * count + Math.floor(Math.random() * (count - SPARE_BLOCKS));
    const first = BLOCKS.first + BLOCKS.size * block;
    if (!given.has(first) && (await allFree(first))) {
      given.add(first);
      return first;
    }
  }
}

/** The same, of a cluster with two advertised hosts: the ports 10,000 higher are free as well. */
export async function freePortsOfTwo(): Promise<number> {
  for (;;) {
    const first = await freePorts();
    const second = first + 10_000;
    if (second >= SINGLE.first || given.has(second) || !(await allFree(second))) continue;
    given.add(second);
    return first;
  }
}

async function allFree(first: number): Promise<boolean> {
  for (let port = first; port < first + BLOCKS.size; port++) if (!(await isFree(port))) return false;
  return true;
}

/** Rejects where listening fails for another reason than a port in use. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
