import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readWhole } from './base/disk.ts';
import { type Logger, silent } from './base/log.ts';
import { randomUuid } from './base/random.ts';
import type { World } from './base/world.ts';
import { Broker } from './broker/broker.ts';
import { demoBrokerDefaults } from './control/broker-config.ts';
import { Controller } from './controller/controller.ts';
import { brokerFolder, CONTROLLER_FOLDER } from './engines/embedded/layout.ts';
import { DataFolder } from './library/data-folder.ts';
import { nodeWorld } from './platform/node-world.ts';
import { META_PROPERTIES, parseMetaProperties } from './storage/meta-properties.ts';

export interface StartClusterOptions {
  /** How many brokers; 1 by default. Broker n is in zone n. */
  readonly brokers?: number;
  /** Broker configs of Apache Kafka, for every broker. */
  readonly config?: Readonly<Record<string, string>>;
  /** Where the data goes and stays; by default a temporary folder that is removed at `stop`. */
  readonly dataDirectory?: string;
  readonly log?: Logger;
}

/** A Kafka cluster inside this process. */
export interface StartedCluster extends AsyncDisposable {
  /** `host:port` of every broker, separated by commas: what clients call bootstrap servers. */
  readonly bootstrap: string;
  readonly clusterId: string;
  stop(): Promise<void>;
}

/** Beyond any broker's id. */
const CONTROLLER_ID = 10_000;
const HOST = '127.0.0.1';
const CLIENT_LISTENER = 'CLIENT';
const REPLICATION_LISTENER = 'REPLICATION';
/** A cluster for tests has nobody else to wait for: the first member of a group gets its partitions at once. */
const TEST_CONFIG = { 'group.initial.rebalance.delay.ms': '0' };

/**
 * Starts a cluster in this process, on free ports of the loopback interface: for tests of applications. Topics are made
 * when a client asks for them.
 *
 *     await using cluster = await startCluster();
 *     const kafka = new Kafka({ brokers: [cluster.bootstrap] });
 */
export async function startCluster(options: StartClusterOptions = {}): Promise<StartedCluster> {
  const world = nodeWorld(options.log ?? silent);
  const temporary =
    options.dataDirectory === undefined ? await mkdtemp(join(tmpdir(), 'millrace-')) : undefined;
  const folder = resolve(temporary ?? options.dataDirectory ?? '');
  const held = DataFolder.open(folder, brokerIds(options));
  const running: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    // Brokers first: the controller lets them go.
    for (const part of running.splice(0).reverse()) await part.stop();
    held.release();
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  };
  try {
    const clusterId = knownClusterId(world, folder) ?? randomUuid(world.random);
    const brokers = await startNodes(world, { ...options, folder, clusterId, running });
    const bootstrap = brokers.map((broker) => `${HOST}:${broker.port(CLIENT_LISTENER)}`).join(',');
    return { bootstrap, clusterId, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The cluster whose data is in the folder already; undefined in a new one. */
function knownClusterId(world: World, folder: string): string | undefined {
  const content = readWhole(world.disk, join(folder, CONTROLLER_FOLDER, META_PROPERTIES));
  if (content === null) return undefined;
  const meta = parseMetaProperties(content.toString('utf8'));
  if ('problem' in meta) throw new Error(`${folder} holds no cluster that can be read: ${meta.problem}`);
  return meta.clusterId;
}

function brokerIds({ brokers = 1 }: StartClusterOptions): number[] {
  return Array.from({ length: brokers }, (_, i) => i + 1);
}

async function startNodes(
  world: World,
  options: StartClusterOptions & {
    readonly folder: string;
    readonly clusterId: string;
    readonly running: { stop(): Promise<void> }[];
  },
): Promise<Broker[]> {
  const { folder, clusterId, running } = options;
  const ids = brokerIds(options);
  const config = { ...demoBrokerDefaults(ids.length), ...TEST_CONFIG, ...options.config };
  const controller = await Controller.start(world, {
    nodeId: CONTROLLER_ID,
    clusterId,
    dataDirectory: join(folder, CONTROLLER_FOLDER),
    host: HOST,
    port: 0,
    config,
  });
  running.push(controller);
  const started = await Promise.allSettled(
    ids.map(async (brokerId) => {
      const broker = await Broker.start(world, {
        clusterId,
        brokerId,
        rack: `zone-${brokerId}`,
        dataDirectory: join(folder, brokerFolder(brokerId)),
        controller: { id: CONTROLLER_ID, host: HOST, port: controller.port },
        listeners: [
          { name: CLIENT_LISTENER, purpose: 'client', host: HOST, port: 0 },
          { name: REPLICATION_LISTENER, purpose: 'replication', host: HOST, port: 0 },
        ],
        config,
      });
      running.push(broker);
      return broker;
    }),
  );
  return started.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
