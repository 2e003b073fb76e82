import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { Millrace } from '../support/millrace.ts';
import { GuardedCluster, refusal } from './guarded-cluster.ts';
import { WayClient } from './way-client.ts';
import { everyChange, type SecurityState, STATES, type Way, waysOf } from './ways-in.ts';

export interface WaysInRun {
  /** The number of the first change; 1 is the first of all. */
  readonly from: number;
  /** At most; 156 are all. */
  readonly changes: number;
  readonly say: (line: string) => void;
}

/**
 * UpdateSecurity from every way in that MSK allows to every other, while one client for each open way writes and
 * reads: whose way stays open notices nothing, whose way is closed is out, whose way is opened comes in.
 * Resolves to the operations that were acknowledged. Rejects at the first one that is not so.
 */
export async function waysIn({ from, changes, say }: WaysInRun): Promise<number> {
  // It begins where users can be made.
  const start = STATES.findIndex(({ scram }) => scram === true);
  const walk = everyChange([...STATES.slice(start), ...STATES.slice(0, start)]);
  const [first] = walk;
  if (!first) throw new Error('there are no states');
  await using millrace = await Millrace.up(['--no-cluster']);
  const cluster = await GuardedCluster.create(millrace.ready.api, first);
  const clients = await clientsOf(await cluster.config('scram'));
  try {
    await open(cluster, clients, first);
    let before = first;
    const place = walk[from - 1];
    if (place && place !== first) {
      await change(cluster, clients, { before, next: place });
      before = place;
    }
    for (const [index, next] of walk.slice(from, from + changes).entries()) {
      const began = performance.now();
      await change(cluster, clients, { before, next });
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      say(`${from + index}: from ${before.name} to ${next.name}: ${seconds} s`);
      before = next;
    }
    for (const client of clients.values()) await client.stop();
  } finally {
    cluster.close();
  }
  return [...clients.values()].reduce((sum, { written }) => sum + written, 0);
}

async function clientsOf(config: KafkaConfig): Promise<Map<Way, WayClient>> {
  const ways: readonly Way[] = ['plaintext', 'tls', 'certificate', 'scram'];
  const admin = new Kafka({ ...config, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const topics = ways.map((way) => ({ topic: way, numPartitions: 3, replicationFactor: 3 }));
  await admin.createTopics({ topics, waitForLeaders: true });
  await admin.disconnect();
  return new Map(ways.map((way) => [way, new WayClient(way)]));
}

async function change(
  cluster: GuardedCluster,
  clients: ReadonlyMap<Way, WayClient>,
  { before, next }: { readonly before: SecurityState; readonly next: SecurityState },
): Promise<void> {
  const closed = waysOf(before).filter((way) => !waysOf(next).includes(way));
  const former = await Promise.all(closed.map((way) => cluster.config(way)));
  for (const way of closed) await clients.get(way)?.stop();
  await cluster.change(next);
  for (const [index, config] of former.entries())
    if ((await refusals(config)).includes(null))
      throw new Error(`${next.name}: ${closed[index]} still comes in`);
  await open(cluster, clients, next);
}

/** Why each broker does not let a new client in, at its first attempt; null for those that do. */
async function refusals(config: KafkaConfig): Promise<(string | null)[]> {
  const brokers = Array.isArray(config.brokers) ? config.brokers : [];
  return await Promise.all(brokers.map((broker) => refusal({ ...config, brokers: [broker] })));
}

/** All clients whose way is open run, and go on. */
async function open(
  cluster: GuardedCluster,
  clients: ReadonlyMap<Way, WayClient>,
  state: SecurityState,
): Promise<void> {
  const running = waysOf(state).flatMap((way) => {
    const client = clients.get(way);
    return client ? [{ way, client }] : [];
  });
  await Promise.all(
    running.map(async ({ way, client }) => {
      const config = await cluster.config(way);
      const found = await refusals(config);
      if (found.length < 3 || found.some((why) => why !== null))
        throw new Error(`${state.name}: not every broker lets in by ${way}: ${JSON.stringify(found)}`);
      if (!client.isRunning) await client.start(config);
      await client.progresses();
    }),
  );
}
