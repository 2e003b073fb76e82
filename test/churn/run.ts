import { setTimeout as passed } from 'node:timers/promises';
import { startCluster } from '../../src/index.ts';
import { passingClient } from './passing-client.ts';

/** What Kafka forgets by itself after days is forgotten within a minute. */
const FORGETFUL = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'offsets.retention.minutes': '1',
  'offsets.retention.check.interval.ms': '1000',
  'transactional.id.expiration.ms': '20000',
  'transaction.remove.expired.transaction.cleanup.interval.ms': '1000',
  'producer.id.expiration.ms': '20000',
  'producer.id.expiration.check.interval.ms': '1000',
} as const;
const FORGOTTEN_MS = 75_000;
const AT_ONCE = 4;
/** What a client may leave, in the memory of three brokers and a controller. */
const LEFT_BYTES = 3000;

export interface ChurnRun {
  readonly rounds: number;
  readonly clientsEach: number;
  readonly say: (line: string) => void;
}

/**
 * Clients come and go before three brokers of `startCluster`, round after round: what is in memory when they
 * are forgotten must not grow with their number. Resolves to the bytes that each client of the rounds after
 * the second has left, less than nothing where memory became less; by then all code has run often. Rejects when
 * a client fails, or when they leave more than 3 KB each.
 */
export async function churn({ rounds, clientsEach, say }: ChurnRun): Promise<number> {
  await using cluster = await startCluster({ brokers: 3, config: FORGETFUL });
  const sizes: number[] = [];
  let number = 0;
  for (let round = 1; round <= rounds; round++) {
    const last = number + clientsEach;
    const come = async () => {
      while (number < last) await passingClient(cluster.brokers, number++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, come));
    await passed(FORGOTTEN_MS);
    const size = await bytesInUse();
    say(`${number} clients came and went: ${(size / 1e6).toFixed(1)} MB`);
    sizes.push(size);
  }
  const left = ((sizes.at(-1) ?? 0) - (sizes[1] ?? 0)) / (number - 2 * clientsEach);
  if (left > LEFT_BYTES) throw new Error(`each client has left ${Math.round(left)} bytes`);
  return left;
}

/** The heap and the buffers after what nobody holds has been collected. Needs `--expose-gc`. */
async function bytesInUse(): Promise<number> {
  if (!globalThis.gc) throw new Error('run it with --expose-gc');
  // Buffers are given back by finalizers, which run after a collection.
  for (let time = 0; time < 5; time++) {
    globalThis.gc();
    await passed(100);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
