import type { World } from '../base/world.ts';
import { LogAppender } from './log-appender.ts';
import { LogCleaning } from './log-cleaning.ts';
import { LogClosing } from './log-closing.ts';
import { LogDurability } from './log-durability.ts';
import type { PartitionLogOptions } from './log-options.ts';
import { LogReads } from './log-reads.ts';
import { LogRoller } from './log-roller.ts';
import { LogState } from './log-state.ts';
import { LogTrimming } from './log-trimming.ts';
import { LogTruncation } from './log-truncation.ts';
import { LogWriter } from './log-writer.ts';
import { rewriteFrom } from './rewrite-from.ts';
import { settleSwaps } from './segment-swap.ts';

/** The parts of one log, and the state that they share. */
export interface LogParts {
  readonly state: LogState;
  readonly writer: LogWriter;
  readonly durability: LogDurability;
  readonly roller: LogRoller;
  readonly appender: LogAppender;
  readonly truncation: LogTruncation;
  readonly closing: LogClosing;
  readonly reads: LogReads;
  readonly trimming: LogTrimming;
  readonly cleaning: LogCleaning;
}

/** Makes the folder where it is missing, and recovers what is not known to be whole. Throws DiskError. */
export function openParts(world: World, options: PartitionLogOptions): LogParts {
  const { disk } = world;
  const { directory, recoveryPoint } = options;
  disk.makeDirectory(directory);
  const names = settleSwaps(disk, directory);
  if (isInDoubt(options) && !options.isRewritten) rewriteFrom(disk, directory, recoveryPoint);
  const parts = partsOf(new LogState(world, options, names), options);
  if (!parts.state.isConfigProvisional) parts.durability.claimOnlyWhatIsSynced();
  return parts;
}

function partsOf(state: LogState, options: PartitionLogOptions): LogParts {
  const writer = new LogWriter(state, {
    wrote: () => durability.afterWrite(),
    wasCutTo: (offset) => durability.writeCutTo(offset),
    syncWritten: () => durability.syncWritten(),
  });
  const durability = new LogDurability(state, writer, {
    lowerCheckpoints: options.lowerCheckpoints,
    syncOwner: options.syncOwner,
    syncMark: options.syncMark,
    wasCut: state.wasCut || options.isReopened === true || isInDoubt(options),
    // A crash between a cut and what it lowers leaves a recovery point that lies beyond the end.
    hasRecoveryPointBeyond: options.recoveryPoint > state.bounds.endOffset,
  });
  const roller = new LogRoller(state, writer, durability);
  const appender = new LogAppender(state, writer, durability, roller);
  return {
    state,
    writer,
    durability,
    roller,
    appender,
    truncation: new LogTruncation(state, writer, durability, roller),
    closing: new LogClosing(state, writer, durability),
    reads: new LogReads(state),
    trimming: new LogTrimming(state, writer, durability, roller),
    cleaning: new LogCleaning(state, writer, durability, appender),
  };
}

/** The device may have less of the log than its files show, or what was cut off. */
function isInDoubt({ clean, syncMark }: PartitionLogOptions): boolean {
  return !clean && syncMark?.isInDoubt === true;
}
