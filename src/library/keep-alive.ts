/** Node ends a process that waits for nothing; a timer that never fires is something to wait for. */
const LONG_MS = 0x7fff_ffff;

/**
 * Nothing inside a cluster keeps the process alive, so that one that nobody stopped does not hang a test run.
 * What somebody awaits (a start, a stop) does, for as long as it takes.
 */
export async function keepingAlive<T>(work: () => Promise<T>): Promise<T> {
  const release = keepAlive();
  try {
    return await work();
  } finally {
    release();
  }
}

/** Until the function that it returns is called. */
export function keepAlive(): () => void {
  const timer = setInterval(() => {}, LONG_MS);
  return () => clearInterval(timer);
}
