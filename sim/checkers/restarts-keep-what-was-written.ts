import type { Uuid } from '../../src/base/brand.ts';
import type { TopicPartition } from '../../src/base/topic-partition.ts';
import type { World } from '../../src/base/world.ts';
import { LogDirectory } from '../../src/storage/log-directory.ts';
import { folderName } from '../../src/storage/partition-folder.ts';
import { PartitionLog } from '../../src/storage/partition-log.ts';
import { TopicIdFile } from '../../src/storage/topic-id-file.ts';
import type { Violations } from './violations.ts';

/**
 * A log that is opened again has at least all that was written when its process was killed, or all that was
 * synced when its machine lost power. `watch` checks every opening until the function that it returns is
 * called. Only one simulation runs at a time.
 */
export class RestartsKeepWhatWasWritten {
  readonly #violations: Violations;
  readonly #hostOf: (world: World) => string | undefined;
  readonly #look: (run: () => void) => void;
  /**
   * By host and folder: the least end of the log at its next opening, if it still belongs to the same topic.
   */
  readonly #due = new Map<
    string,
    { readonly topicId: Uuid; readonly end: number; readonly hasRecords: boolean }
  >();

  constructor(
    violations: Violations,
    options: {
      readonly hostOf: (world: World) => string | undefined;
      /** Reads files of a log within, where failing disks must not refuse it. */
      readonly look: (run: () => void) => void;
    },
  ) {
    this.#violations = violations;
    this.#hostOf = options.hostOf;
    this.#look = options.look;
  }

  watch(): () => void {
    const { open } = PartitionLog;
    const check = (world: World, log: PartitionLog) => this.#look(() => this.#check(world, log));
    PartitionLog.open = (world, options) => {
      const log = open.call(PartitionLog, world, options);
      check(world, log);
      return log;
    };
    const endForgetting = this.#forgetRetired();
    return () => {
      PartitionLog.open = open;
      endForgetting();
    };
  }

  /**
   * A folder was put aside without being opened in this life: a folder of the same topic in its place is new.
   */
  #forgetRetired(): () => void {
    const { open } = LogDirectory;
    const { delete: remove, makeStray } = LogDirectory.prototype;
    const hosts = new WeakMap<LogDirectory, string | undefined>();
    const hostOf = this.#hostOf;
    const forget = (logs: LogDirectory, { topic, partition }: TopicPartition) => {
      this.#due.delete(`${hosts.get(logs)} ${logs.path}/${folderName({ topic, partition })}`);
    };
    LogDirectory.open = async (world, options) => {
      const logs = await open.call(LogDirectory, world, options);
      hosts.set(logs, hostOf(world));
      return logs;
    };
    LogDirectory.prototype.delete = function (of, topicId) {
      remove.call(this, of, topicId);
      if (!this.holds(of)) forget(this, of);
    };
    LogDirectory.prototype.makeStray = function (of) {
      makeStray.call(this, of);
      if (!this.holds(of)) forget(this, of);
    };
    return () => {
      LogDirectory.open = open;
      LogDirectory.prototype.delete = remove;
      LogDirectory.prototype.makeStray = makeStray;
    };
  }

  died(
    host: string,
    { hasPower }: { readonly hasPower: boolean },
    { topicId, log }: { readonly topicId: Uuid; readonly log: PartitionLog },
  ): void {
    if (log.fault) return;
    const offset = hasPower ? log.writtenEndOffset : log.syncedEndOffset;
    this.#due.set(`${host} ${log.directory}`, {
      topicId,
      end: offset,
      hasRecords: offset > log.logStartOffset,
    });
  }

  /** The disk of the host was replaced by an empty one. */
  emptied(host: string): void {
    for (const place of this.#due.keys()) if (place.startsWith(`${host} `)) this.#due.delete(place);
  }

  #check(world: World, log: PartitionLog): void {
    const host = this.#hostOf(world);
    const place = `${host} ${log.directory}`;
    const due = this.#due.get(place);
    this.#due.delete(place);
    const owner = TopicIdFile.read(world.disk, log.directory, { clean: false })?.topicId;
    if (due?.hasRecords && owner === undefined)
      this.#violations.add(
        'RestartsKeepWhatWasWritten',
        `${log.directory} of ${host} had topic id ${due.topicId} and records that count, and has lost the id`,
      );
    if (!due || owner !== due.topicId || log.endOffset >= due.end) return;
    this.#violations.add(
      'RestartsKeepWhatWasWritten',
      `${log.directory} of ${host} ended at ${due.end} before its restart, and ends at ${log.endOffset} after it`,
    );
  }
}
