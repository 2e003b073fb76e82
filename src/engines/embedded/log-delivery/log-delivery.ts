import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Timer } from '../../../base/clock.ts';
import type { World } from '../../../base/world.ts';
import { bucketFolder } from '../../../control/aws/buckets.ts';
import type { Control, Service } from '../../../control/control.ts';
import type { Cluster } from '../../../control/state/cluster.ts';
import { brokerFolder, clusterFolder, PROCESS_FILES } from '../layout.ts';
import { putIntoBucket } from './log-bucket.ts';
import { appendToLogGroup, logStreamFile } from './log-group.ts';
import { LOG_START, type LogPosition, newLines } from './new-lines.ts';

/** In the folder of a broker: how much of its log each target has. */
const POSITIONS_FILE = 'log-delivery.json';
/** How often a log group gets what is new, and a bucket an object. */
const LOG_GROUP_MS = 1_000;
const BUCKET_MS = 60_000;

type Target = 'logGroup' | 'bucket';
type Positions = Readonly<Partial<Record<Target, LogPosition>>>;

/**
 * Brings the logs of brokers to the targets of their cluster's `loggingInfo`. It reads the files that the brokers write, so no broker ever
 * waits for it. What a target cannot take now, on a full disk, it gets later; a line may come twice after a crash, and none is left out.
 */
export class LogDelivery implements Service {
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #control: Pick<Control, 'store' | 'options'>;
  readonly #everyMs: Readonly<Record<Target, number>>;
  readonly #timers = new Map<Target, Timer>();
  /** Targets that took nothing the last time, which is said once. */
  readonly #failing = new Set<string>();

  constructor(
    world: Pick<World, 'clock' | 'log'>,
    control: Pick<Control, 'store' | 'options'>,
    everyMs: Readonly<Record<Target, number>> = { logGroup: LOG_GROUP_MS, bucket: BUCKET_MS },
  ) {
    this.#world = world;
    this.#control = control;
    this.#everyMs = everyMs;
  }

  addRoutes(): void {}

  async start(): Promise<void> {
    for (const target of ['logGroup', 'bucket'] as const) this.#repeat(target);
  }

  /** What is left then is delivered by the next start. */
  async stop(): Promise<void> {
    for (const timer of this.#timers.values()) timer.cancel();
    for (const target of ['logGroup', 'bucket'] as const) this.#deliverAll(target);
  }

  #repeat(target: Target): void {
    this.#deliverAll(target);
    this.#timers.set(
      target,
      this.#world.clock.after(this.#everyMs[target], () => this.#repeat(target)),
    );
  }

  #deliverAll(target: Target): void {
    for (const cluster of this.#control.store.clusters.all()) {
      const deliver = this.#delivery(target, cluster);
      if (!deliver) continue;
      for (const { id } of cluster.brokers) this.#deliver(target, { cluster, broker: id, deliver });
    }
  }

  #deliver(
    target: Target,
    of: {
      readonly cluster: Cluster;
      readonly broker: number;
      readonly deliver: (broker: number, lines: Buffer) => void;
    },
  ): void {
    const { cluster, broker } = of;
    const folder = join(clusterFolder(this.#control.options.dataDirectory, cluster), brokerFolder(broker));
    const name = `${target} of ${cluster.name}`;
    try {
      const positions = readPositions(folder);
      const before = positions[target] ?? LOG_START;
      const { bytes, position } = newLines(join(folder, PROCESS_FILES.log), before);
      if (bytes.length > 0) of.deliver(broker, bytes);
      if (position.offset !== before.offset || position.head !== before.head)
        writePositions(folder, { ...positions, [target]: position });
      this.#failing.delete(name);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      if (this.#failing.has(name)) return;
      this.#failing.add(name);
      this.#world.log.warn(`The logs of brokers cannot be delivered to the ${name} now`, { error });
    }
  }

  /** Null when the cluster has no such target. */
  #delivery(target: Target, cluster: Cluster): ((broker: number, lines: Buffer) => void) | null {
    const { cloudWatchLogs, s3 } = cluster.spec.loggingInfo?.brokerLogs ?? {};
    const { dataDirectory, account, region } = this.#control.options;
    const id = cluster.arn.split('/').slice(-2).join('-');
    if (target === 'logGroup') {
      const { enabled, logGroup } = cloudWatchLogs ?? {};
      if (!enabled || logGroup === undefined) return null;
      return (broker, lines) =>
        appendToLogGroup(logStreamFile(dataDirectory, logGroup, `${id}_Broker-${broker}`), lines);
    }
    if (!s3?.enabled || s3.bucket === undefined) return null;
    const folder = join(
      bucketFolder(dataDirectory, s3.bucket),
      s3.prefix ?? '',
      'AWSLogs',
      account,
      'KafkaBrokerLogs',
      region,
      id,
    );
    return (broker, lines) =>
      putIntoBucket(folder, { broker, lines, now: new Date(this.#world.clock.now()) });
  }
}

/** Nothing was delivered where there is no such file. */
function readPositions(folder: string): Positions {
  const file = join(folder, POSITIONS_FILE);
  if (!existsSync(file)) return {};
  const text = readFileSync(file, 'utf8');
  // A power cut leaves an empty file of one that was just renamed.
  if (text === '') return {};
  // Written by the function below alone.
  return JSON.parse(text);
}

function writePositions(folder: string, positions: Positions): void {
  const file = join(folder, POSITIONS_FILE);
  writeFileSync(`${file}.new`, JSON.stringify(positions), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
