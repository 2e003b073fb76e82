import type { BrokerId, Uuid } from '../base/brand.ts';
import { UNASSIGNED_DIRECTORY } from '../metadata/directory-id.ts';
import type { RecordOf } from '../metadata/records.ts';
import { NO_LEADER, NO_LEADER_CHANGE, type PartitionImage, RECOVERING } from '../metadata/topics.ts';

/**
 * Who may become leader. `online`: the leader stays while it can, else the first replica in the ISR that is
 * alive. `preferred`: the first replica, when it can. `unclean`: as online, but rather than none a replica
 * outside the ISR, which loses records.
 */
export type Election = 'online' | 'preferred' | 'unclean';

export interface PartitionTarget {
  readonly isr?: readonly BrokerId[];
  readonly replicas?: readonly BrokerId[];
  readonly removingReplicas?: readonly BrokerId[];
  readonly addingReplicas?: readonly BrokerId[];
  readonly leaderRecoveryState?: number;
  /** Where each of the target replicas lies; those not named stay where they are. */
  readonly directories?: (replica: BrokerId) => Uuid;
  /** A replica that has moved from the directory it was in. */
  readonly moved?: { readonly replica: BrokerId; readonly directory: Uuid };
}

/** What an election goes by. */
export interface ElectionRules {
  readonly election: Election;
  isAcceptableLeader(id: BrokerId): boolean;
  /**
   * min.insync.replicas of the topic; null where the cluster keeps no eligible leader replicas (KIP-966):
   * then the last member of an ISR stays in it when it dies.
   */
  readonly minInSyncReplicas: number | null;
  /** It may have lost what it had, so that it is eligible for nothing until it is in sync again. */
  readonly uncleanShutdown?: BrokerId;
}

/**
 * The record that brings a partition to where it is wanted and gives it the leader it then must have; null
 * when it is there already. A reassignment whose wanted replicas are all in the ISR is completed by the same
 * record.
 */
export function partitionChange(
  place: { readonly topicId: Uuid; readonly partitionId: number },
  partition: PartitionImage,
  wanted: PartitionTarget,
  rules: ElectionRules,
): RecordOf<'PartitionChangeRecord'> | null {
  const target = completedReassignment({
    isr: wanted.isr ?? partition.isr,
    replicas: wanted.replicas ?? partition.replicas,
    removingReplicas: wanted.removingReplicas ?? partition.removingReplicas,
    addingReplicas: wanted.addingReplicas ?? partition.addingReplicas,
  });
  const eligible = eligibleLeaderReplicas(partition, target, rules);
  const elected = elect(partition, target, eligible, rules);
  const isNew = elected.leader !== partition.leader;
  const isr = isrAfter(partition, target, elected, rules);
  const keepsReplicas = partition.replicas.every((id) => target.replicas.includes(id));
  // A replica that is taken away must learn it from a new leader epoch.
  const leader = isNew || !keepsReplicas ? elected.leader : NO_LEADER_CHANGE;
  const recovery =
    wanted.leaderRecoveryState ??
    (isNew && elected.kind === 'unclean' ? RECOVERING : partition.leaderRecoveryState);
  const directories = target.replicas.map((id) => directoryOf(partition, id, wanted));
  // An unclean leader makes its own log the truth: nobody is known to have all of it. Nor of what enough in
  // sync commit.
  const isUnclean = isNew && elected.kind === 'unclean';
  const eligibleAfter =
    isUnclean || isr.length >= leastInSync(target, rules) ? [] : eligible.filter((id) => !isr.includes(id));

  const record: RecordOf<'PartitionChangeRecord'> = {
    type: 'PartitionChangeRecord',
    partitionId: place.partitionId,
    topicId: place.topicId,
    isr: unless(isr, partition.isr),
    leader,
    replicas: unless(target.replicas, partition.replicas),
    removingReplicas: unless(target.removingReplicas, partition.removingReplicas),
    addingReplicas: unless(target.addingReplicas, partition.addingReplicas),
    leaderRecoveryState: recovery === partition.leaderRecoveryState ? -1 : recovery,
    directories: unless(directories, partition.directories),
    eligibleLeaderReplicas: unless(eligibleAfter, partition.eligibleLeaderReplicas),
    lastKnownElr: unless(lastKnownLeader(partition, isr, elected.leader, rules), partition.lastKnownElr),
  };
  return isNoChange(record) ? null : record;
}

/**
 * While fewer are in sync than min.insync.replicas, the high watermark stands still (isr-rules.ts). So
 * whoever leaves the ISR then still has all that is committed, and may lead when the ISR is empty (KIP-966).
 */
function eligibleLeaderReplicas(
  partition: PartitionImage,
  target: Target,
  rules: ElectionRules,
): readonly BrokerId[] {
  const { minInSyncReplicas, uncleanShutdown } = rules;
  if (minInSyncReplicas === null) return [];
  if (target.isr.length >= leastInSync(target, rules)) return [];
  const left = partition.isr.filter((id) => !partition.eligibleLeaderReplicas.includes(id));
  return [...partition.eligibleLeaderReplicas, ...left].filter(
    (id) => !target.isr.includes(id) && target.replicas.includes(id) && id !== uncleanShutdown,
  );
}

/** min.insync.replicas cannot ask for more replicas than there are; its leader counts the same way. */
function leastInSync(target: Target, { minInSyncReplicas }: ElectionRules): number {
  return Math.max(1, Math.min(minInSyncReplicas ?? 1, target.replicas.length));
}

function isrAfter(
  partition: PartitionImage,
  target: Target,
  elected: Elected,
  { minInSyncReplicas }: ElectionRules,
): readonly BrokerId[] {
  const { leader, kind } = elected;
  if (leader !== partition.leader && kind === 'unclean') return [leader];
  if (target.isr.length > 0) return target.isr;
  if (minInSyncReplicas !== null) return leader === NO_LEADER ? [] : [leader];
  // The last member of an ISR stays in it when it dies: only it is known to have every committed record.
  return partition.isr;
}

/** Who led last stays known while nobody can lead: with all eligible ones lost, it is the best there is. */
function lastKnownLeader(
  partition: PartitionImage,
  isr: readonly BrokerId[],
  leader: BrokerId,
  { minInSyncReplicas }: ElectionRules,
): readonly BrokerId[] {
  if (minInSyncReplicas === null || leader !== NO_LEADER) return [];
  if (isr.length > 0 || partition.isr.length === 0) return partition.lastKnownElr;
  if (partition.leader !== NO_LEADER) return [partition.leader];
  // From before there were eligible replicas: the last member of the ISR led last.
  return partition.isr.length === 1 ? partition.isr : partition.lastKnownElr;
}

interface Target {
  readonly isr: readonly BrokerId[];
  readonly replicas: readonly BrokerId[];
  readonly removingReplicas: readonly BrokerId[];
  readonly addingReplicas: readonly BrokerId[];
}

function completedReassignment(target: Target): Target {
  const { isr, replicas, removingReplicas, addingReplicas } = target;
  if (removingReplicas.length === 0 && addingReplicas.length === 0) return target;
  const staying = (ids: readonly BrokerId[]): BrokerId[] =>
    ids.filter((id) => !removingReplicas.includes(id));
  // Kafka waits for all that stay, not only for those that were added: until then the old ones may be needed.
  if (staying(replicas).length === 0 || !staying(replicas).every((id) => isr.includes(id))) return target;
  return { isr: staying(isr), replicas: staying(replicas), removingReplicas: [], addingReplicas: [] };
}

interface Elected {
  readonly leader: BrokerId;
  /** `eligible`: it was not in sync, and has all that is committed. */
  readonly kind: 'clean' | 'eligible' | 'unclean' | 'none';
}

function elect(
  partition: PartitionImage,
  target: Target,
  eligible: readonly BrokerId[],
  rules: ElectionRules,
): Elected {
  const candidates = target.isr.length > 0 ? target.isr : eligible;
  const isValid = (id: BrokerId): boolean => candidates.includes(id) && rules.isAcceptableLeader(id);
  const kind = target.isr.length > 0 ? 'clean' : 'eligible';
  const [preferred] = target.replicas;
  if (rules.election === 'preferred' && preferred !== undefined && isValid(preferred))
    return { leader: preferred, kind };
  if (target.replicas.includes(partition.leader) && isValid(partition.leader))
    return { leader: partition.leader, kind };
  const online = target.replicas.find(isValid);
  if (online !== undefined) return { leader: online, kind };
  const last = lastKnownCandidate(partition, target, eligible, rules);
  if (last !== null) return { leader: last, kind: 'unclean' };
  if (rules.election === 'unclean') {
    const any = target.replicas.find((id) => rules.isAcceptableLeader(id));
    if (any !== undefined) return { leader: any, kind: 'unclean' };
  }
  return { leader: NO_LEADER, kind: 'none' };
}

/** Only when there is nobody left to wait for: neither in sync nor eligible. */
function lastKnownCandidate(
  partition: PartitionImage,
  target: Target,
  eligible: readonly BrokerId[],
  rules: ElectionRules,
): BrokerId | null {
  if (rules.minInSyncReplicas === null || target.isr.length > 0 || eligible.length > 0) return null;
  const [last, ...others] = partition.lastKnownElr;
  if (last === undefined || others.length > 0) return null;
  return target.replicas.includes(last) && rules.isAcceptableLeader(last) ? last : null;
}

function directoryOf(partition: PartitionImage, id: BrokerId, wanted: PartitionTarget): Uuid {
  if (wanted.moved?.replica === id) return wanted.moved.directory;
  const known = partition.directories[partition.replicas.indexOf(id)];
  return known ?? wanted.directories?.(id) ?? UNASSIGNED_DIRECTORY;
}

function unless<T>(target: readonly T[], before: readonly T[]): T[] | null {
  const same = target.length === before.length && target.every((value, i) => value === before[i]);
  return same ? null : [...target];
}

function isNoChange(record: RecordOf<'PartitionChangeRecord'>): boolean {
  return (
    record.isr === null &&
    record.leader === NO_LEADER_CHANGE &&
    record.replicas === null &&
    record.removingReplicas === null &&
    record.addingReplicas === null &&
    record.directories === null &&
    record.eligibleLeaderReplicas === null &&
    record.lastKnownElr === null &&
    record.leaderRecoveryState === -1
  );
}
