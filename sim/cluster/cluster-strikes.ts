import { sleep } from '../../src/base/clock.ts';
import { below, type Random } from '../../src/base/random.ts';
import { chance, pick, shuffled } from '../chance.ts';
import { noDiskFaults } from '../disk-faults.ts';
import type { SimHost } from '../sim-host.ts';
import type { Simulation } from '../simulation.ts';
import { failDisk, fillDisk, harmController, jumpClock, slowDisk } from './host-strikes.ts';
import { type SimCluster, zoneOf } from './sim-cluster.ts';
import { hasVolume, LARGE_VOLUME_BYTES, setVolume } from './volumes.ts';

const WHOLE_AGAIN_MS = 180_000;
/** The weight of each extra kind of strike, beside the two dozen others. */
const EXTRA_WEIGHT = 4;
/** The probability that a segment between two nodes is late, in histories that have late requests. */
const LATE = 0.05;
const DAY_MS = 24 * 60 * 60_000;
/** Longer than any retention of Kafka's defaults. */
const DAYS_MAX = 30;
/** A little longer than the longest interval in which a checkpoint is written. */
const QUIET_MAX_MS = 65_000;

type Kind =
  | 'kill'
  | 'kill some'
  | 'kill all'
  | 'straggler'
  | 'stop'
  | 'pause'
  | 'power'
  | 'isolate'
  | 'cut'
  | 'one-way cut'
  | 'cut from controller'
  | 'zone'
  | 'kill controller'
  | 'controller power'
  | 'clock'
  | 'slow disk'
  | 'full disk'
  | 'lossy network'
  | 'slow network'
  | 'quiet'
  | 'days'
  | 'failed renames'
  | 'refused logs'
  | 'full volumes'
  | 'unregistered brokers'
  | 'failing disks'
  | 'harmed controller'
  | 'rolling restarts';

/** Kinds of strike that only histories with such traits have. */
export type ExtraKind =
  | 'quiet'
  | 'days'
  | 'failed renames'
  | 'refused logs'
  | 'full volumes'
  | 'unregistered brokers'
  | 'failing disks'
  | 'harmed controller'
  | 'rolling restarts';

const KINDS: readonly [Kind, ...Kind[]] = [
  'kill',
  'kill',
  'kill some',
  'kill all',
  'straggler',
  'stop',
  'pause',
  'pause',
  'power',
  'power',
  'isolate',
  'isolate',
  'cut',
  'one-way cut',
  'cut from controller',
  'zone',
  'kill controller',
  'controller power',
  'clock',
  'slow disk',
  'full disk',
  'lossy network',
  'slow network',
];

/** How long clients pause, as a multiple of their pause in busy times. */
export interface Pace {
  factor: number;
}

/** Harms a cluster in random ways, and undoes the harm. */
export class ClusterStrikes {
  readonly #simulation: Simulation;
  readonly #cluster: SimCluster;
  readonly #random: Random;
  readonly #isOver: () => boolean;
  /** Acknowledged records are on the devices: then any machine may lose power at any time. */
  readonly #isFlushed: boolean;
  readonly #kinds: readonly [Kind, ...Kind[]];
  readonly #pace: Pace;
  readonly #isLate: boolean;
  readonly #unregister: (id: number) => Promise<void>;
  readonly #emptied: (host: string) => void;

  constructor(
    simulation: Simulation,
    options: {
      readonly cluster: SimCluster;
      readonly isFlushed: boolean;
      readonly isOver: () => boolean;
      readonly extra: readonly ExtraKind[];
      /** While another strike lasts, some segments between two nodes are late. */
      readonly isLate: boolean;
      /** One attempt to make the controller forget a broker. */
      readonly unregister: (id: number) => Promise<void>;
      /** Called with a host whose disk was replaced by an empty one. */
      readonly emptied: (host: string) => void;
      readonly pace: Pace;
    },
  ) {
    this.#kinds = [...KINDS, ...Array.from({ length: EXTRA_WEIGHT }, () => options.extra).flat()];
    this.#pace = options.pace;
    this.#isLate = options.isLate;
    this.#unregister = options.unregister;
    this.#emptied = options.emptied;
    this.#simulation = simulation;
    this.#cluster = options.cluster;
    this.#isFlushed = options.isFlushed;
    this.#isOver = options.isOver;
    this.#random = simulation.fork('strikes');
  }

  async strike(): Promise<void> {
    const random = this.#random;
    const kind = pick(random, this.#kinds);
    this.#simulation.note(`strike: ${kind}`);
    if (this.#isLate) this.#delayOne();
    if (kind === 'power' && !this.#isFlushed) return this.#losePowerOfOne();
    if (kind === 'straggler') return this.#leaveOneBehind();
    if (kind === 'quiet') return this.#beQuiet();
    if (kind === 'days') return this.#jumpDays();
    if (kind === 'unregistered brokers') return this.#unregisterOne();
    if (kind === 'rolling restarts') return this.#restartOneByOne();
    this.#begin(kind);
    await this.#wait(below(random, chance(random, 0.3) ? 8000 : 2500));
    if (chance(random, 0.7)) this.heal();
  }

  /** Undoes every strike, except the time that clocks show. */
  heal(): void {
    const { network } = this.#simulation;
    network.faults.reset = 0;
    network.faults.slow = 0.01;
    network.healAll();
    for (const host of this.#hosts()) {
      host.resume();
      if (hasVolume(host)) setVolume(host, LARGE_VOLUME_BYTES);
      Object.assign(host.faults, noDiskFaults(), {
        syncLies: host.faults.syncLies,
        folderSyncLies: host.faults.folderSyncLies,
      });
    }
  }

  #begin(kind: Kind): void {
    const random = this.#random;
    const { network } = this.#simulation;
    const { controllerHost } = this.#cluster;
    const host = this.#anyHost();
    const other = this.#anyHost();
    switch (kind) {
      case 'kill':
        host.kill();
        return;
      case 'kill some':
        for (const one of this.#brokerHosts()) if (chance(random, 0.5)) one.kill();
        return;
      case 'kill all':
        for (const one of this.#brokerHosts()) one.kill();
        if (chance(random, 0.3)) controllerHost.kill();
        return;
      case 'stop':
        this.#stop(host);
        return;
      case 'pause':
        host.pause();
        return;
      case 'power':
        for (const one of this.#brokerHosts()) if (one === host || chance(random, 0.3)) one.crash();
        return;
      case 'isolate':
        for (const one of this.#hosts()) if (one !== host) network.cutBothWays(host.name, one.name);
        return;
      case 'cut':
        if (other !== host) network.cutBothWays(host.name, other.name);
        return;
      case 'one-way cut':
        this.#cutOneWay(host, chance(random, 0.3) ? controllerHost : other);
        return;
      case 'cut from controller':
        network.cutBothWays(host.name, controllerHost.name);
        return;
      case 'zone':
        this.#loseZone();
        return;
      case 'kill controller':
        controllerHost.kill();
        return;
      case 'controller power':
        controllerHost.crash();
        return;
      case 'clock':
        jumpClock(host, random);
        return;
      case 'slow disk':
        slowDisk(host, random);
        return;
      case 'full disk':
        fillDisk(host, random);
        return;
      case 'lossy network':
        network.faults.reset = 0.01;
        return;
      case 'slow network':
        network.faults.slow = 0.2;
        return;
      case 'failed renames':
        for (const one of this.#brokerHosts()) if (chance(random, 0.5)) one.faults.renameEio = 0.5;
        return;
      case 'refused logs':
        this.#refuseLog(host);
        return;
      case 'full volumes':
        for (const one of this.#brokerHosts())
          if (chance(random, 0.5)) setVolume(one, one.files.usedBytes() + below(random, 2000));
        return;
      case 'failing disks':
        for (const one of this.#brokerHosts()) if (one === host || chance(random, 0.3)) failDisk(one, random);
        if (chance(random, 0.3)) this.#failLog(host);
        return;
      case 'harmed controller':
        harmController(controllerHost, random);
        return;
      case 'straggler':
      case 'quiet':
      case 'days':
      case 'unregistered brokers':
      case 'rolling restarts':
    }
  }

  /** Delays requests of one node to another, or their answers. */
  #delayOne(): void {
    const [from, to] = shuffled(this.#random, this.#hosts());
    if (from && to) this.#simulation.network.delay(from.name, to.name, LATE);
  }

  #cutOneWay(host: SimHost, other: SimHost): void {
    if (other === host) return;
    if (chance(this.#random, 0.5)) this.#simulation.network.cut(host.name, other.name);
    else this.#simulation.network.cut(other.name, host.name);
  }

  /** Refuses a log that is made or opened meanwhile; a running broker whose log is refused ends. */
  #refuseLog(host: SimHost): void {
    const folder = this.#someLog();
    if (folder === null) return;
    host.faults.refused = { folder, code: pick(this.#random, ['EMFILE', 'EIO']) };
    this.#simulation.note(`${host.name} will not open ${folder}`);
  }

  /** One log that cannot be synced; the disk is sound beside it. */
  #failLog({ name, faults }: SimHost): void {
    const folder = this.#someLog();
    if (folder === null) return;
    Object.assign(faults, { syncEio: 0, writeEio: 0, readEio: 0, syncEioIn: folder });
    this.#simulation.note(`${name} cannot sync ${folder}`);
  }

  #someLog(): string | null {
    const topics = [...(this.#cluster.image?.topics.all() ?? [])];
    const { name, partitions } = topics[below(this.#random, Math.max(1, topics.length))] ?? {};
    if (name === undefined || !partitions) return null;
    return `/data/${name}-${below(this.#random, partitions.length)}`;
  }

  /** Asks a process to end; it ends after a controlled shutdown. */
  #stop(host: SimHost): void {
    const id = this.#cluster.ids.find((one) => this.#cluster.host(one) === host) ?? -1;
    const broker = this.#cluster.brokers.get(id);
    if (!broker || !host.alive) return;
    const { world } = host;
    void broker.stop().then(() => {
      if (host.alive && host.world === world) host.kill();
    });
  }

  #loseZone(): void {
    const zone = 1 + below(this.#random, 3);
    const cuts = chance(this.#random, 0.5);
    for (const id of this.#cluster.ids) {
      if (zoneOf(id) !== zone) continue;
      const host = this.#cluster.host(id);
      if (!cuts) host.kill();
      else
        for (const one of this.#hosts()) {
          if (one !== host) this.#simulation.network.cutBothWays(host.name, one.name);
        }
    }
  }

  /**
   * The case that is documented for topics that are not flushed: one broker loses power while all replicas
   * are in sync, and no other dies before it has everything again.
   */
  async #losePowerOfOne(): Promise<void> {
    this.heal();
    await this.#wholeAgain();
    if (this.#isOver()) return;
    this.#anyHost().crash();
    await this.#wait(50);
    await this.#wholeAgain();
  }

  /**
   * Cuts one broker off until the others go on without it, then kills all. The next leader knows an old high
   * watermark from its checkpoint, and the broker that was cut off may have all records up to that.
   */
  async #leaveOneBehind(): Promise<void> {
    this.heal();
    const host = this.#anyHost();
    for (const one of this.#hosts())
      if (one !== host) this.#simulation.network.cutBothWays(host.name, one.name);
    await this.#wait(2000 + below(this.#random, 2500));
    for (const one of this.#brokerHosts()) one.kill();
    this.heal();
  }

  /** Stops each broker in order. The next one is stopped after a while, or when all replicas are in sync. */
  async #restartOneByOne(): Promise<void> {
    const random = this.#random;
    this.heal();
    const waitsForSync = chance(random, 0.5);
    for (const host of shuffled(random, this.#brokerHosts())) {
      if (waitsForSync) await this.#wholeAgain();
      if (this.#isOver()) return;
      this.#stop(host);
      await this.#wait(500 + below(random, 2500));
    }
  }

  /** Clients do little, so that much time costs few events: timers of a minute expire. */
  async #beQuiet(): Promise<void> {
    this.heal();
    this.#pace.factor = 20;
    await this.#wait(below(this.#random, QUIET_MAX_MS));
    this.#pace.factor = 1;
  }

  /**
   * The clock of a broker is days ahead for a while. No broker starts meanwhile: at its start it would have
   * to believe that clock.
   */
  async #jumpDays(): Promise<void> {
    this.heal();
    const host = this.#anyHost();
    const { clockSkewMs } = host;
    host.clockSkewMs = DAY_MS * (1 + below(this.#random, DAYS_MAX));
    await this.#wait(below(this.#random, 4000));
    host.clockSkewMs = clockSkewMs;
  }

  /**
   * Unregisters a broker while it runs. Or the broker dies while all replicas are in sync, is perhaps
   * unregistered, and comes back under the same id with its old disk or an empty one.
   */
  async #unregisterOne(): Promise<void> {
    const random = this.#random;
    const { ids } = this.#cluster;
    const id = ids[below(random, ids.length)] ?? 0;
    if (chance(random, 0.4)) return this.#unregister(id);
    this.heal();
    await this.#wholeAgain();
    if (this.#isOver()) return;
    const host = this.#cluster.host(id);
    host.kill();
    if (chance(random, 0.6)) {
      host.replaceDisk();
      this.#emptied(host.name);
    }
    if (chance(random, 0.6)) await this.#unregister(id);
    await this.#wait(50);
    await this.#wholeAgain();
  }

  async #wholeAgain(): Promise<void> {
    const { cluster } = { cluster: this.#cluster };
    await this.#simulation
      .until(() => this.#isOver() || cluster.isInSync(), WHOLE_AGAIN_MS, 'all in sync around a power loss')
      .catch((error: unknown) => {
        throw new Error(`${String(error)}\n${cluster.describe()}`);
      });
  }

  #wait(ms: number): Promise<void> {
    return sleep(this.#simulation.clock, ms);
  }

  #anyHost(): SimHost {
    const hosts = this.#brokerHosts();
    return hosts[below(this.#random, hosts.length)] ?? this.#cluster.controllerHost;
  }

  #brokerHosts(): SimHost[] {
    return this.#cluster.ids.map((id) => this.#cluster.host(id));
  }

  #hosts(): SimHost[] {
    return [this.#cluster.controllerHost, ...this.#brokerHosts()];
  }
}
