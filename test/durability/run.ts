import { setTimeout as pause } from 'node:timers/promises';
import { below, Sfc32 } from '../../src/base/random.ts';
import { eventually } from '../support/millrace.ts';
import { CommittedOffsets } from '../workloads/committed-offsets.ts';
import { CompactedTable } from '../workloads/compacted-table.ts';
import { COMPACTED, compactedFolders } from '../workloads/compactions.ts';
import { TopicMadeAgain } from '../workloads/topic-made-again.ts';
import { Transfers } from '../workloads/transfers.ts';
import { WireClient } from '../workloads/wire-client.ts';
import { Working } from '../workloads/working.ts';
import type { Workload } from '../workloads/workload.ts';
import { NodeCluster } from './node-cluster.ts';

export interface KillAllRun {
  readonly seed: number;
  /** How often all brokers are killed. */
  readonly rounds: number;
  /** The most milliseconds of work before each kill; the least is a third of it. */
  readonly workMs: number;
  readonly replicationFactor: 1 | 3;
  readonly say?: (line: string) => void;
}

export interface KillAllReport {
  /** Acknowledged operations by workload. */
  readonly acknowledged: Readonly<Record<string, number>>;
  /** Segments that a compaction replaced on any broker: without them the run proves nothing. */
  readonly compactions: number;
  readonly violations: readonly string[];
}

/** More violations than this are most often of the same kind. */
const VIOLATIONS_SHOWN = 20;
/** Milliseconds between a failed step and the next. */
const STEP_PAUSE_MS = 2;
/** One in this many kills includes the controller. */
const CONTROLLER_EVERY = 4;
/** One in this many rounds begins before all replicas are in sync again. */
const EARLY_EVERY = 4;

function brokerConfig(replicationFactor: number): Record<string, string> {
  const factor = String(replicationFactor);
  const inSync = replicationFactor === 3 ? '2' : '1';
  return {
    'default.replication.factor': factor,
    'min.insync.replicas': inSync,
    'unclean.leader.election.enable': 'false',
    'offsets.topic.replication.factor': factor,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': factor,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': factor,
    'share.coordinator.state.topic.min.isr': inSync,
    'transaction.state.log.num.partitions': '4',
    'log.cleaner.backoff.ms': '500',
    // Short enough that the files know of every life of a topic, and long enough that they are behind.
    'replica.high.watermark.checkpoint.interval.ms': '500',
    'log.flush.start.offset.checkpoint.interval.ms': '700',
    'log.flush.offset.checkpoint.interval.ms': '900',
    'log.retention.check.interval.ms': '1000',
    'broker.session.timeout.ms': '3000',
  };
}

/**
 * SIGKILL of all brokers at once, again and again, while a topic is compacted, groups commit, transactions
 * end and a topic is made again. Whenever the brokers are back, everything that was acknowledged must be
 * there.
 */
export async function killAll(run: KillAllRun): Promise<KillAllReport> {
  const { seed, rounds, workMs, replicationFactor, say = () => {} } = run;
  const random = new Sfc32(seed);
  await using cluster = await NodeCluster.start(3, brokerConfig(replicationFactor));
  const client = new WireClient(cluster.bootstrap);
  const workloads: Workload[] = [
    await CompactedTable.open(client, COMPACTED),
    await CommittedOffsets.open(client, COMPACTED),
    await Transfers.open(client, COMPACTED),
    new TopicMadeAgain(client),
  ];
  const working = new Working(workloads, STEP_PAUSE_MS);
  const violations: string[] = [];
  for (let round = 1; round <= rounds && violations.length === 0; round++) {
    if (below(random, EARLY_EVERY) > 0)
      await client.inSyncAgain(
        workloads.map(({ topic }) => topic),
        replicationFactor,
      );
    working.start();
    // However long it takes: a kill before that would prove nothing of what has not begun.
    if (round === 1)
      await eventually('every workload works, and something is compacted', () => {
        const begun = Object.values(working.acknowledged()).every((count) => count > 0);
        return begun && compactedFolders(cluster.folder) > 0;
      });
    const until = Date.now() + workMs / 3 + below(random, (2 * workMs) / 3);
    await pause(until - Date.now() - below(random, workMs / 4));
    const withController = below(random, CONTROLLER_EVERY) === 0;
    // The kill comes in the middle of the work, whose last steps fail or are never answered.
    await Promise.all([cluster.killBrokers(), ...(withController ? [cluster.killController()] : [])]);
    if (withController) cluster.startController();
    for (const id of cluster.brokerIds) cluster.startBroker(id);
    await pause(Math.max(0, until - Date.now()));
    await working.rest();
    violations.push(...(await working.violations()).map((violation) => `round ${round}, ${violation}`));
    const counts = workloads.map(({ name, acknowledged }) => `${name} ${acknowledged}`).join(', ');
    const compacted = compactedFolders(cluster.folder);
    say(`round ${round}: ${counts}; ${compacted} folders compacted; ${violations.length} violations`);
  }
  await client.close();
  return {
    acknowledged: working.acknowledged(),
    compactions: compactedFolders(cluster.folder),
    violations: violations.slice(0, VIOLATIONS_SHOWN),
  };
}
