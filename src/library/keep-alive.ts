/** Node ends a process that waits for nothing; a timer that never fires is something to wait for. */
const LONG_MS = 0x7fff_ffff;

/**
 * Nothing inside a cluster keeps the process alive, so that one that nobody stopped does not hang a test run. What somebody
 * awaits (a start, a stop) does, for as long as it takes.
 */
export async function keepingAlive<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, LONG_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** For good: the process goes on until somebody ends it. */
export function keepAliveForGood(): void {
  setInterval(() => {}, LONG_MS);
}
