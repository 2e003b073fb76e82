import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { CredentialsError } from '../../../aws/credentials/aws-credentials.ts';
import type { S3Client } from '../../../aws/s3/s3-client.ts';
import { S3Error } from '../../../aws/s3/s3-error.ts';
import { s3OfEnvironment } from '../../../aws/s3/s3-of-environment.ts';
import type { Timer } from '../../../base/clock.ts';
import type { World } from '../../../base/world.ts';
import { bucketFolder } from '../../../control/aws/buckets.ts';
import type { Control, Service } from '../../../control/control.ts';
import type { Cluster } from '../../../control/state/cluster.ts';
import { replaceFile } from '../../../platform/replace-file.ts';
import { brokerFolder, clusterFolder, PROCESS_FILES } from '../layout.ts';
import { logObjectName, putIntoBucket } from './log-bucket.ts';
import { appendToLogGroup, logStreamFile } from './log-group.ts';
import { LOG_START, type LogPosition, newLines } from './new-lines.ts';

/** In the folder of a broker: how much of its log each target has. */
const POSITIONS_FILE = 'log-delivery.json';
/** How often a log group gets what is new, and a bucket an object. */
const LOG_GROUP_MS = 1_000;
const BUCKET_MS = 60_000;
/** The next try comes with the next minute, and whoever stops the control plane waits for it. */
const S3_LIMITS = { attempts: 1, idleMs: 5_000 };
const compress = promisify(gzip);

type Target = 'logGroup' | 'bucket';
/** Rejects with what the file system or S3 says. */
type Deliver = (broker: number, lines: Buffer) => Promise<void>;
type Positions = Readonly<Partial<Record<Target, LogPosition>>>;

/**
 * Brings the logs of brokers to the targets of their cluster's `loggingInfo`. It reads the files that the brokers write, so no broker ever
 * waits for it. What a target cannot take now, on a full disk, it gets later; a line may come twice after a crash, and none is left out.
 */
export class LogDelivery implements Service {
  readonly #world: Pick<World, 'clock' | 'log' | 'random'>;
  readonly #control: Pick<Control, 'store' | 'options'>;
  readonly #everyMs: Readonly<Record<Target, number>>;
  readonly #s3: S3Client | null;
  readonly #timers = new Map<Target, Timer>();
  /** Deliveries that are under way. */
  readonly #running = new Map<Target, Promise<void>>();
  /** Targets that took nothing the last time, which is said once. */
  readonly #failing = new Set<string>();
  #isStopping = false;

  constructor(
    world: Pick<World, 'clock' | 'log' | 'random'>,
    control: Pick<Control, 'store' | 'options'>,
    everyMs: Readonly<Record<Target, number>> = { logGroup: LOG_GROUP_MS, bucket: BUCKET_MS },
  ) {
    this.#world = world;
    this.#control = control;
    this.#everyMs = everyMs;
    const { s3Endpoint, region } = control.options;
    this.#s3 =
      s3Endpoint === undefined ? null : s3OfEnvironment(world, s3Endpoint, region, process.env, S3_LIMITS);
  }

  addRoutes(): void {}

  async start(): Promise<void> {
    for (const target of ['logGroup', 'bucket'] as const) this.#repeat(target);
  }

  /** What is left then is delivered by the next start. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const timer of this.#timers.values()) timer.cancel();
    await Promise.all(this.#running.values());
    for (const target of ['logGroup', 'bucket'] as const) await this.#deliverAll(target);
    this.#s3?.close();
  }

  #repeat(target: Target): void {
    const delivered = this.#deliverAll(target).then(() => {
      if (this.#isStopping) return;
      this.#timers.set(
        target,
        this.#world.clock.after(this.#everyMs[target], () => this.#repeat(target)),
      );
    });
    this.#running.set(target, delivered);
  }

  async #deliverAll(target: Target): Promise<void> {
    for (const cluster of this.#control.store.clusters.all()) {
      const deliver = this.#delivery(target, cluster);
      if (!deliver) continue;
      // Where S3 does not answer, the others would wait for it as long.
      for (const { id } of cluster.brokers)
        if ((await this.#deliver(target, { cluster, broker: id, deliver })) === 'no answer') return;
    }
  }

  async #deliver(
    target: Target,
    of: {
      readonly cluster: Cluster;
      readonly broker: number;
      readonly deliver: Deliver;
    },
  ): Promise<'no answer' | null> {
    const { cluster, broker } = of;
    const folder = join(clusterFolder(this.#control.options.dataDirectory, cluster), brokerFolder(broker));
    const name = `${target} of ${cluster.name}`;
    try {
      const before = readPositions(folder)[target] ?? LOG_START;
      const { bytes, position } = newLines(join(folder, PROCESS_FILES.log), before);
      if (bytes.length > 0) await of.deliver(broker, bytes);
      // The other target may have gone on meanwhile.
      if (position.offset !== before.offset || position.head !== before.head)
        writePositions(folder, { ...readPositions(folder), [target]: position });
      this.#failing.delete(name);
      return null;
    } catch (error) {
      const isExpected = error instanceof CredentialsError || (error instanceof Error && 'code' in error);
      if (!isExpected) throw error;
      if (!this.#failing.has(name))
        this.#world.log.warn(`The logs of brokers cannot be delivered to the ${name} now`, { error });
      this.#failing.add(name);
      return error instanceof S3Error && error.status === null ? 'no answer' : null;
    }
  }

  /** Null when the cluster has no such target. */
  #delivery(target: Target, cluster: Cluster): Deliver | null {
    const { cloudWatchLogs, s3 } = cluster.spec.loggingInfo?.brokerLogs ?? {};
    const { dataDirectory, account, region } = this.#control.options;
    const id = cluster.arn.split('/').slice(-2).join('-');
    if (target === 'logGroup') {
      const { enabled, logGroup } = cloudWatchLogs ?? {};
      if (!enabled || logGroup === undefined) return null;
      return async (broker, lines) =>
        appendToLogGroup(logStreamFile(dataDirectory, logGroup, `${id}_Broker-${broker}`), lines);
    }
    if (!s3?.enabled || s3.bucket === undefined) return null;
    const { bucket, prefix = '' } = s3;
    const folder = join(prefix, 'AWSLogs', account, 'KafkaBrokerLogs', region, id);
    const client = this.#s3;
    return async (broker, lines) => {
      const now = new Date(this.#world.clock.now());
      if (client) {
        const key = `${folder}/${logObjectName(broker, now)}`;
        await client.put({ bucket, key }, await compress(lines), { contentType: 'application/gzip' });
      } else putIntoBucket(join(bucketFolder(dataDirectory, bucket), folder), { broker, lines, now });
    };
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
