import type { Uuid } from '../../src/base/brand.ts';
import { sleep } from '../../src/base/clock.ts';
import type { Broker } from '../../src/broker/broker.ts';
import { type IsrChange, IsrChanges } from '../../src/replication/isr-changes.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { CommittedMetadataSurvives } from '../checkers/committed-metadata-survives.ts';
import { CoordinatorsLeadTheirPartitions } from '../checkers/coordinators-lead-their-partitions.ts';
import { HighWatermarkNeverFalls } from '../checkers/high-watermark-never-falls.ts';
import { ImagesAgreeAtSameOffset } from '../checkers/images-agree-at-same-offset.ts';
import { InSyncReplicasHaveWhatIsCommitted } from '../checkers/in-sync-replicas-have-what-is-committed.ts';
import { LogStartNeverFalls } from '../checkers/log-start-never-falls.ts';
import { NoReplicaCutsWhatIsCommitted } from '../checkers/no-replica-cuts-what-is-committed.ts';
import { OneLeaderPerEpoch } from '../checkers/one-leader-per-epoch.ts';
import { ReplicasAgreeBelowHighWatermark } from '../checkers/replicas-agree-below-high-watermark.ts';
import { RestartsKeepWhatWasWritten } from '../checkers/restarts-keep-what-was-written.ts';
import type { Violations } from '../checkers/violations.ts';
import type { Simulation } from '../simulation.ts';
import type { SimCluster } from './sim-cluster.ts';
import { type StoredRecord, storedRecords } from './stored-record.ts';

const EVERY_MS = 50;
/** Topics with this prefix have unclean elections, which may lose acknowledged records. */
export const UNCLEAN_PREFIX = 'unclean';
/** The coordinators' topics and those with this prefix are compacted. */
export const COMPACTED_PREFIX = 'compacted';

export interface ReplicaRecords {
  readonly broker: number;
  readonly isLeader: boolean;
  readonly log: PartitionLog;
  readonly records: readonly StoredRecord[];
}

/** Reads the state inside every broker all the time, which no client can. */
export class ClusterWatch {
  readonly highWatermark: HighWatermarkNeverFalls;
  readonly #cluster: SimCluster;
  readonly #metadata: CommittedMetadataSurvives;
  readonly #images: ImagesAgreeAtSameOffset;
  readonly #leaders: OneLeaderPerEpoch;
  readonly #replicas: ReplicasAgreeBelowHighWatermark;
  readonly #inSync: InSyncReplicasHaveWhatIsCommitted;
  readonly #logStart: LogStartNeverFalls;
  readonly #restarts: RestartsKeepWhatWasWritten;
  readonly #cuts: NoReplicaCutsWhatIsCommitted;
  readonly #coordinators: CoordinatorsLeadTheirPartitions;

  constructor(cluster: SimCluster, violations: Violations) {
    this.#cluster = cluster;
    this.highWatermark = new HighWatermarkNeverFalls(violations);
    this.#metadata = new CommittedMetadataSurvives(violations);
    this.#images = new ImagesAgreeAtSameOffset(violations);
    this.#leaders = new OneLeaderPerEpoch(violations);
    this.#coordinators = new CoordinatorsLeadTheirPartitions(violations);
    this.#replicas = new ReplicasAgreeBelowHighWatermark(violations);
    this.#inSync = new InSyncReplicasHaveWhatIsCommitted(violations);
    this.#logStart = new LogStartNeverFalls(violations);
    this.#restarts = new RestartsKeepWhatWasWritten(violations, {
      hostOf: (world) => cluster.hostOf(world)?.name,
      look: (run) => cluster.withoutReadFaults(run),
    });
    this.#cuts = new NoReplicaCutsWhatIsCommitted(violations, (directory) =>
      mayLose(directory.slice(directory.lastIndexOf('/') + 1)),
    );
  }

  /** Looks every 50 ms and after every step of the metadata log, so that states of a moment are seen too. */
  async run(simulation: Simulation, isOver: () => boolean): Promise<void> {
    const ends = [this.#cuts.watch(), this.#restarts.watch(), this.#watchProposals()];
    try {
      await Promise.all([this.#lookNowAndThen(simulation, isOver), this.#lookAtImages(simulation, isOver)]);
    } finally {
      for (const end of ends) end();
    }
  }

  async #lookNowAndThen(simulation: Simulation, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      this.look();
      await sleep(simulation.clock, EVERY_MS);
    }
  }

  async #lookAtImages(simulation: Simulation, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const { image } = this.#cluster;
      this.look();
      await simulation.until(() => isOver() || this.#cluster.image !== image, Number.MAX_SAFE_INTEGER);
    }
  }

  look(): void {
    this.#cluster.withoutReadFaults(() => this.#look());
  }

  #look(): void {
    const { image } = this.#cluster;
    if (image) {
      this.#metadata.serves(image.provenance.offset);
      this.#images.saw('the controller', image);
      for (const { id, partitions } of image.topics.all())
        for (const [index, { leader, leaderEpoch }] of partitions.entries())
          if (leader >= 0) this.#leaders.saw(`${id}-${index}`, leaderEpoch, leader);
    }
    for (const [id, broker] of this.#cluster.running()) {
      this.#metadata.saw(broker.image.provenance.offset);
      this.#images.saw(`broker ${id}`, broker.image);
      this.#coordinators.saw(id, broker);
      for (const { topic, topicId, index, isLeader, leaderEpoch, log } of broker.replicas.all()) {
        const partition = `${topicId}-${index}`;
        const replica = nameOfReplica(topic, index, id);
        if (isLeader) this.#leaders.saw(partition, leaderEpoch, id);
        this.#logStart.saw(replica, log);
        if (mayLose(topic)) continue;
        this.highWatermark.saw(replica, log);
        this.#inSync.committed(partition, log.highWatermark);
        this.#replicas.saw(partition, { replica, log, isCompacted: isCompacted(topic) });
      }
    }
    this.#lookAtIsrs();
  }

  /** A broker has died. */
  died(id: number, broker: Broker): void {
    const { name, hasPower } = this.#cluster.host(id);
    for (const replica of broker.replicas.all()) this.#restarts.died(name, { hasPower }, replica);
  }

  /** The disk of a host was replaced by an empty one. */
  emptied(host: string): void {
    this.#restarts.emptied(host);
  }

  /**
   * Checks when the leader proposes an ISR: a follower that is added too early has fetched the rest before
   * the new ISR is known.
   */
  #watchProposals(): () => void {
    const { submit } = IsrChanges.prototype;
    const check = (change: IsrChange) => this.#checkProposal(change);
    IsrChanges.prototype.submit = function (change, answered) {
      check(change);
      submit.call(this, change, answered);
    };
    return () => {
      IsrChanges.prototype.submit = submit;
    };
  }

  #checkProposal({ topicId, partition: index, leaderEpoch, isr }: IsrChange): void {
    if (this.#isSuperseded(topicId, index, leaderEpoch)) return;
    for (const [, broker] of this.#cluster.running()) {
      for (const replica of broker.replicas.all()) {
        if (replica.topicId !== topicId || replica.index !== index || !replica.isLeader) continue;
        if (replica.leaderEpoch !== leaderEpoch || mayLose(replica.topic)) continue;
        for (const { brokerId } of isr) {
          const follower = replica.follower(brokerId);
          if (follower && !replica.isr.includes(brokerId))
            this.#inSync.proposed(
              `${topicId}-${index}`,
              nameOfReplica(replica.topic, index, brokerId),
              follower.endOffset,
            );
        }
      }
    }
  }

  /**
   * Whether the partition has had a later leader, or its topic is deleted. The controller refuses what one
   * proposes that has not heard of it, and judges by a fetch of a former follower.
   */
  #isSuperseded(topicId: Uuid, index: number, leaderEpoch: number): boolean {
    if (this.#leaders.newestEpoch(`${topicId}-${index}`) > leaderEpoch) return true;
    const { image } = this.#cluster;
    const known = image?.topics.byId(topicId)?.partitions[index];
    if (image && (!known || known.leaderEpoch > leaderEpoch)) return true;
    for (const [, broker] of this.#cluster.running())
      for (const replica of broker.replicas.all())
        if (replica.topicId === topicId && replica.index === index && replica.leaderEpoch > leaderEpoch)
          return true;
    return false;
  }

  #lookAtIsrs(): void {
    const { image } = this.#cluster;
    if (!image) return;
    for (const [id, broker] of this.#cluster.running()) {
      for (const { topic, topicId, index, log } of broker.replicas.all()) {
        if (mayLose(topic)) continue;
        const isr = image.topics.byId(topicId)?.partitions[index]?.isr;
        if (!isr?.includes(id)) continue;
        const replica = nameOfReplica(topic, index, id);
        const onDevice = (path: string) => this.#cluster.host(id).files.durableSize(path);
        this.#inSync.saw(`${topicId}-${index}`, { replica, log, onDevice });
      }
    }
  }

  /**
   * What readers may see of each replica of a partition, the leader's first. A replica that was moved away
   * and whose broker has not heard of that is left out.
   */
  replicasOf(topic: string, index: number): ReplicaRecords[] {
    const found: ReplicaRecords[] = [];
    const state = this.#cluster.image?.topics.byName(topic)?.partitions[index];
    for (const [broker, { replicas }] of this.#cluster.running()) {
      if (state && !state.replicas.includes(broker)) continue;
      const replica = replicas.find(topic, index);
      if (!replica) continue;
      const { isLeader, log } = replica;
      found.push({ broker, isLeader, log, records: this.recordsOf(log) });
    }
    return found.sort((a, b) => Number(b.isLeader) - Number(a.isLeader));
  }

  /** What readers may see of a log, also while its disk fails. */
  recordsOf(log: PartitionLog): StoredRecord[] {
    return this.#cluster.withoutReadFaults(() => storedRecords(log));
  }
}

function nameOfReplica(topic: string, index: number, broker: number): string {
  return `the replica of ${topic}-${index} on broker ${broker}`;
}

function mayLose(topic: string): boolean {
  return topic.startsWith(UNCLEAN_PREFIX);
}

function isCompacted(topic: string): boolean {
  return topic.startsWith(COMPACTED_PREFIX) || isInternal(topic);
}

/** Whether it is a coordinator's topic. */
export function isInternal(topic: string): boolean {
  return topic.startsWith('__');
}
