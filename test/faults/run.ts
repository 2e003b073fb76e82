import { below, Sfc32 } from '../../src/base/random.ts';
import { kafkaTool } from '../support/kafka-tools.ts';
import { eventually } from '../support/millrace.ts';
import { passingFile } from '../support/passing-file.ts';
import { Bank } from '../workloads/bank.ts';
import { CommittedOffsets } from '../workloads/committed-offsets.ts';
import { CompactedTable } from '../workloads/compacted-table.ts';
import { COMPACTED, compactedFolders } from '../workloads/compactions.ts';
import { SharedQueue } from '../workloads/shared-queue.ts';
import { TopicMadeAgain } from '../workloads/topic-made-again.ts';
import { Transfers } from '../workloads/transfers.ts';
import { WireClient } from '../workloads/wire-client.ts';
import { Working } from '../workloads/working.ts';
import type { Workload } from '../workloads/workload.ts';
import { broken } from './broken-promises.ts';
import { FaultCluster } from './cluster.ts';
import { type Consumer, groupConsumer, plainConsumer, shareConsumer } from './consumers.ts';
import type { Fault, FaultPromise, Stricken } from './faults.ts';
import { fillDisk } from './full-disk.ts';
import { check, hasSeen, longestGapsMs, type Read, type Sent, type Violations } from './history.ts';
import { JavaProducer } from './java-producer.ts';
import { KcatProducer } from './kcat-producer.ts';
import { readAll } from './read-all.ts';
import { Guest } from './secure/guest.ts';
import { Impostor } from './secure/impostor.ts';
import { Intruder } from './secure/intruder.ts';
import { PasswordChanges } from './secure/password-changes.ts';

export interface FaultRun {
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** The run ends after this many faults or this much time, whichever comes first. */
  readonly strikes: number;
  readonly seconds: number;
  readonly brokers: number;
  /** With one replica nothing is acknowledged while its broker is away. */
  readonly replicationFactor: number;
  readonly partitions: number;
  readonly producers: number;
  readonly perSecond: number;
  /** One in this many faults comes before all replicas are back after the last one; 0 for none. */
  readonly overlap: number;
  /**
   * Clients sign in over TLS, and other clients try to connect or to do what they have no right to. Needs the
   * names of `runWithOwnNames`.
   */
  readonly secure?: boolean;
  /** Consumers of a share group work beside the others; not in a secure cluster. */
  readonly shares?: boolean;
}

export interface Strike {
  readonly fault: string;
  readonly detail: string;
  /**
   * For each partition the longest time without an acknowledgement, counted from when it could acknowledge
   * again if the fault tells that.
   */
  readonly gapsMs: readonly number[];
  /** It came during another fault: its gaps may be caused by that. */
  readonly isOverlapping: boolean;
  /** The number of consumers and producers that gave up during it. */
  readonly gaveUp: number;
}

export interface FaultReport {
  readonly strikes: readonly Strike[];
  readonly acknowledged: number;
  readonly failed: number;
  readonly read: number;
  readonly consumed: number;
  /** Acknowledged operations by workload. */
  readonly workloads: Readonly<Record<string, number>>;
  /** The number of partition folders, of all brokers, in which a compaction left records out. */
  readonly compacted: number;
  /** Why clients gave up. */
  readonly gaveUp: readonly string[];
  readonly seconds: number;
  readonly violations: Violations;
}

/** Large enough for what a run of ten minutes writes, and small enough to be filled in a moment. */
const DISK_MB = 768;
/** Milliseconds in which every partition must acknowledge something again after a fault. */
const PROGRESS_MS = 180_000;
/** A consumer that polls all the time catches up within this; the longest wait of a client is half of it. */
const CATCH_UP_MS = 180_000;
/** One fault after another, also where the first takes all the time. */
const LEAST_STRIKES = 2;
/** Between two steps of a workload: the producers beside the workloads keep the brokers busy. */
const WORKLOAD_PAUSE_MS = 10;
/** The workloads rest and are checked before one in this many faults, and at the end. */
const JUDGED_EVERY = 5;
const SHARERS = ['the first sharer', 'the second sharer'];
/** Includes acknowledgements from before the fault, so that the first gap has a beginning. */
const LOOK_BACK_MS = 200;

/**
 * Runs real processes and real clients with one fault after another, then reads everything and compares it
 * with what was acknowledged.
 */
export async function runFaults(run: FaultRun, say: (line: string) => void = () => {}): Promise<FaultReport> {
  const random = new Sfc32(run.seed);
  const { replicationFactor, partitions } = run;
  await using cluster = await FaultCluster.up(run.brokers, {
    ...(run.faults.includes(fillDisk) ? { smallDisk: DISK_MB } : {}),
    ...(run.secure === undefined ? {} : { secure: run.secure }),
  });
  const { bootstrap } = cluster;
  const topic = 'history';
  const created = await kafkaTool('kafka-topics', [
    ...['--command-config', ownersConfig(cluster)],
    ...['--bootstrap-server', bootstrap, '--create', '--topic', topic],
    ...['--partitions', String(partitions), '--replication-factor', String(replicationFactor)],
    // Unclean elections may lose records, so they are off.
    ...['--config', 'unclean.leader.election.enable=false'],
  ]);
  if (created.status !== 0) throw new Error(`kafka-topics: ${created.stderr}${created.stdout}`);
  const owner = cluster.login('owner').wire;
  const client = new WireClient(bootstrap.split(','), owner);
  // A broker answers the requests of a connection one after the other: behind a produce of a workload that
  // waits for missing replicas, a question would wait too. So questions have a client of their own.
  const asking = new WireClient(bootstrap.split(','), owner);
  const sharers: Consumer[] = [];
  const working = await workloads(
    client,
    cluster,
    run.shares === true && run.secure !== true ? sharers : null,
  );
  const producing = { bootstrap, topic, login: cluster.login('producer') };
  const java = Array.from(
    { length: run.producers },
    (_, id) => new JavaProducer({ ...producing, id, perSecond: run.perSecond / run.producers }),
  );
  const kcat = new KcatProducer({ ...producing, id: 0 });
  const consuming = { bootstrap, topic, login: cluster.login('consumer') };
  const consumers = [groupConsumer(consuming), plainConsumer(consuming)];
  const gaveUp = () => [...kcat.errors, ...[...consumers, ...sharers].flatMap(({ ends }) => ends)];
  const failed = () =>
    [...java, kcat].reduce((sum, { sent }) => sum + sent.filter((one) => !one.acknowledged).length, 0);
  const workloadViolations: string[] = [];
  const judge = async (): Promise<void> => {
    await working.rest();
    const found = await working.violations();
    workloadViolations.push(...found.map((violation) => `after ${strikes.length} faults, ${violation}`));
  };
  const promises: FaultPromise[] = [];
  let servesFrom: number | undefined;
  const stricken: Stricken = {
    cluster,
    topic,
    replicationFactor,
    committedEnds: () => asking.committedEnds(topic),
    canServe: () => {
      servesFrom = Date.now();
    },
    promise: (one) => promises.push(one),
  };
  await everyPartition(java, partitions, Date.now());
  // A new group waits three seconds for more members (group.initial.rebalance.delay.ms), and begins again
  // with another coordinator: killed again and again, it would never read anything.
  await eventually(
    'every consumer has polled',
    () => consumers.every(({ consumed }) => consumed.records > 0),
    PROGRESS_MS,
  );
  const strikes: Strike[] = [];
  working.start();
  const started = Date.now();
  let ended = started;
  let read: Read[];
  let compacted = 0;
  try {
    const isInTime = () => strikes.length < LEAST_STRIKES || Date.now() - started < run.seconds * 1000;
    while (strikes.length < run.strikes && isInTime()) {
      const fault = run.faults[below(random, run.faults.length)];
      if (!fault) throw new Error('no fault was given');
      const isOverlapping = run.overlap > 0 && below(random, run.overlap) === 0;
      if (!isOverlapping) {
        await cluster.inSync(topic, replicationFactor);
        // A broker that was away leads nothing, and the next fault would hardly harm it.
        await asking.electPreferredLeaders(topic, partitions);
      }
      if (!isOverlapping && strikes.length % JUDGED_EVERY === JUDGED_EVERY - 1) {
        await judge();
        working.start();
      }
      const from = Date.now();
      const gaveUpBefore = gaveUp().length;
      servesFrom = undefined;
      const failedBefore = failed();
      const detail = await fault.strike(stricken, random);
      await everyPartition(java, partitions, Date.now());
      const strike = {
        fault: fault.name,
        detail,
        isOverlapping,
        gapsMs: longestGapsMs(
          java.flatMap((producer) => since(producer.sent, from - LOOK_BACK_MS)),
          servesFrom,
        ),
        gaveUp: gaveUp().length - gaveUpBefore,
      };
      strikes.push(strike);
      if (fault.isHarmless && !isOverlapping && (strike.gaveUp > 0 || failed() > failedBefore))
        promises.push({
          broken: `${failed() - failedBefore} records were not acknowledged, and ${strike.gaveUp} clients gave up, during ${fault.name}, ${detail}`,
        });
      const overlap = isOverlapping ? ' (on top of the last one)' : '';
      say(
        `${fault.name}${overlap}, ${detail}: no acknowledgement for ${Math.round(Math.max(...strike.gapsMs))} ms`,
      );
    }
    ended = Date.now();
    await Promise.all([...java, kcat].map((producer) => producer.stop()));
    await cluster.inSync(topic, replicationFactor);
    await judge();
    compacted = compactedFolders(cluster.folder(''));
    read = await readAll(bootstrap, topic, consuming.login);
    await caughtUp(consumers, read);
  } catch (error) {
    // Errors that follow from this one may come first in the end, so it is printed now.
    say(`the run ends: ${error instanceof Error ? error.stack : String(error)}`);
    throw error;
  } finally {
    // A failed run leaves nothing behind.
    await Promise.all([...java, kcat, ...consumers].map((one) => one.stop()));
    await working.rest().finally(() => working.close());
    await Promise.all([client.close(), asking.close()]);
  }
  const sent = [...java, kcat].flatMap((producer) => producer.sent);
  const consumed = consumers.map((consumer) => consumer.consumed);
  const violations = check(sent, read, consumed);
  violations.promises.push(...broken(promises, sent));
  violations.workloads.push(...workloadViolations);
  return {
    strikes,
    acknowledged: sent.filter((record) => record.acknowledged).length,
    failed: sent.filter((record) => !record.acknowledged).length,
    read: read.length,
    consumed: consumed.reduce((sum, { records }) => sum + records, 0),
    workloads: working.acknowledged(),
    compacted,
    gaveUp: gaveUp(),
    seconds: (ended - started) / 1000,
    violations,
  };
}

/** Called before the first fault. */
async function workloads(
  client: WireClient,
  cluster: FaultCluster,
  /** The consumers of a share group are added to this list; null for none. */
  sharers: Consumer[] | null,
): Promise<Working> {
  await client.alterBrokers({ 'log.cleaner.backoff.ms': '500' });
  const all = [
    await CompactedTable.open(client, COMPACTED),
    await CommittedOffsets.open(client, COMPACTED),
    await Transfers.open(client, COMPACTED),
    new TopicMadeAgain(client),
    await Bank.open(client, cluster.bootstrap, cluster.login('teller')),
    ...(sharers
      ? [
          await SharedQueue.open(client, (reading) => {
            const { bootstrap } = cluster;
            for (const name of SHARERS) sharers.push(shareConsumer({ ...reading, bootstrap, name }));
            return sharers;
          }),
        ]
      : []),
    ...(await attackers(client, cluster)),
  ];
  return new Working(all, WORKLOAD_PAUSE_MS);
}

/** Clients that have no rights in a secure cluster, or only at times. */
async function attackers(owner: WireClient, { guard, bootstrap }: FaultCluster): Promise<Workload[]> {
  if (!guard) return [];
  const mallory = new WireClient(bootstrap.split(','), guard.login('mallory').wire);
  const others = guard.users.filter((user) => user !== 'mallory');
  const target = { topic: 'history', group: 'faults', transactionalId: 'teller', others };
  return [
    await Intruder.open(owner, mallory, target),
    new Impostor(guard),
    await PasswordChanges.open(owner, guard),
    await Guest.open(owner, guard),
  ];
}

function ownersConfig(cluster: FaultCluster): string {
  return passingFile('owner.properties', cluster.login('owner').java.join('\n'));
}

/**
 * Resolves when every consumer has polled everything, or had the time to: a consumer that has not is reported
 * with the other checks.
 */
async function caughtUp(consumers: readonly Consumer[], read: readonly Read[]): Promise<void> {
  const deadline = Date.now() + CATCH_UP_MS;
  const isBehind = ({ consumed }: Consumer) => read.some((record) => !hasSeen(consumed, record));
  while (consumers.some(isBehind) && Date.now() < deadline)
    await new Promise((done) => setTimeout(done, 200));
}

/** Histories are in order of time, so the search begins at the end. */
function since(sent: readonly Sent[], atMs: number): Sent[] {
  let from = sent.length;
  while (from > 0 && (sent[from - 1]?.atMs ?? 0) >= atMs) from--;
  return sent.slice(from);
}

async function everyPartition(
  producers: readonly JavaProducer[],
  partitions: number,
  after: number,
): Promise<void> {
  const deadline = Date.now() + PROGRESS_MS;
  for (;;) {
    const recent = producers.flatMap(({ sent }) => since(sent, after));
    const alive = new Set(recent.filter((one) => one.acknowledged).map(({ partition }) => partition));
    if (alive.size === partitions) return;
    if (Date.now() > deadline) {
      const silent = Array.from({ length: partitions }, (_, index) => index).filter((id) => !alive.has(id));
      const said = producers.map(({ errors }) => errors.join('').slice(-500)).join('\n');
      throw new Error(
        `partitions ${silent.join(', ')} acknowledged nothing for ${PROGRESS_MS} ms; the producers said: ${said}`,
      );
    }
    await new Promise((done) => setTimeout(done, 20));
  }
}
