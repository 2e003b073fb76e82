import { ZERO_UUID } from '../../src/base/brand.ts';
import { sleep } from '../../src/base/clock.ts';
import { below, type Random } from '../../src/base/random.ts';
import type { World } from '../../src/base/world.ts';
import { MetadataFollower } from '../../src/broker/metadata-view/metadata-follower.ts';
import { KafkaConnection } from '../../src/client/connection.ts';
import { ConnectionError } from '../../src/client/connection-error.ts';
import { Peers } from '../../src/client/peers/peers.ts';
import { Controller } from '../../src/controller/controller.ts';
import type { ClusterImage } from '../../src/metadata/image.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { createTopics } from '../../src/protocol/messages/19-create-topics.ts';
import { deleteTopics } from '../../src/protocol/messages/20-delete-topics.ts';
import { incrementalAlterConfigs } from '../../src/protocol/messages/44-incremental-alter-configs.ts';
import { brokerRegistration } from '../../src/protocol/messages/62-broker-registration.ts';
import { brokerHeartbeat } from '../../src/protocol/messages/63-broker-heartbeat.ts';
import { allocateProducerIds } from '../../src/protocol/messages/67-allocate-producer-ids.ts';
import { chance, pick } from '../chance.ts';
import { noDiskFaults } from '../disk-faults.ts';
import type { SimHost } from '../sim-host.ts';
import { Simulation } from '../simulation.ts';
import { MetadataModel } from './metadata-model.ts';

const CLUSTER = '4L6g3nShT-eMCtK--X86sw';
const CONTROLLER = 'controller';
const PORT = 9093;
const BROKERS = [1, 2] as const;
/** Longer than any start, shorter than the scenario waits. */
const REQUEST_MS = 2_000;
const HEARTBEAT_MS = 300;

/** An invariant broken on purpose: the checkers must notice. */
export type ControllerCanary = 'the device lies about syncs';

/**
 * A controller lives several lives on a disk that fails. Two brokers register, follow its log and die now and
 * then; an administrator creates, deletes and configures topics and allocates producer ids. Every answered
 * command must hold in each later life, and all images must agree.
 */
export async function controllerCrash(seed: number, canary?: ControllerCanary): Promise<void> {
  const simulation = new Simulation(seed);
  await simulation.run(() => new Scenario(simulation, canary).run());
}

class Scenario {
  readonly #simulation: Simulation;
  readonly #random: Random;
  readonly #model = new MetadataModel();
  readonly #host: SimHost;
  readonly #followers = new Map<number, MetadataFollower>();
  #controller: Controller | undefined;
  #over = false;
  /** The first broken invariant that was found in code without a caller to throw to. */
  #violation: unknown;

  constructor(simulation: Simulation, canary: ControllerCanary | undefined) {
    this.#simulation = simulation;
    this.#random = simulation.fork('controller-crash');
    this.#host = simulation.host(CONTROLLER);
    this.#host.faults.syncLies = canary === 'the device lies about syncs';
  }

  async run(): Promise<void> {
    const { clock } = this.#simulation;
    const actors = [this.#liveOn(), this.#administrate(), ...BROKERS.map((id) => this.#beBroker(id))];
    const lives = 1 + below(this.#random, 4);
    for (let life = 0; life < lives && this.#violation === undefined; life++) {
      this.#setFaults();
      await sleep(clock, 200 + below(this.#random, 1800));
      if (chance(this.#random, 0.6)) this.#endLife();
    }
    await this.#settle();
    this.#over = true;
    await Promise.all(actors);
    if (this.#violation !== undefined) throw this.#violation;
  }

  /** Heals everything: then the cluster must serve again, and all nodes must have the same image. */
  async #settle(): Promise<void> {
    Object.assign(this.#host.faults, noDiskFaults(), { syncLies: this.#host.faults.syncLies });
    this.#simulation.network.faults.reset = 0;
    this.#host.crashAfter(Number.POSITIVE_INFINITY);
    this.#simulation.network.healAll();
    const agree = (): boolean => {
      const image = this.#controller?.image;
      if (this.#violation !== undefined) return true;
      if (!image || image.brokers.alive().length !== BROKERS.length) return false;
      return BROKERS.every(
        (id) => this.#followers.get(id)?.image.provenance.offset === image.provenance.offset,
      );
    };
    await this.#simulation.until(agree, 60_000, 'a healed cluster that agrees');
    const image = this.#controller?.image;
    if (image) this.#model.check(image, read);
  }

  #setFaults(): void {
    const random = this.#random;
    const { faults, files } = this.#host;
    faults.shortWrite = pick(random, [0, 0, 0.02]);
    faults.writeEio = pick(random, [0, 0, 0, 0.01]);
    faults.syncEio = pick(random, [0, 0, 0, 0.02]);
    faults.capacityBytes = chance(random, 0.15)
      ? files.usedBytes() + below(random, 10_000)
      : Number.POSITIVE_INFINITY;
    this.#simulation.network.faults.reset = pick(random, [0, 0, 0.005]);
    if (chance(random, 0.3)) this.#host.crashAfter(1 + below(random, 80));
    if (chance(random, 0.2)) {
      const name = hostOf(pick(random, BROKERS));
      this.#simulation.network.cutBothWays(CONTROLLER, name);
    } else this.#simulation.network.healAll();
  }

  #endLife(): void {
    if (chance(this.#random, 0.5)) this.#host.crash();
    else this.#host.kill();
    if (chance(this.#random, 0.3)) this.#simulation.host(hostOf(pick(this.#random, BROKERS))).crash();
  }

  /** Supervises the controller: starts it again after every death. */
  async #liveOn(): Promise<void> {
    const { clock } = this.#simulation;
    while (!this.#over) {
      const world = this.#host.start();
      await this.#oneLife(world);
      this.#controller = undefined;
      await sleep(clock, 10 + below(this.#random, 200));
    }
  }

  async #oneLife(world: World): Promise<void> {
    const host = this.#host;
    const options = {
      nodeId: 3000,
      clusterId: CLUSTER,
      dataDirectory: '/controller',
      host: CONTROLLER,
      port: PORT,
      snapshotEveryRecords: 12,
      config: { 'broker.session.timeout.ms': '1500' },
    };
    const starting = Controller.start(world, options);
    const started = await Promise.race([starting.catch((error: unknown) => error), this.#untilDead(host)]);
    if (!(started instanceof Controller)) {
      this.#simulation.note(`the controller did not start: ${String(started)}`);
      host.kill();
      return;
    }
    this.#controller = started;
    while (host.alive && !this.#over) {
      this.#watch(() => {
        const { image } = started;
        if (!image) return;
        this.#model.saw(CONTROLLER, image);
        this.#model.check(image, read);
      });
      await sleep(this.#simulation.clock, 20);
    }
  }

  #untilDead(host: SimHost): Promise<void> {
    return this.#simulation.until(() => !host.alive || this.#over, 10_000_000);
  }

  /** A broken invariant ends the scenario, wherever it was found. */
  #watch(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#violation ??= error;
    }
  }

  async #beBroker(id: number): Promise<void> {
    const host = this.#simulation.host(hostOf(id));
    for (let life = 1; !this.#over; life++) {
      const world = host.start();
      let offset = -1;
      try {
        const follower = new MetadataFollower(new Peers(world, null), {
          nodeId: id,
          clusterId: CLUSTER,
          directoryId: uuid(`directory-${id}`),
          dataDirectory: '/broker',
          controller: { id: 10_000, host: CONTROLLER, port: PORT },
          onFatal: (error) => {
            this.#violation ??= error;
          },
        });
        await follower.addPublisher({
          onImage: (image) =>
            this.#watch(() => {
              if (image.provenance.offset <= offset)
                throw new Error(`broker ${id} went back to ${image.provenance.offset}`);
              offset = image.provenance.offset;
              this.#model.saw(`broker ${id}`, image);
            }),
        });
        this.#followers.set(id, follower);
        follower.start();
        await Promise.race([this.#beAlive(world, id, life, follower), this.#untilDead(host)]);
      } catch (error) {
        this.#simulation.note(`broker ${id} ends: ${String(error)}`);
        host.kill();
      }
      await sleep(this.#simulation.clock, 50 + below(this.#random, 300));
    }
  }

  /** Registers and sends heartbeats, over a new connection whenever one ends. */
  async #beAlive(world: World, id: number, life: number, follower: MetadataFollower): Promise<void> {
    let epoch = -1;
    while (!this.#over) {
      try {
        const connection = await connect(world);
        while (!this.#over) {
          if (epoch < 0) epoch = await register(connection, id, life);
          const beat = await connection.send(
            brokerHeartbeat,
            {
              brokerId: id,
              brokerEpoch: epoch,
              currentMetadataOffset: follower.image.provenance.offset,
              wantFence: false,
              wantShutDown: false,
            },
            { timeoutMs: REQUEST_MS },
          );
          if (errorName(beat.errorCode) === 'STALE_BROKER_EPOCH') epoch = -1;
          if (epoch >= 0 && id === 1 && chance(this.#random, 0.2)) await this.#drawIds(connection, id, epoch);
          await sleep(world.clock, HEARTBEAT_MS);
        }
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        await sleep(world.clock, 20);
      }
    }
  }

  async #drawIds(connection: KafkaConnection, id: number, epoch: number): Promise<void> {
    const block = await connection.send(
      allocateProducerIds,
      { brokerId: id, brokerEpoch: epoch },
      { timeoutMs: REQUEST_MS },
    );
    if (block.errorCode === 0) this.#watch(() => this.#model.block(block.producerIdStart));
  }

  async #administrate(): Promise<void> {
    const { world } = this.#simulation.host('administrator');
    while (!this.#over) {
      try {
        const connection = await connect(world);
        while (!this.#over) {
          await this.#command(connection);
          await sleep(world.clock, below(this.#random, 120));
        }
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        await sleep(world.clock, 20);
      }
    }
  }

  async #command(connection: KafkaConnection): Promise<void> {
    const random = this.#random;
    const topic = `t${below(random, 6)}`;
    const options = { timeoutMs: REQUEST_MS };
    const dice = below(random, 10);
    if (dice < 5) {
      const partitions = 1 + below(random, 4);
      const sent = this.#model.sent(topic, String(partitions));
      const created = await connection.send(
        createTopics,
        {
          topics: [
            { name: topic, numPartitions: partitions, replicationFactor: 1, assignments: [], configs: [] },
          ],
          timeoutMs: REQUEST_MS,
        },
        options,
      );
      this.#model.answered(sent, errorName(created.topics[0]?.errorCode ?? -1));
    } else if (dice < 7) {
      const sent = this.#model.sent(topic, undefined);
      const deleted = await connection.send(
        deleteTopics,
        { topics: [{ name: topic, topicId: ZERO_UUID }], topicNames: [topic], timeoutMs: REQUEST_MS },
        options,
      );
      this.#model.answered(sent, errorName(deleted.responses[0]?.errorCode ?? -1));
    } else {
      const value = String(1 + below(random, 1_000_000));
      const sent = this.#model.sent('retention', value);
      const altered = await connection.send(
        incrementalAlterConfigs,
        {
          resources: [
            {
              resourceType: 4,
              resourceName: '',
              configs: [{ name: 'log.retention.ms', configOperation: 0, value }],
            },
          ],
          validateOnly: false,
        },
        options,
      );
      this.#model.answered(sent, errorName(altered.responses[0]?.errorCode ?? -1));
    }
  }
}

function read(image: ClusterImage, key: string): string | undefined {
  if (key === 'retention') return image.configs.get('broker', '').get('log.retention.ms');
  return image.topics.byName(key)?.partitions.length.toString();
}

function connect(world: World): Promise<KafkaConnection> {
  return KafkaConnection.connect(world, { host: CONTROLLER, port: PORT, clientId: 'sim', timeoutMs: 500 });
}

/** Resolves with -1 if the controller refuses for now. */
async function register(connection: KafkaConnection, id: number, life: number): Promise<number> {
  const answer = await connection.send(
    brokerRegistration,
    {
      brokerId: id,
      clusterId: CLUSTER,
      incarnationId: uuid(`life ${life} of ${id}`),
      listeners: [{ name: 'CLIENT', host: hostOf(id), port: 9092, securityProtocol: 0 }],
      features: [
        { name: 'metadata.version', minSupportedVersion: 7, maxSupportedVersion: 30 },
        { name: 'transaction.version', minSupportedVersion: 0, maxSupportedVersion: 2 },
        { name: 'group.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
        { name: 'streams.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
        { name: 'share.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
        { name: 'eligible.leader.replicas.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
      ],
      rack: null,
      logDirs: [uuid(`directory-${id}`)],
    },
    { timeoutMs: REQUEST_MS },
  );
  return answer.errorCode === 0 ? answer.brokerEpoch : -1;
}

function hostOf(id: number): string {
  return `broker-${id}`;
}

function uuid(text: string): string {
  return Buffer.from(text.padEnd(16, '.').slice(0, 16)).toString('base64url');
}
