import { expect, test } from 'vitest';
import { CLUSTER_CANARIES, type ClusterCanary } from './cluster/canaries.ts';
import { cluster } from './scenarios/cluster.ts';
import { freshSeed, seeds } from './seeds.ts';

/** A seed takes about a second on an idle machine; a busy one may take ten times as long. */
const TIMEOUT_MS = 900_000;
/** A checker must notice a broken rule within this many seeds. */
const CANARY_SEEDS = 30;

/** The options with which the seeds below were found. */
const AS_FOUND = { features: ['ordinary'], traits: [] } as const;
/** Each of these seeds failed once; the comment says why. */
const FOUND_ONCE = [
  // A follower deleted its whole log because of an epoch without records.
  1056,
  // A follower was never told the last high watermark again.
  1_256_355_430,
  // __consumer_offsets was created with one copy, because the first member came before the other brokers.
  156_323_219,
  // The last in-sync replica lost power while the complete replicas were cut off from the controller.
  1_993_452_967,
  // A new broker's disk was full: the first records of the metadata log were lost, but their epoch was kept.
  413_853_454,
  // A reader asked a follower, with the epoch of the partition's leader.
  1_933_509_225,
  // A timer for the last picosecond before a deadline was armed again without end.
  619_279_951, 472_153_044,
  // A full disk refused a flush. When there was space again, nobody repeated the flush, and a coordinator
  // waited.
  952_114_630,
];

/** Seeds whose share group has the isolation level read_committed over a topic of transactions. */
const READ_COMMITTED = [48, 61, 65];
/** Seeds whose share group has an isolation level that changes, over a topic of transactions. */
const CHANGING_LEVEL = [17, 29, 39];
/** A seed whose share coordinator is cut off from the controller, and answers reads after it was replaced. */
const COORDINATOR_REPLACED = 1_910_006_216;
/** A seed whose leader of a share partition repeats a write for a group that was deleted and made anew. */
const LATE_WRITE = 2_200_032_013;
/** Seeds whose leaders of share partitions die between a decision and what the next one reads of it. */
const DECISIONS_LOST = [10, 12, 14];

test(
  'whatever happens to a cluster, what it promised holds, and once healed it serves everything again',
  async () => {
    const total = { acknowledged: 0, commits: 0 };
    const chosen = seeds({ fixed: 23, fresh: 5 });
    for (const seed of chosen) {
      const { acknowledged, commits } = await cluster(seed);
      total.acknowledged += acknowledged;
      total.commits += commits;
    }
    if (chosen.length < 20) return;
    // The histories did what they are for.
    expect(total.acknowledged).toBeGreaterThan(2000);
    expect(total.commits).toBeGreaterThan(300);
  },
  TIMEOUT_MS,
);

test(
  'what was found once is not found again',
  async () => {
    if (process.env.SEED !== undefined) return;
    for (const seed of FOUND_ONCE) await cluster(seed, AS_FOUND);
  },
  TIMEOUT_MS,
);

test(
  'a group gives away what a member had whose session ended while its offsets topic took no records',
  async () => {
    if (process.env.SEED !== undefined) return;
    await cluster(2_200_000_108, {
      features: ['consumer group', 'transactions', 'ordinary'],
      traits: ['lost checkpoints', 'refused logs', 'quiet'],
    });
  },
  TIMEOUT_MS,
);

test(
  'whatever moves, the coordinators’ own partitions too, what it promised holds',
  async () => {
    for (const seed of seeds({ fixed: 3, fresh: 1 }))
      await cluster(seed, { features: ['idle groups', 'transactions'], traits: ['moves'], strikes: 3 });
  },
  TIMEOUT_MS,
);

test(
  'whatever happens to a share group and to what keeps its state, no record is left out and none is done twice',
  async () => {
    let settled = 0;
    const named = process.env.SEED === undefined ? DECISIONS_LOST : [];
    const chosen = [...named, ...seeds({ fixed: 3, fresh: 2 })];
    for (const seed of chosen)
      settled += (await cluster(seed, { features: ['share group'], strikes: 4 })).settled;
    if (chosen.length > 2) expect(settled).toBeGreaterThan(1000);
  },
  TIMEOUT_MS,
);

test(
  'a share group that was reset goes on where it was told to, and one that forgot or was deleted begins anew',
  async () => {
    let settled = 0;
    const chosen = seeds({ fixed: 3, fresh: 2 });
    for (const seed of chosen)
      settled += (await cluster(seed, { features: ['share resets'], traits: [], strikes: 4 })).settled;
    for (const seed of [COORDINATOR_REPLACED, LATE_WRITE])
      await cluster(seed, { features: ['share resets'], traits: [] });
    if (chosen.length > 2) expect(settled).toBeGreaterThan(1000);
  },
  TIMEOUT_MS,
);

test(
  'a replica that is throttled comes in sync, and a partition that moves comes to the end of its way',
  async () => {
    const traits = ['throttled replicas', 'moves', 'unregistered brokers'] as const;
    for (const seed of seeds({ fixed: 5, fresh: 1 }))
      await cluster(seed, { features: ['ordinary', 'moved topic'], traits, strikes: 4 });
  },
  TIMEOUT_MS,
);

test(
  'there is one process for each group.instance.id, and it keeps its place when it comes back',
  async () => {
    for (const seed of seeds({ fixed: 6, fresh: 2 }))
      await cluster(seed, { features: ['static group'], strikes: 3 });
  },
  TIMEOUT_MS,
);

test(
  'an offset that is pending in a transaction counts when the transaction commits, and nothing brings it back',
  async () => {
    for (const seed of seeds({ fixed: 5, fresh: 2 }))
      await cluster(seed, { features: ['pending offsets'], strikes: 3 });
  },
  TIMEOUT_MS,
);

test(
  'a topic that is made again while its replicas move has nothing of the former one',
  async () => {
    for (const seed of seeds({ fixed: 5, fresh: 2 }))
      await cluster(seed, { features: ['topic swapped'], strikes: 3 });
  },
  TIMEOUT_MS,
);

test(
  'a batch that is sent again while its producer is remembered is not written again',
  async () => {
    for (const seed of seeds({ fixed: 5, fresh: 2 }))
      await cluster(seed, { features: ['expiring producers'], strikes: 3 });
  },
  TIMEOUT_MS,
);

test(
  'a share group of read_committed is given no aborted record, whatever moves beside other transactions',
  async () => {
    const chosen = process.env.SEED === undefined ? READ_COMMITTED : [Number(process.env.SEED)];
    for (const seed of chosen)
      await cluster(seed, {
        features: ['share group', 'transactions'],
        traits: ['moves', 'short segments'],
        strikes: 2,
      });
  },
  TIMEOUT_MS,
);

test(
  'a share group whose isolation level changes is given no aborted record while it is read_committed',
  async () => {
    const chosen = process.env.SEED === undefined ? CHANGING_LEVEL : [Number(process.env.SEED)];
    for (const seed of chosen) await cluster(seed, { features: ['share group'], strikes: 3 });
  },
  TIMEOUT_MS,
);

test(
  'records that were told to be deleted are deleted on every replica in sync, and once healed a deletion is answered',
  async () => {
    for (const seed of seeds({ fixed: 3, fresh: 1 }))
      await cluster(seed, { features: ['moved topic'], traits: [], strikes: 3 });
  },
  TIMEOUT_MS,
);

test(
  'a broker that is unregistered while it starts registers anew',
  async () => {
    if (process.env.SEED !== undefined) return;
    await cluster(2_200_001_089, {
      features: ['ordinary', 'streams group'],
      traits: ['lost checkpoints', 'days', 'unregistered brokers'],
    });
  },
  TIMEOUT_MS,
);

test(
  'a leader that has not heard of the next one proposes an ISR in vain',
  async () => {
    if (process.env.SEED !== undefined) return;
    await cluster(2_200_000_934, {
      features: ['compacted topic', 'deleted bank', 'idle groups'],
      traits: ['lost checkpoints', 'refused logs', 'late requests'],
    });
  },
  TIMEOUT_MS,
);

test(
  'what it promised holds of topics, groups and brokers that go away, and of requests that come late',
  async () => {
    for (const seed of seeds({ fixed: 3, fresh: 1 }))
      await cluster(seed, {
        features: ['deleted bank', 'deleted groups'],
        traits: ['late requests', 'unregistered brokers', 'elections'],
        strikes: 3,
      });
  },
  TIMEOUT_MS,
);

test(
  'what it promised holds while min.insync.replicas is raised and lowered, and with it who is eligible to lead',
  async () => {
    for (const seed of seeds({ fixed: 6, fresh: 2 }))
      await cluster(seed, { ...AS_FOUND, traits: ['changing minimum'] });
  },
  TIMEOUT_MS,
);

test(
  'the same seed gives the same run, event by event',
  async () => {
    const seed = freshSeed();
    expect(await cluster(seed, { strikes: 2 })).toEqual(await cluster(seed, { strikes: 2 }));
  },
  TIMEOUT_MS,
);

test.each(Object.entries(CLUSTER_CANARIES).map(([name, canary]) => ({ name, ...canary })))(
  'canary: $name, and it is found for that',
  async ({ name, features, traits, found }) => {
    const canary = name as ClusterCanary;
    const reasons: string[] = [];
    for (let seed = 1; seed <= CANARY_SEEDS && !reasons.some((reason) => found.test(reason)); seed++) {
      const reason = await cluster(seed, { canary, features, traits, strikes: 6 }).then(
        () => null,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      if (reason !== null) reasons.push(reason.split('\n')[0] ?? '');
    }
    expect(reasons).toContainEqual(expect.stringMatching(found));
  },
  TIMEOUT_MS,
);
