import { createServer } from 'node:net';

/**
 * Ports for programs that are told their port. They lie below 32,768: from there on the kernel gives ports to
 * connections and to servers on port 0, of any process, so that a port that was free can be taken before it
 * is used.
 */
const BLOCKS = { first: 12_000, count: 180, size: 100 };
const SINGLE = { first: 30_000, count: 2_700 };
/** Blocks of clusters whose second host has the ports `FURTHER` higher, among which no other block lies. */
const PAIRS = { first: 10_000, count: 20 };
const FURTHER = 10_000;
/**
 * Test files that run at the same time ask in processes of their own, which know nothing of each other's:
 * each has a share of the ports, by Vitest's number of the place it runs in.
 */
const SHARES = 4;
const share = Number(process.env.VITEST_POOL_ID ?? 0) % SHARES;
/** Many clusters together take more than a block, and run into the next ones. */
const SPARE_BLOCKS = 3;
const TRIES = 2_000;

/** Ports that this process was given already: what it has not opened yet looks free to a probe. */
const given = new Set<number>();

/**
 * A port that nobody listens on now, and that this process was not given before. Brokers need more in a row:
 * `freePorts`.
 */
export function freePort(): Promise<number> {
  const count = Math.floor(SINGLE.count / SHARES);
  return firstFree(
    () => SINGLE.first + share * count + Math.floor(Math.random() * count),
    (port) => isFree(port),
  );
}

/** The first of a hundred ports that nobody listens on now, and that this process was not given before. */
export function freePorts(): Promise<number> {
  const count = Math.floor(BLOCKS.count / SHARES);
  const block = () => share * count + Math.floor(Math.random() * (count - SPARE_BLOCKS));
  return firstFree(
    () => BLOCKS.first + BLOCKS.size * block(),
    async (first) => !isOfPair(first) && (await allFree(first)),
  );
}

/** The same, of a cluster with two advertised hosts: the ports 10,000 higher are free as well. */
export function freePortsOfTwo(): Promise<number> {
  const count = Math.floor(PAIRS.count / SHARES);
  return firstFree(
    () => PAIRS.first + BLOCKS.size * (share * count + Math.floor(Math.random() * count)),
    async (first) => (await allFree(first)) && (await allFree(first + FURTHER)),
  );
}

/** Whether a block, with those that it may run into, reaches into the upper blocks of pairs. */
function isOfPair(first: number): boolean {
  const begin = PAIRS.first + FURTHER;
  return first + (SPARE_BLOCKS + 1) * BLOCKS.size > begin && first < begin + PAIRS.count * BLOCKS.size;
}

/** The first choice that is free and was not given before. Rejects when there is none in many tries. */
async function firstFree(
  choose: () => number,
  isFreeNow: (port: number) => Promise<boolean>,
): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = choose();
    if (given.has(port)) continue;
    // Before the probe: whoever asks during it must not be given the same.
    given.add(port);
    if (await isFreeNow(port)) return port;
    given.delete(port);
  }
  throw new Error(`no free ports in ${TRIES} tries; share ${share} was given ${given.size} before`);
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
