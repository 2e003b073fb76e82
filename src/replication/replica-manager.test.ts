import { expect, test } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import type { Uuid } from '../base/brand.ts';
import { sleep } from '../base/clock.ts';
import { DiskError } from '../base/disk.ts';
import type { World } from '../base/world.ts';
import { ImageDelta, imageOf } from '../metadata/delta.ts';
import { LOST_DIRECTORY } from '../metadata/directory-id.ts';
import { type ClusterImage, emptyImage } from '../metadata/image.ts';
import { completeMetadataRecord, type EncodableMetadataRecord } from '../metadata/records.ts';
import { defaultLogConfig } from '../storage/log-config.ts';
import { LogDirectory } from '../storage/log-directory.ts';
import { watched } from '../storage/testing/watched-disk.ts';
import { IsrChanges } from './isr-changes.ts';
import { ReplicaDirectories } from './replica-directories.ts';
import { ReplicaManager } from './replica-manager.ts';
import { ReplicationThrottle } from './replication-throttle.ts';
import { removeStrays } from './stray-replicas.ts';

const BROKER = 1;
const EPOCH = 40;
const OLD_ID = 'kFQz2rJ1TfSWb0dyLSZvcA';
const NEW_ID = 'x9cK0O5SRDiNLuP7sXo7Eg';
const DIRECTORY = 'QF1LNgONTWC1KpCPXcYHYg';

const registration: EncodableMetadataRecord = {
  type: 'RegisterBrokerRecord',
  brokerId: BROKER,
  brokerEpoch: EPOCH,
  rack: null,
  incarnationId: DIRECTORY,
  endPoints: [{ name: 'CLIENT', host: 'here', port: 9092, securityProtocol: 0 }],
  features: [],
  logDirs: [DIRECTORY],
};

/** A topic that this broker leads; of one partition, when nothing else is said. */
function orders(topicId: Uuid, partitions = 1): EncodableMetadataRecord[] {
  return [
    { type: 'TopicRecord', topicId, name: 'orders' },
    ...Array.from(
      { length: partitions },
      (_, partitionId): EncodableMetadataRecord => ({
        type: 'PartitionRecord',
        topicId,
        partitionId,
        replicas: [BROKER],
        isr: [BROKER],
        leader: BROKER,
        removingReplicas: [],
        addingReplicas: [],
        leaderEpoch: 0,
        partitionEpoch: 0,
        directories: [DIRECTORY],
      }),
    ),
  ];
}

function image(...records: EncodableMetadataRecord[]): ClusterImage {
  return imageOf(records.map(completeMetadataRecord), { offset: EPOCH, epoch: 1, timestamp: 0 });
}

class Bench {
  readonly replicas: ReplicaManager;
  /** What the controller was told of where replicas lie. */
  readonly assigned: string[] = [];
  #image = emptyImage;

  static async open(world: World): Promise<Bench> {
    const logs = await LogDirectory.open(world, {
      path: '/data',
      clusterId: 'c1',
      brokerId: BROKER,
      configOf: () => defaultLogConfig,
      onStorageError: () => {},
    });
    return new Bench(world, logs);
  }

  private constructor(world: World, logs: LogDirectory) {
    const throttle = new ReplicationThrottle(world.clock, {
      rate: () => Number.MAX_SAFE_INTEGER,
      throttled: () => new Set(),
      windows: () => ({ count: 1, lengthMs: 1000 }),
    });
    this.replicas = new ReplicaManager(world, {
      brokerId: BROKER,
      logs,
      isrChanges: new IsrChanges(world, {
        send: () => expect.fail('nothing to change'),
        broker: () => ({ id: BROKER, epoch: EPOCH }),
      }),
      directories: new ReplicaDirectories(world, {
        send: async ({ directories }) => {
          this.assigned.push(...directories.map(({ id }) => id));
          return { throttleTimeMs: 0, errorCode: 0, directories: [] };
        },
        broker: () => ({ id: BROKER, epoch: EPOCH }),
      }),
      fetchers: { follow() {}, unfollow() {} },
      leaderThrottle: throttle,
      image: () => this.#image,
      topicSettings: () => ({
        log: defaultLogConfig,
        minInSyncReplicas: 1,
        throttledAsLeader: new Set(),
        throttledAsFollower: new Set(),
      }),
      lagTimeMaxMs: () => 30_000,
    });
  }

  /** As the broker is told of what it read. */
  apply(next: ClusterImage): void {
    const delta = ImageDelta.between(this.#image, next);
    this.#image = next;
    this.replicas.applyDelta(next, delta);
  }
}

async function simulated(run: (simulation: Simulation) => Promise<void>): Promise<void> {
  const simulation = new Simulation(5);
  await simulation.run(() => run(simulation));
}

function strays(world: World): string[] {
  return world.disk.list('/data').filter((name) => name.endsWith('-stray'));
}

test('an image without this broker’s registration makes no stray', () =>
  simulated(async (simulation) => {
    const { world } = simulation.host('a');
    const first = await Bench.open(world);
    first.apply(image(registration, ...orders(OLD_ID)));
    await first.replicas.logs.close(EPOCH);
    const { logs } = (await Bench.open(world)).replicas;
    const broker = { id: BROKER, epoch: EPOCH };
    removeStrays(world, logs, broker, emptyImage);
    removeStrays(world, logs, broker, image({ ...registration, brokerEpoch: EPOCH - 1 }));
    expect([strays(world), logs.get('orders', 0)?.topicId]).toEqual([[], OLD_ID]);
    removeStrays(world, logs, broker, image(registration));
    expect([strays(world).length, logs.get('orders', 0)]).toEqual([1, undefined]);
  }));

test('a replica that cannot be opened is tried again until it is, and the others are served', () =>
  simulated(async (simulation) => {
    const host = simulation.host('a');
    const state = { refuses: true };
    const world = watched(host.world, (path) => {
      if (state.refuses && path.includes('orders-0')) throw new DiskError('EMFILE', path, 'open');
    });
    const bench = await Bench.open(world);
    const { replicas } = bench;
    bench.apply(image(registration, ...orders(OLD_ID)));
    expect(replicas.lookup('orders', 0)).toEqual({ error: 'KAFKA_STORAGE_ERROR' });
    await sleep(simulation.clock, 10_000);
    expect(replicas.find('orders', 0)).toBe(undefined);
    expect(new Set(bench.assigned)).toEqual(new Set([LOST_DIRECTORY]));
    state.refuses = false;
    await simulation.until(() => replicas.find('orders', 0)?.isLeader === true, 30_000);
    await sleep(simulation.clock, 10);
    expect(bench.assigned.at(-1)).toBe(replicas.logs.directoryId);
    replicas.stop();
  }));

test('what was left of a topic that is gone is set aside for the one that has its name', () =>
  simulated(async (simulation) => {
    const host = simulation.host('a');
    const first = await Bench.open(host.world);
    first.apply(image(registration, ...orders(OLD_ID)));
    await first.replicas.logs.close(EPOCH);
    // It could not be opened at the start, when strays were looked for, nor could its id be read.
    const state = { refuses: true };
    const world = watched(host.world, (path) => {
      if (state.refuses && path.includes('orders-0/')) throw new DiskError('EIO', path, 'open');
    });
    const bench = await Bench.open(world);
    state.refuses = false;
    bench.apply(image(registration, ...orders(NEW_ID)));
    await simulation.until(() => bench.replicas.find('orders', 0)?.topicId === NEW_ID, 1000);
    expect([strays(world).length, bench.replicas.logs.get('orders', 0)?.topicId]).toEqual([1, NEW_ID]);
    bench.replicas.stop();
  }));

test('a replica that waits for the checkpoint files is not offline, and not made when it is wanted no more', () =>
  simulated(async (simulation) => {
    const { world } = simulation.host('a');
    const bench = await Bench.open(world);
    bench.apply(image(registration, ...orders(OLD_ID)));
    await bench.replicas.logs.checkpoint('highWatermark');
    bench.apply(image(registration, ...orders(NEW_ID)));
    expect(bench.replicas.lookup('orders', 0)).toEqual({ error: 'NOT_LEADER_OR_FOLLOWER' });
    bench.apply(image(registration));
    await sleep(simulation.clock, 5000);
    expect([...bench.replicas.logs.all()]).toEqual([]);
    bench.apply(image(registration, ...orders(OLD_ID)));
    expect(bench.replicas.find('orders', 0)?.isLeader).toBe(true);
    bench.replicas.stop();
  }));

test('an image that is being prepared when the broker stops brings no replica and no role', () =>
  simulated(async (simulation) => {
    const { world } = simulation.host('a');
    const bench = await Bench.open(world);
    const { replicas } = bench;
    const became: number[] = [];
    replicas.addRoleListener({
      becameLeader: ({ index }) => became.push(index),
      becameFollower: () => {},
      removed: () => {},
    });
    const wanted = image(registration, ...orders(OLD_ID, 100));
    const prepared = replicas.prepare(ImageDelta.between(emptyImage, wanted));
    replicas.stop();
    await prepared;
    expect([...replicas.logs.all()].length).toBeLessThan(100);
    bench.apply(wanted);
    expect([became, [...replicas.all()]]).toEqual([[], []]);
  }));
