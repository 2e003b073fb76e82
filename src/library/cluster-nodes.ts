import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { World } from '../base/world.ts';
import type { Broker } from '../broker/broker.ts';
import { Peers } from '../client/peers/peers.ts';
import { Controller } from '../controller/controller.ts';
import {
  brokerFolder,
  CONTROLLER_FOLDER,
  PEER_SECRET_FILE,
  PROCESS_FILES,
} from '../engines/embedded/layout.ts';
import {
  controlPlaneFiles,
  makePeerAuthority,
  PeerAuthority,
  peerCaFile,
} from '../engines/embedded/peer-authority.ts';
import { makePeerSecret, readPeerSecret } from '../security/peers/peer-secret-file.ts';
import { PeerTls, type PeerTlsFiles } from '../security/peers/peer-tls.ts';
import { BrokerNode, type BrokerPlan, type ClusterPlace } from './broker-node.ts';
import { Death } from './death.ts';
import { MortalWorld } from './mortal-world.ts';
import { OneAtATime } from './one-at-a-time.ts';

/** Beyond any broker's id. */
export const CONTROLLER_ID = 10_000;
/** All nodes are in this process, so nobody else needs to reach what they say to each other. */
export const INTERNAL_HOST = '127.0.0.1';

export interface NodesOptions {
  readonly clusterId: string;
  readonly folder: string;
  readonly config: Readonly<Record<string, string>>;
  /** The nodes encrypt what they say to each other, and this uuid is in their names. */
  readonly encryptsAs?: string;
  readonly brokers: readonly BrokerPlan[];
  /** A node ended by itself; called once for each that does. */
  readonly onDeath: (death: Error) => void;
}

/**
 * The controller and the brokers of one cluster in this process. What is asked of them is done one after
 * another.
 */
export class ClusterNodes {
  readonly #world: World;
  readonly #options: NodesOptions;
  readonly #brokers = new Map<number, BrokerNode>();
  /** Of the controller. */
  #config: NodesOptions['config'];
  readonly #turns = new OneAtATime();
  #peers: Peers | null = null;
  #controller: { readonly node: Controller; readonly world: MortalWorld } | null = null;

  constructor(world: World, options: NodesOptions) {
    this.#world = world;
    this.#options = options;
    this.#config = options.config;
    for (const plan of options.brokers) this.add(plan);
  }

  /** Ids of all brokers, whether they run or not. */
  get ids(): readonly number[] {
    return [...this.#brokers.keys()];
  }

  /** Brokers that run. */
  get running(): readonly Broker[] {
    return [...this.#brokers.values()].flatMap(({ running }) => running ?? []);
  }

  /** Where the controller listens; null while it does not run. */
  get controllerPort(): number | null {
    return this.#controller?.node.port ?? null;
  }

  /** Reaches the nodes as one of them. Once they were started. */
  get peers(): Peers {
    if (!this.#peers) throw new Error('The nodes of this cluster were not started.');
    return this.#peers;
  }

  port(brokerId: number, listener: string): number {
    return this.#brokers.get(brokerId)?.port(listener) ?? 0;
  }

  isRunning(brokerId: number): boolean {
    return this.#brokers.get(brokerId)?.running != null;
  }

  /** A broker that `start` or `restart` starts. */
  add(plan: BrokerPlan): void {
    this.#brokers.set(
      plan.brokerId,
      new BrokerNode(this.#world, plan, (error) => this.#died(`Broker ${plan.brokerId}`, error)),
    );
  }

  /** What a broker listens on from its next start on. */
  relisten(brokerId: number, listeners: BrokerPlan['listeners']): void {
    this.#brokers.get(brokerId)?.relisten(listeners);
  }

  /** What a broker is configured with from its next start on. */
  reconfigure(brokerId: number, config: BrokerPlan['config']): void {
    this.#brokers.get(brokerId)?.reconfigure(config);
  }

  /**
   * Starts what does not run; resolves when all brokers serve. Rejects when one cannot; the others may run
   * then.
   */
  start(): Promise<void> {
    return this.#turns.take(async () => {
      this.#peers ??= await this.#knowEachOther();
      await this.#startController();
      const place = this.#place();
      const away = [...this.#brokers.values()].filter(({ running }) => !running);
      const started = await Promise.allSettled(away.map((broker) => broker.start(place)));
      for (const one of started) if (one.status === 'rejected') throw one.reason;
    });
  }

  /** In order, brokers first: the controller lets them go. */
  stop(): Promise<void> {
    return this.#turns.take(async () => {
      const brokers = [...this.#brokers.values()];
      // Nobody takes over from a broker whose controller is gone.
      await Promise.all(brokers.map((broker) => (this.#controller ? broker.stop() : broker.drop())));
      const controller = this.#controller;
      this.#controller = null;
      await controller?.node.stop();
      await controller?.world.end();
    });
  }

  stopBroker(brokerId: number): Promise<void> {
    return this.#turns.take(async () => this.#brokers.get(brokerId)?.stop());
  }

  /** With its data. */
  removeBroker(brokerId: number): Promise<void> {
    return this.#turns.take(async () => {
      await this.#brokers.get(brokerId)?.stop();
      this.#brokers.delete(brokerId);
      await rm(join(this.#options.folder, brokerFolder(brokerId)), { recursive: true, force: true });
    });
  }

  kill(brokerId: number): Promise<void> {
    return this.#turns.take(async () => this.#brokers.get(brokerId)?.kill());
  }

  /** Stops it in order when it runs, and starts it: on the same ports, with what it has on disk. */
  restart(brokerId: number): Promise<void> {
    return this.#turns.take(async () => {
      const broker = this.#brokers.get(brokerId);
      await broker?.stop();
      await broker?.start(this.#place());
    });
  }

  /** Stops the controller in order and starts it with other configs, on the same port. */
  restartController(config: NodesOptions['config']): Promise<void> {
    return this.#turns.take(async () => {
      const controller = this.#controller;
      this.#config = config;
      this.#controller = null;
      await controller?.node.stop();
      await controller?.world.end();
      await this.#startController(controller?.node.port);
    });
  }

  /** Every node ends at once; nothing is handed over. */
  drop(): Promise<void> {
    return this.#turns.take(async () => {
      await Promise.all([...this.#brokers.values()].map((broker) => broker.drop()));
      const controller = this.#controller;
      this.#controller = null;
      await controller?.world.end();
    });
  }

  /**
   * The secret that lets nodes in and the CA of those that encrypt, made at the first start of the folder.
   */
  async #knowEachOther(): Promise<Peers> {
    const { disk } = this.#world;
    disk.makeDirectory(this.#options.folder);
    await makePeerSecret(this.#world, this.#secretFile);
    const secret = readPeerSecret(disk, this.#secretFile);
    const { folder, encryptsAs: uuid } = this.#options;
    if (uuid === undefined) return new Peers(this.#world, secret);
    makePeerAuthority(this.#world, folder, uuid);
    new PeerAuthority(this.#world, folder, uuid).writeControlPlane();
    return new Peers(this.#world, secret, new PeerTls(disk, controlPlaneFiles(folder, uuid)));
  }

  /** With the certificate written, where the nodes encrypt. */
  #peerTls(node: number, nodeFolder: string): { readonly peerTls?: PeerTlsFiles } {
    const { folder, encryptsAs: uuid } = this.#options;
    if (uuid === undefined) return {};
    const identity = join(folder, nodeFolder, PROCESS_FILES.peer);
    new PeerAuthority(this.#world, folder, uuid).writeNode(identity, node);
    return { peerTls: { ...peerCaFile(folder, uuid), identity } };
  }

  get #secretFile(): string {
    return join(this.#options.folder, PEER_SECRET_FILE);
  }

  async #startController(port = 0): Promise<void> {
    if (this.#controller) return;
    const { clusterId, folder } = this.#options;
    const death = new Death();
    const onFatal = (error: Error): void => {
      death.happened(error);
      void this.#controllerDied(world, error);
    };
    const world = new MortalWorld(this.#world, onFatal);
    try {
      const started = Controller.start(
        world.world,
        {
          nodeId: CONTROLLER_ID,
          clusterId,
          dataDirectory: join(folder, CONTROLLER_FOLDER),
          host: INTERNAL_HOST,
          port,
          peerSecretFile: this.#secretFile,
          ...this.#peerTls(CONTROLLER_ID, CONTROLLER_FOLDER),
          config: this.#config,
        },
        onFatal,
      );
      this.#controller = { node: await Promise.race([started, death.rejection]), world };
    } catch (error) {
      await world.end();
      throw error;
    }
  }

  #place(): ClusterPlace {
    const { clusterId, folder } = this.#options;
    if (!this.#controller) throw new Error('The controller of this cluster does not run: stop the cluster.');
    return {
      clusterId,
      folder,
      peers: this.peers,
      peerSecretFile: this.#secretFile,
      peerTls: (brokerId) => this.#peerTls(brokerId, brokerFolder(brokerId)),
      controller: { id: CONTROLLER_ID, host: INTERNAL_HOST, port: this.#controller.node.port },
    };
  }

  async #controllerDied(world: MortalWorld, error: Error): Promise<void> {
    if (world.isOver) return;
    this.#died('The controller', error);
    if (this.#controller?.world === world) this.#controller = null;
    await world.end();
  }

  #died(who: string, error: Error): void {
    this.#options.onDeath(new Error(`${who} of this cluster died: ${reasons(error)}`, { cause: error }));
  }
}

/** What happened, and what that came from. */
function reasons(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${reasons(error.cause)}` : error.message;
}
