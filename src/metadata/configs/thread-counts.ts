/** Pools that Kafka resizes by no more than the factor 2 at a time. */
const POOLS: ReadonlySet<string> = new Set([
  'background.threads',
  'num.io.threads',
  'num.network.threads',
  'num.recovery.threads.per.data.dir',
  'num.replica.fetchers',
  'remote.log.manager.copier.thread.pool.size',
  'remote.log.manager.expiration.thread.pool.size',
  'remote.log.manager.follower.thread.pool.size',
  'remote.log.reader.threads',
]);
const CLEANER = 'log.cleaner.threads';
const LISTENER_PREFIX = /^listener\.name\.[^.]*\./;

/**
 * Kafka's rule for changing a number of threads while the broker runs: null when it allows the change, else
 * its sentence. The pools do not exist here; a script that Kafka refuses is refused all the same.
 */
export function validateThreadCount(
  name: string,
  value: string,
  current: (name: string) => string | null,
): string | null {
  const pool = name.replace(LISTENER_PREFIX, '');
  if (!POOLS.has(pool) && name !== CLEANER) return null;
  const next = Number(value);
  const now = Number(current(name) ?? current(pool) ?? value);
  if (next === now) return null;
  if (name === CLEANER) {
    if (next < 1) return 'Log cleaner threads should be at least 1';
    if (next < Math.trunc(now / 2))
      return `Log cleaner threads cannot be reduced to less than half the current value ${now}`;
    if (next > now * 2)
      return `Log cleaner threads cannot be increased to more than double the current value ${now}`;
    return null;
  }
  const failed = `Dynamic thread count update validation failed for ${pool}=${next}`;
  if (next <= 0) return `${failed}, value should be at least 1`;
  if (next < Math.trunc(now / 2)) return `${failed}, value should be at least half the current value ${now}`;
  if (next > now * 2) return `${failed}, value should not be greater than double the current value ${now}`;
  return null;
}
