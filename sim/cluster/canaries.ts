import { Volume } from '../../src/broker/volume/volume.ts';
import { StreamsGroup } from '../../src/coordinator/group/streams/streams-group.ts';
import { batchSizeAt } from '../../src/protocol/records/batch.ts';
import { MetadataLog } from '../../src/raft/metadata-log.ts';
import { Partition } from '../../src/replication/partition.ts';
import { LogReads } from '../../src/storage/log-reads.ts';
import { LogTrimming } from '../../src/storage/log-trimming.ts';
import { PartitionLog } from '../../src/storage/partition-log.ts';
import type { FeatureName } from './features.ts';
import type { SimCluster } from './sim-cluster.ts';
import type { Trait } from './traits.ts';

interface Canary {
  /** The features in which a checker can notice it. */
  readonly features: readonly FeatureName[];
  readonly traits: readonly Trait[];
  /** The violation that must be reported: another one does not prove that the checker works. */
  readonly found: RegExp;
  /** Breaks the rule; the returned function restores it. */
  readonly break: (cluster: SimCluster) => () => void;
}

/** Rules that are broken on purpose: some checker must notice each of them. */
export const CLUSTER_CANARIES = {
  'the metadata log is not synced': {
    features: ['ordinary', 'topic made again'],
    traits: [],
    found: /CommittedMetadataSurvives/,
    break: ({ controllerHost }) => {
      const { flush } = MetadataLog.prototype;
      let flushes = 0;
      MetadataLog.prototype.flush = function () {
        // Random strikes rarely cut the controller's power, so the canary does.
        if (++flushes === 40) controllerHost.crashAfter(3);
        return Promise.resolve(this.endOffset);
      };
      return () => {
        MetadataLog.prototype.flush = flush;
      };
    },
  },
  'replicas are cut back to the high watermark': {
    features: ['ordinary'],
    traits: [],
    found: /AcknowledgedRecordsSurvive|InSyncReplicasHaveWhatIsCommitted: .* and \d+ is committed/,
    break: () => {
      const { makeFollower } = Partition.prototype;
      Partition.prototype.makeFollower = function (state) {
        const changed = makeFollower.call(this, state);
        if (changed) this.log.truncateTo(this.log.highWatermark);
        return changed;
      };
      return () => {
        Partition.prototype.makeFollower = makeFollower;
      };
    },
  },
  'the leader acknowledges alone': {
    features: ['ordinary'],
    traits: [],
    found: /AcknowledgedRecordsSurvive|SequencesHaveNoGap|OffsetsNeverChangeTheirRecord/,
    break: () => {
      const { append } = Partition.prototype;
      Partition.prototype.append = function (asked) {
        return append.call(this, { ...asked, acks: 'leader' });
      };
      return () => {
        Partition.prototype.append = append;
      };
    },
  },
  'sequences are not checked': {
    features: ['ordinary'],
    traits: [],
    found: /SequencesHaveNoGap/,
    break: () => {
      const { append } = PartitionLog.prototype;
      PartitionLog.prototype.append = function (bytes, options) {
        const origin = options.origin === 'client' ? 'coordinator' : options.origin;
        return append.call(this, bytes, { ...options, origin });
      };
      return () => {
        PartitionLog.prototype.append = append;
      };
    },
  },
  'nobody waits for the device': {
    features: ['ordinary'],
    traits: [],
    found: /InSyncReplicasHaveWhatIsCommitted: .* its device does not have all of it/,
    break: () => {
      const { get } = Object.getOwnPropertyDescriptor(PartitionLog.prototype, 'durableEndOffset') ?? {};
      Object.defineProperty(PartitionLog.prototype, 'durableEndOffset', {
        configurable: true,
        get(this: PartitionLog) {
          return this.writtenEndOffset;
        },
      });
      return () => {
        Object.defineProperty(PartitionLog.prototype, 'durableEndOffset', { configurable: true, get });
      };
    },
  },
  'readers are not told of aborted transactions': {
    features: ['transactions'],
    traits: [],
    found: /TransactionsAreAtomic: a consumer shows/,
    break: () => {
      const { abortedTransactions } = LogReads.prototype;
      LogReads.prototype.abortedTransactions = () => [];
      return () => {
        LogReads.prototype.abortedTransactions = abortedTransactions;
      };
    },
  },
  'one record more than asked for is deleted': {
    features: ['moved topic'],
    traits: [],
    found: /OnlyDeletedRecordsAreGone/,
    break: () => {
      const { deleteSegmentsBelow } = LogTrimming.prototype;
      LogTrimming.prototype.deleteSegmentsBelow = function (offset) {
        this.advanceLogStartOffset(offset + 1);
        return deleteSegmentsBelow.call(this, offset);
      };
      return () => {
        LogTrimming.prototype.deleteSegmentsBelow = deleteSegmentsBelow;
      };
    },
  },
  'a restart begins with an empty log': {
    features: ['compacted topic'],
    traits: ['short segments'],
    found: /RestartsKeepWhatWasWritten: \/data\/.* before its restart/,
    break: () => {
      const { open } = PartitionLog;
      PartitionLog.open = (world, options) => {
        const log = open.call(PartitionLog, world, options);
        if (!options.clean && log.segments.length > 1) log.truncateFully(0);
        return log;
      };
      return () => {
        PartitionLog.open = open;
      };
    },
  },
  'followers refuse what max.message.bytes would refuse now': {
    features: ['ordinary'],
    traits: ['changing configs'],
    found: /replicas in sync under the configs set last did not hold/,
    break: () => {
      const { append } = PartitionLog.prototype;
      PartitionLog.prototype.append = function (bytes, options) {
        const isTooLarge = batchSizeAt(bytes, 0) > this.config.maxMessageBytes;
        if (options.origin !== 'replication' || !isTooLarge) return append.call(this, bytes, options);
        return { error: 'RECORD_LIST_TOO_LARGE', message: 'the batch is too large' };
      };
      return () => {
        PartitionLog.prototype.append = append;
      };
    },
  },
  'members of a streams group are given tasks that others have': {
    features: ['streams group'],
    traits: [],
    found: /OneActiveMemberPerTask/,
    break: () => {
      const { isIdle } = StreamsGroup.prototype;
      StreamsGroup.prototype.isIdle = () => true;
      return () => {
        StreamsGroup.prototype.isIdle = isIdle;
      };
    },
  },
  'a volume that was full stays full': {
    features: ['ordinary'],
    traits: ['full volumes'],
    found: /EverythingServesAgain/,
    break: () => {
      const { take } = Volume.prototype;
      const full = new WeakMap<Volume, string>();
      Volume.prototype.take = function (bytes) {
        const refusal = full.get(this) ?? take.call(this, bytes);
        if (refusal !== null) full.set(this, refusal);
        return refusal;
      };
      return () => {
        Volume.prototype.take = take;
      };
    },
  },
} as const satisfies { readonly [name: string]: Canary };
export type ClusterCanary = keyof typeof CLUSTER_CANARIES;

/**
 * Breaks the rule; the returned function restores it. It changes classes of the code under test, so only one
 * simulation runs at a time.
 */
export function breakRule(canary: ClusterCanary | undefined, cluster: SimCluster): () => void {
  return canary === undefined ? () => {} : CLUSTER_CANARIES[canary].break(cluster);
}
