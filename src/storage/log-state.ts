import { readWhole } from '../base/disk.ts';
import { below } from '../base/random.ts';
import type { World } from '../base/world.ts';
import { formatEpochs, parseEpochs } from './checkpoint-file.ts';
import { LEADER_EPOCH_CHECKPOINT } from './file-names.ts';
import { LeaderEpochs } from './leader-epochs.ts';
import { LogBounds } from './log-bounds.ts';
import { type LogConfig, maxSegmentMs } from './log-config.ts';
import { LogFaults } from './log-faults.ts';
import type { PartitionLogOptions } from './log-options.ts';
import { LogReader } from './log-reader.ts';
import type { LogSegments } from './log-segments.ts';
import { LogTail } from './log-tail.ts';
import { OffsetLayout } from './offset-layout.ts';
import { PendingWrites } from './pending-writes.ts';
import { ProducerSnapshots } from './producer-snapshots.ts';
import type { ProducerState } from './producer-state.ts';
import { loadLog } from './recovery.ts';
import { SavedFile } from './saved-file.ts';
import type { SegmentOptions } from './segment.ts';
import { SharedStorage } from './shared-storage.ts';

/** What the parts of one log have in common. It decides nothing. */
export class LogState {
  readonly world: World;
  readonly directory: string;
  readonly shared: SharedStorage;
  readonly faults: LogFaults;
  readonly layout: OffsetLayout;
  readonly segments: LogSegments;
  readonly snapshots: ProducerSnapshots;
  readonly epochs: LeaderEpochs;
  readonly epochsFile: SavedFile;
  readonly bounds: LogBounds;
  readonly tail: LogTail;
  readonly reader: LogReader;
  readonly pending = new PendingWrites();
  /** Whether its recovery cut something off. */
  readonly wasCut: boolean;
  producers: ProducerState;
  config: LogConfig;
  /** Nothing may go because of the config: the topic may have another. */
  isConfigProvisional: boolean;
  /** Below it compaction has seen every key; null when it never ran. */
  cleanedUpTo: number | null;
  /** How often it was cut at its end since it was opened. */
  truncations = 0;
  /**
   * Changes whenever bytes that were there may be gone, or others be in their place: cuts, retention,
   * compaction.
   */
  generation = 0;
  /** Since it was opened; always after a recovery. */
  hasChanged: boolean;
  isClosed = false;
  /** It was closed without a last flush. */
  isAbandoned = false;

  /** Opens what lies in the folder, of which these are the names. Throws DiskError. */
  constructor(world: World, options: PartitionLogOptions, names: readonly string[]) {
    const { directory } = options;
    this.world = world;
    this.config = options.config;
    this.isConfigProvisional = options.isConfigProvisional ?? false;
    this.directory = directory;
    this.shared = options.shared ?? new SharedStorage(world);
    this.faults = new LogFaults(world, directory, options.onStorageError ?? (() => {}));
    const epochsPath = `${directory}/${LEADER_EPOCH_CHECKPOINT}`;
    const saved = names.includes(LEADER_EPOCH_CHECKPOINT) ? readWhole(world.disk, epochsPath) : null;
    this.epochsFile = new SavedFile(world, epochsPath, () => formatEpochs(this.epochs.entries));
    this.epochs = new LeaderEpochs(parseEpochs(saved?.toString('utf8') ?? '') ?? [], () =>
      this.epochsFile.changed(),
    );
    this.snapshots = new ProducerSnapshots(this.shared.files, directory, names);
    this.layout = OffsetLayout.open(world.disk, directory, names);
    const loaded = loadLog(world, {
      directory,
      names,
      promise: this.layout.promise,
      config: options.config,
      isConfigProvisional: this.isConfigProvisional,
      clean: options.clean,
      recoveryPoint: options.recoveryPoint,
      logStartOffset: options.logStartOffset ?? 0,
      files: this.shared.files,
      guardedClock: this.shared.guardedClock,
      epochs: this.epochs,
      snapshots: this.snapshots,
      jitterMs: () => this.#jitterMs(),
    });
    const { logStartOffset, endOffset, recoveryPoint } = loaded;
    this.segments = loaded.segments;
    this.producers = loaded.producers;
    this.bounds = new LogBounds({
      logStartOffset,
      endOffset,
      syncedEndOffset: recoveryPoint,
      highWatermark: options.highWatermark ?? 0,
    });
    this.producers.onHighWatermark(this.bounds.highWatermark);
    this.wasCut = loaded.wasCut;
    this.tail = new LogTail(this.shared.tail);
    this.reader = new LogReader(this.segments, this.shared);
    this.hasChanged = !options.clean || recoveryPoint < endOffset;
    // Only what was synced is ever compacted: a checkpoint from before a truncation must not call new records
    // clean.
    this.cleanedUpTo =
      options.cleanedUpTo === undefined ? null : Math.min(options.cleanedUpTo, recoveryPoint);
  }

  /** Whether the log's files are still what they are now. */
  asItIs(): () => boolean {
    const { generation } = this;
    return () => this.generation === generation && !this.isClosed;
  }

  /** The options of a segment that begins now. */
  segmentOptions(baseOffset: number): SegmentOptions {
    return {
      files: this.shared.files,
      directory: this.directory,
      baseOffset,
      config: this.config,
      now: this.world.clock.now(),
      jitterMs: this.#jitterMs(),
    };
  }

  /**
   * How much earlier a segment is closed, as in Kafka: at most `segment.jitter.ms`, and less than
   * `segment.ms`.
   */
  #jitterMs(): number {
    const bound = Math.min(this.config.segmentJitterMs, maxSegmentMs(this.config), 0xffff_ffff);
    return bound > 0 ? below(this.world.random, bound) : 0;
  }
}
