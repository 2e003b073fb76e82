import { createServer } from 'node:net';

/**
 * Ports for programs that are told their port. They are below 32,768: the kernel gives higher ports to
 * connections and to servers on port 0 of any process, so that a free one may be taken before it is used.
 */
const BLOCKS = { first: 12_000, count: 180, size: 100 };
const SINGLE = { first: 30_000, count: 2_700 };
/** Blocks for clusters whose second host has the ports `FURTHER` higher. No other block lies there. */
const PAIRS = { first: 10_000, count: 20 };
const FURTHER = 10_000;
/** All ports that tests are given lie between these. */
export const FIRST_GIVEN = PAIRS.first;
export const LAST_GIVEN = SINGLE.first + SINGLE.count - 1;
/**
 * Test files that run at the same time are processes that do not know each other's ports. Each has a share of
 * the ports, by Vitest's number of its worker.
 */
const SHARES = 4;
const share = Number(process.env.VITEST_POOL_ID ?? 0) % SHARES;
/** Many clusters together use more than a block, and continue in the next ones. */
const SPARE_BLOCKS = 3;
/**
 * A cluster without a first port has 9092 and more, and its Millrace gives the ports 10,000 and 20,000 higher to
 * no other. No block lies there, nor so close below that it may continue there.
 */
const KEPT = { first: 9000 - SPARE_BLOCKS * BLOCKS.size, size: 1000 + SPARE_BLOCKS * BLOCKS.size };
const TRIES = 2_000;

/** The first ports of all blocks that do not reach into the upper blocks of pairs, or into what is kept. */
export const firstPorts = Array.from(
  { length: BLOCKS.count },
  (_, block) => BLOCKS.first + BLOCKS.size * block,
).filter((first) => !isOfPair(first) && !isKept(first));

/** Ports that this process was given already: until they are opened they look free. */
const given = new Set<number>();

/**
 * A port on which nobody listens now and which this process was not given before. Brokers need several in a
 * row: `freePorts`.
 */
export function freePort(): Promise<number> {
  const count = Math.floor(SINGLE.count / SHARES);
  return firstFree(
    () => SINGLE.first + share * count + Math.floor(Math.random() * count),
    (port) => isFree(port),
  );
}

/** The first of a hundred ports on which nobody listens now and which this process was not given before. */
export function freePorts(): Promise<number> {
  const count = Math.floor(firstPorts.length / SHARES);
  const own = firstPorts.slice(share * count, (share + 1) * count - SPARE_BLOCKS);
  return firstFree(() => own[Math.floor(Math.random() * own.length)] ?? 0, allFree);
}

/** The same for a cluster with two advertised hosts: the ports 10,000 higher are free too. */
export function freePortsOfTwo(): Promise<number> {
  const count = Math.floor(PAIRS.count / SHARES);
  return firstFree(
    () => PAIRS.first + BLOCKS.size * (share * count + Math.floor(Math.random() * count)),
    async (first) => (await allFree(first)) && (await allFree(first + FURTHER)),
  );
}

/** Whether a block, with the blocks that it may continue in, overlaps the upper blocks of pairs. */
function isOfPair(first: number): boolean {
  const begin = PAIRS.first + FURTHER;
  return first + (SPARE_BLOCKS + 1) * BLOCKS.size > begin && first < begin + PAIRS.count * BLOCKS.size;
}

function isKept(first: number): boolean {
  const within = (first - KEPT.first) % FURTHER;
  return within >= 0 && within < KEPT.size;
}

/** The first choice that is free and was not given before. Rejects if many tries find none. */
async function firstFree(
  choose: () => number,
  isFreeNow: (port: number) => Promise<boolean>,
): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = choose();
    if (given.has(port)) continue;
    // Added before the probe, so that a request during it is not given the same port.
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

/** Rejects if listening fails for another reason than a port in use. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
