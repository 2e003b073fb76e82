import type { BrokerId, Uuid } from '../base/brand.ts';
import { UNASSIGNED_DIRECTORY } from '../metadata/directory-id.ts';
import type { RecordOf } from '../metadata/records.ts';
import { NO_LEADER, NO_LEADER_CHANGE, type PartitionImage, RECOVERING } from '../metadata/topics.ts';

/**
 * Who may become leader. `online`: the leader stays while it can, else the first replica in the ISR that is alive.
 * `preferred`: the first replica, when it can. `unclean`: as online, but rather than none a replica outside the ISR,
 * which loses records.
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

/**
 * The record that brings a partition to where it is wanted and gives it the leader it then must have; null when it
 * is there already. A reassignment whose wanted replicas are all in the ISR is completed by the same record.
 */
export function partitionChange(
  place: { readonly topicId: Uuid; readonly partitionId: number },
  partition: PartitionImage,
  wanted: PartitionTarget,
  rules: { readonly election: Election; isAcceptableLeader(id: BrokerId): boolean },
): RecordOf<'PartitionChangeRecord'> | null {
  const target = completedReassignment({
    isr: wanted.isr ?? partition.isr,
    replicas: wanted.replicas ?? partition.replicas,
    removingReplicas: wanted.removingReplicas ?? partition.removingReplicas,
    addingReplicas: wanted.addingReplicas ?? partition.addingReplicas,
  });
  const elected = elect(partition, target, rules);
  const unclean = elected.leader !== partition.leader && elected.unclean;
  // The last member of an ISR stays in it when it dies: only it is known to have every committed record.
  const isr = unclean ? [elected.leader] : target.isr.length > 0 ? target.isr : partition.isr;
  const keepsReplicas = partition.replicas.every((id) => target.replicas.includes(id));
  // A replica that is taken away must learn it from a new leader epoch.
  const leader = elected.leader !== partition.leader || !keepsReplicas ? elected.leader : NO_LEADER_CHANGE;
  const recovery = wanted.leaderRecoveryState ?? (unclean ? RECOVERING : partition.leaderRecoveryState);
  const directories = target.replicas.map((id) => directoryOf(partition, id, wanted));

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
    eligibleLeaderReplicas: null,
    lastKnownElr: null,
  };
  return isNoChange(record) ? null : record;
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

function elect(
  partition: PartitionImage,
  target: Target,
  rules: { readonly election: Election; isAcceptableLeader(id: BrokerId): boolean },
): { readonly leader: BrokerId; readonly unclean: boolean } {
  const isValid = (id: BrokerId): boolean => target.isr.includes(id) && rules.isAcceptableLeader(id);
  const [preferred] = target.replicas;
  if (rules.election === 'preferred' && preferred !== undefined && isValid(preferred))
    return { leader: preferred, unclean: false };
  if (target.replicas.includes(partition.leader) && isValid(partition.leader))
    return { leader: partition.leader, unclean: false };
  const online = target.replicas.find(isValid);
  if (online !== undefined) return { leader: online, unclean: false };
  if (rules.election === 'unclean') {
    const any = target.replicas.find((id) => rules.isAcceptableLeader(id));
    if (any !== undefined) return { leader: any, unclean: true };
  }
  return { leader: NO_LEADER, unclean: false };
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
    record.leaderRecoveryState === -1
  );
}
