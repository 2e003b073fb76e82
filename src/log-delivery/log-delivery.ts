import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { CredentialsError } from '../aws/credentials/aws-credentials.ts';
import type { S3Client } from '../aws/s3/s3-client.ts';
import { S3Error } from '../aws/s3/s3-error.ts';
import { s3OfEnvironment } from '../aws/s3/s3-of-environment.ts';
import type { Timer } from '../base/clock.ts';
import type { World } from '../base/world.ts';
import { bucketFolder } from '../control/aws/buckets.ts';
import type { ControlOptions, Service } from '../control/control.ts';
import { replaceFile } from '../platform/replace-file.ts';
import type { DeliveredLog, LogTarget } from './delivered-log.ts';
import { logObjectName, putIntoBucket } from './log-bucket.ts';
import { appendToLogGroup, logStreamFile } from './log-group.ts';
import { LOG_START, type LogPosition, newLines } from './new-lines.ts';

/** In the folder of a log: how much of it each target has. */
const POSITIONS_FILE = 'log-delivery.json';
/** How often a log group gets what is new, and a bucket an object. */
const LOG_GROUP_MS = 1_000;
const BUCKET_MS = 60_000;
/** The next try comes with the next minute, and whoever stops the control plane waits for it. */
const S3_LIMITS = { attempts: 1, idleMs: 5_000 };
const TARGETS: readonly LogTarget[] = ['logGroup', 'bucket'];
const compress = promisify(gzip);

type Positions = Readonly<Partial<Record<LogTarget, LogPosition>>>;

/**
 * Brings logs to the targets that their owners name. It reads the files that processes write, so none of them
 * ever waits for it. What a target cannot take now, on a full disk, it gets later; a line may come twice
 * after a crash, and none is left out.
 */
export class LogDelivery implements Service {
  readonly #world: Pick<World, 'clock' | 'log' | 'random'>;
  readonly #options: Pick<ControlOptions, 'dataDirectory'>;
  readonly #logs: () => Iterable<DeliveredLog>;
  readonly #everyMs: Readonly<Record<LogTarget, number>>;
  readonly #s3: S3Client | null;
  readonly #timers = new Map<LogTarget, Timer>();
  /** The last delivery to each target that was begun: one waits for the other. */
  readonly #last = new Map<LogTarget, Promise<void>>();
  /** Targets that took nothing the last time, which is said once. */
  readonly #failing = new Set<string>();
  #isStopping = false;

  /** `logs`: all that there are now. */
  constructor(
    world: Pick<World, 'clock' | 'log' | 'random'>,
    options: Pick<ControlOptions, 'dataDirectory' | 's3Endpoint' | 'region'>,
    logs: () => Iterable<DeliveredLog>,
    everyMs: Readonly<Record<LogTarget, number>> = { logGroup: LOG_GROUP_MS, bucket: BUCKET_MS },
  ) {
    this.#world = world;
    this.#options = options;
    this.#logs = logs;
    this.#everyMs = everyMs;
    const { s3Endpoint, region } = options;
    this.#s3 =
      s3Endpoint === undefined ? null : s3OfEnvironment(world, s3Endpoint, region, process.env, S3_LIMITS);
  }

  addRoutes(): void {}

  async start(): Promise<void> {
    for (const target of TARGETS) this.#repeat(target);
  }

  /** What is left then is delivered by the next start. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const timer of this.#timers.values()) timer.cancel();
    for (const target of TARGETS) await this.#deliverAll(target);
    this.#s3?.close();
  }

  /**
   * Brings what there is of these to their targets, before their files go or what must be hidden in them is
   * forgotten. Resolves to whether the targets have all of it.
   */
  async deliver(logs: readonly DeliveredLog[]): Promise<boolean> {
    let isWhole = true;
    for (const target of TARGETS)
      await this.#after(target, async () => {
        for (const log of logs) {
          const came = await this.#deliverRest(target, log);
          if (came !== 'nothing') isWhole = false;
          // Whoever deletes something waits for this: no longer than for one answer that does not come.
          if (came === 'no answer') return;
        }
      });
    return isWhole;
  }

  async #deliverRest(target: LogTarget, log: DeliveredLog): Promise<'nothing' | 'refused' | 'no answer'> {
    for (;;) {
      const came = await this.#deliverOne(target, log);
      if (came !== 'some') return came;
    }
  }

  #repeat(target: LogTarget): void {
    this.#deliverAll(target).then(() => {
      if (this.#isStopping) return;
      this.#timers.set(
        target,
        this.#world.clock.after(this.#everyMs[target], () => this.#repeat(target)),
      );
    });
  }

  #deliverAll(target: LogTarget): Promise<void> {
    return this.#after(target, async () => {
      // Where S3 does not answer, the others would wait for it as long.
      for (const log of this.#logs()) if ((await this.#deliverOne(target, log)) === 'no answer') return;
    });
  }

  #after(target: LogTarget, run: () => Promise<void>): Promise<void> {
    const delivery = (this.#last.get(target) ?? Promise.resolve()).then(run);
    this.#last.set(target, delivery);
    return delivery;
  }

  /**
   * Delivers what is new, up to a limit. Resolves to whether there was some, or why the target took nothing.
   */
  async #deliverOne(
    target: LogTarget,
    log: DeliveredLog,
  ): Promise<'some' | 'nothing' | 'refused' | 'no answer'> {
    const { folder, file, owner, told, targets } = log;
    if (!targets[target]) return 'nothing';
    const name = `${target} of ${owner}`;
    try {
      const before = readPositions(folder)[target] ?? LOG_START;
      const { bytes, position } = newLines(file, before);
      if (bytes.length > 0) await this.#put(target, log, told ? told(bytes) : bytes);
      // The other target may have gone on meanwhile.
      if (position.offset !== before.offset || position.head !== before.head)
        writePositions(folder, { ...readPositions(folder), [target]: position });
      this.#failing.delete(name);
      return bytes.length > 0 ? 'some' : 'nothing';
    } catch (error) {
      const isExpected = error instanceof CredentialsError || (error instanceof Error && 'code' in error);
      if (!isExpected) throw error;
      if (!this.#failing.has(name))
        this.#world.log.warn(`Logs cannot be delivered to the ${name} now`, { error });
      this.#failing.add(name);
      return error instanceof S3Error && error.status === null ? 'no answer' : 'refused';
    }
  }

  /** Rejects with what the file system or S3 says. */
  async #put(target: LogTarget, { targets }: DeliveredLog, lines: Buffer): Promise<void> {
    const { dataDirectory } = this.#options;
    const { logGroup, bucket } = targets;
    if (target === 'logGroup' && logGroup)
      appendToLogGroup(logStreamFile(dataDirectory, logGroup.group, logGroup.stream), lines);
    if (target === 'bucket' && bucket) {
      const { bucket: name, folder, source } = bucket;
      const now = new Date(this.#world.clock.now());
      if (this.#s3) {
        const key = `${folder}/${logObjectName(source, now)}`;
        const contentType = 'application/gzip';
        await this.#s3.put({ bucket: name, key }, await compress(lines), { contentType });
      } else putIntoBucket(join(bucketFolder(dataDirectory, name), folder), { source, lines, now });
    }
  }
}

/** Nothing was delivered where there is no such file. */
function readPositions(folder: string): Positions {
  const file = join(folder, POSITIONS_FILE);
  if (!existsSync(file)) return {};
  const text = readFileSync(file, 'utf8');
  // A power cut left older releases an empty file.
  if (text === '') return {};
  // Written by the function below alone.
  return JSON.parse(text);
}

function writePositions(folder: string, positions: Positions): void {
  replaceFile(join(folder, POSITIONS_FILE), JSON.stringify(positions));
}
