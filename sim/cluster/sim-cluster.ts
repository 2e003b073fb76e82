import { sleep } from '../../src/base/clock.ts';
import { below, type Random } from '../../src/base/random.ts';
import type { World } from '../../src/base/world.ts';
import { Broker } from '../../src/broker/broker.ts';
import { Controller } from '../../src/controller/controller.ts';
import type { ClusterImage } from '../../src/metadata/image.ts';
import type { PartitionImage } from '../../src/metadata/topics.ts';
import type { Partition } from '../../src/replication/partition.ts';
import type { SimHost } from '../sim-host.ts';
import type { Simulation } from '../simulation.ts';

export const CLIENT_PORT = 9092;
const CLUSTER = '4L6g3nShT-eMCtK--X86sw';
const CONTROLLER = 'controller';
const CONTROLLER_ID = 3000;
const CONTROLLER_PORT = 9093;
const REPLICATION_PORT = 9091;
const ZONES = 3;
/** Milliseconds between the death of a process and its next life. */
const RESTART_MS = 1500;

export interface SimClusterOptions {
  readonly config: Readonly<Record<string, string>>;
  /** More configs for the next life of a broker. */
  readonly configOfLife?: (id: number) => Readonly<Record<string, string>>;
  /** Called before each life of a broker, while its machine is off. */
  readonly beforeLife?: (host: SimHost) => void;
  /** Called at the instant in which the life of a serving broker ends. */
  readonly afterLife?: (id: number, broker: Broker) => void;
}

/**
 * A controller and its brokers, each on its own host, with supervisors that start them again after every
 * death.
 */
export class SimCluster {
  readonly brokers = new Map<number, Broker>();
  readonly #simulation: Simulation;
  readonly #random: Random;
  readonly #options: SimClusterOptions;
  readonly #ids: number[] = [];
  readonly #lives: Promise<void>[] = [];
  #controller: Controller | undefined;
  #over = false;

  constructor(simulation: Simulation, options: SimClusterOptions) {
    this.#simulation = simulation;
    this.#random = simulation.fork('cluster');
    this.#options = options;
  }

  get ids(): readonly number[] {
    return this.#ids;
  }

  get controllerHost(): SimHost {
    return this.#simulation.host(CONTROLLER);
  }

  host(id: number): SimHost {
    return this.#simulation.host(nameOf(id));
  }

  /** The broker's host whose process runs in this world. */
  hostOf(world: World): SimHost | undefined {
    return this.#ids.map((id) => this.host(id)).find((host) => host.world === world);
  }

  /** The controller's committed image; undefined while the controller is down. */
  get image(): ClusterImage | undefined {
    return this.controllerHost.alive ? this.#controller?.image : undefined;
  }

  start(): void {
    this.#lives.push(this.#controlOn());
  }

  addBroker(id: number): void {
    this.#ids.push(id);
    this.#lives.push(this.#liveOn(id));
  }

  /** From now on no process is started again. */
  async end(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#lives);
  }

  /** The running brokers, each with its id. */
  *running(): IterableIterator<[number, Broker]> {
    for (const [id, broker] of this.brokers) if (this.host(id).alive) yield [id, broker];
  }

  /** What a checker reads meanwhile no failing disk refuses: nobody of the history reads it. */
  withoutReadFaults<T>(look: () => T): T {
    const failing = this.#ids.map((id) => this.host(id)).filter(({ faults }) => faults.readEio > 0);
    const before = failing.map(({ faults }) => faults.readEio);
    for (const { faults } of failing) faults.readEio = 0;
    try {
      return look();
    } finally {
      for (const [i, { faults }] of failing.entries()) faults.readEio = before[i] ?? 0;
    }
  }

  /** Whether every broker serves, and every replica is in sync and has all records. */
  isWhole(): boolean {
    return this.#every((state, topic, index) => this.#isWhole(state, topic, index));
  }

  /** Whether every broker serves and every replica is in the ISR; producers may go on meanwhile. */
  isInSync(): boolean {
    return this.#every((state, topic, index) => this.#isInSync(state, topic, index));
  }

  #every(holds: (state: PartitionImage, topic: string, index: number) => boolean): boolean {
    const { image } = this;
    if (!image) return false;
    for (const id of this.#ids) {
      const known = image.brokers.byId(id);
      if (!known || known.fenced || !this.host(id).alive || !this.brokers.has(id)) return false;
    }
    return [...image.topics.all()].every(({ name, partitions }) =>
      partitions.every((state, index) => holds(state, name, index)),
    );
  }

  #isInSync(state: PartitionImage, topic: string, index: number): boolean {
    if (state.addingReplicas.length + state.removingReplicas.length > 0) return false;
    if (state.isr.length !== state.replicas.length) return false;
    const leader = this.brokers.get(state.leader)?.replicas.find(topic, index);
    if (!leader?.isLeader || leader.isr.length !== state.replicas.length) return false;
    return state.replicas.every(
      (id) => this.brokers.get(id)?.replicas.find(topic, index)?.leaderEpoch === state.leaderEpoch,
    );
  }

  #isWhole(state: PartitionImage, topic: string, index: number): boolean {
    if (!this.#isInSync(state, topic, index)) return false;
    const leader = this.brokers.get(state.leader)?.replicas.find(topic, index);
    return state.replicas.every((id) => {
      const replica = this.brokers.get(id)?.replicas.find(topic, index);
      return (
        replica !== undefined &&
        leader !== undefined &&
        replica.log.endOffset === leader.log.endOffset &&
        replica.log.highWatermark === leader.log.endOffset
      );
    });
  }

  /** Why `isWhole` does not hold, for people. */
  describe(): string {
    const { image } = this;
    if (!image) return 'no controller';
    const lines = this.#ids.map((id) => {
      const known = image.brokers.byId(id);
      return `broker ${id} alive=${this.host(id).alive} serves=${this.brokers.has(id)} fenced=${known?.fenced}`;
    });
    for (const { name, partitions } of image.topics.all()) {
      for (const [index, state] of partitions.entries()) {
        if (this.#isWhole(state, name, index)) continue;
        const { replicas, isr, leader, leaderEpoch, addingReplicas, removingReplicas } = state;
        lines.push(
          `${name}-${index} ${JSON.stringify({ replicas, isr, leader, leaderEpoch, addingReplicas, removingReplicas })}`,
        );
        for (const [id, broker] of this.brokers) {
          const replica = broker.replicas.find(name, index);
          if (replica) lines.push(`  on ${id}: ${text(replica)}`);
        }
      }
    }
    return lines.join('\n');
  }

  async #controlOn(): Promise<void> {
    const host = this.controllerHost;
    while (!this.#over) {
      const world = host.start();
      const starting = Controller.start(
        world,
        {
          nodeId: CONTROLLER_ID,
          clusterId: CLUSTER,
          dataDirectory: '/controller',
          host: CONTROLLER,
          port: CONTROLLER_PORT,
          snapshotEveryRecords: 40,
          config: this.#options.config,
        },
        () => host.kill(),
      );
      const started = await this.#outcome(starting, host, world);
      if (started instanceof Controller) {
        this.#controller = started;
        await this.#untilDead(host, world);
        if (!this.#over) this.#controller = undefined;
      }
      if (!this.#over) await this.#pause();
    }
  }

  async #liveOn(id: number): Promise<void> {
    const host = this.host(id);
    const { config, configOfLife, beforeLife, afterLife } = this.#options;
    while (!this.#over) {
      if (!host.alive) beforeLife?.(host);
      const world = host.start();
      const starting = Broker.start(
        world,
        {
          clusterId: CLUSTER,
          brokerId: id,
          rack: `zone-${zoneOf(id)}`,
          dataDirectory: '/data',
          controller: { id: CONTROLLER_ID, host: CONTROLLER, port: CONTROLLER_PORT },
          listeners: [
            { name: 'CLIENT', purpose: 'client', host: host.name, port: CLIENT_PORT },
            { name: 'REPLICATION', purpose: 'replication', host: host.name, port: REPLICATION_PORT },
          ],
          config: { ...config, ...configOfLife?.(id) },
        },
        () => host.kill(),
      );
      const started = await this.#outcome(starting, host, world);
      if (started instanceof Broker) {
        this.brokers.set(id, started);
        const ended = () => afterLife?.(id, started);
        if (host.alive && host.world === world) host.onEnd = ended;
        else ended();
        await this.#untilDead(host, world);
        if (this.#over) return;
        this.brokers.delete(id);
      }
      if (!this.#over) await this.#pause();
    }
  }

  async #outcome<T>(starting: Promise<T>, host: SimHost, world: World): Promise<unknown> {
    const started = await Promise.race([
      starting.catch((error: unknown) => error),
      this.#untilDead(host, world),
    ]);
    if (started instanceof Error && !this.#over) {
      this.#simulation.note(`${host.name} did not start: ${started.message}`);
      host.kill();
    }
    return started;
  }

  /** Resolves when the life with this world ends. */
  #untilDead(host: SimHost, world: World): Promise<void> {
    return this.#simulation.until(() => !host.alive || host.world !== world || this.#over, 1e9);
  }

  #pause(): Promise<void> {
    return sleep(this.#simulation.clock, 50 + below(this.#random, RESTART_MS));
  }
}

export function nameOf(id: number): string {
  return `broker-${id}`;
}

export function zoneOf(id: number): number {
  return ((id - 1) % ZONES) + 1;
}

function text(replica: Partition): string {
  const { isLeader, leaderId, leaderEpoch, partitionEpoch, isr, log } = replica;
  return JSON.stringify({
    isLeader,
    leaderId,
    leaderEpoch,
    partitionEpoch,
    isr,
    end: log.endOffset,
    durable: log.durableEndOffset,
    highWatermark: log.highWatermark,
    fault: log.fault?.fault ?? null,
  });
}
