import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NetworkError } from '../base/network.ts';
import type { World } from '../base/world.ts';
import { Broker, type BrokerListener } from '../broker/broker.ts';
import type { Peers } from '../client/peers/peers.ts';
import { Exporters } from '../engines/embedded/exporters.ts';
import { fenceBroker } from '../engines/embedded/fence-broker.ts';
import { brokerFolder, PROCESS_FILES } from '../engines/embedded/layout.ts';
import { nodeMetrics } from '../engines/embedded/node-exporter.ts';
import { type PeerTlsFiles, peerListenerTls } from '../security/peers/peer-tls.ts';
import { Death } from './death.ts';
import { MortalWorld } from './mortal-world.ts';

/** A controller that does not answer for so long is gone as well, and nobody is left to be told. */
const CONTROLLER_PATIENCE_MS = 5_000;

export interface BrokerPlan {
  readonly brokerId: number;
  /** Null for none. */
  readonly rack: string | null;
  /** Port 0 takes a free one at the first start, and the same one at every later one. */
  readonly listeners: readonly BrokerListener[];
  readonly config: Readonly<Record<string, string>>;
}

/** Where the brokers of a cluster find each other. */
export interface ClusterPlace {
  readonly clusterId: string;
  readonly folder: string;
  /** Reaches the controller as one of the nodes. */
  readonly peers: Peers;
  /** With the secret that lets nodes in. */
  readonly peerSecretFile: string;
  /** Of one broker, where the nodes encrypt what they say to each other. */
  readonly peerTls: (brokerId: number) => { readonly peerTls?: PeerTlsFiles };
  readonly controller: { readonly id: number; readonly host: string; readonly port: number };
}

/** One broker in this process, over all its lives. */
export class BrokerNode {
  readonly brokerId: number;
  readonly #world: World;
  readonly #onDeath: (error: Error) => void;
  #plan: BrokerPlan;
  #life: {
    readonly broker: Broker;
    readonly world: MortalWorld;
    readonly place: ClusterPlace;
    readonly exporters: Exporters | null;
  } | null = null;

  /** `onDeath`: it ended by itself, and nothing that it said can be relied on any more. */
  constructor(world: World, plan: BrokerPlan, onDeath: (error: Error) => void) {
    this.brokerId = plan.brokerId;
    this.#world = world;
    this.#plan = plan;
    this.#onDeath = onDeath;
  }

  get running(): Broker | null {
    return this.#life?.broker ?? null;
  }

  /** Of a listener, once it was started. */
  port(listener: string): number {
    return this.#plan.listeners.find(({ name }) => name === listener)?.port ?? 0;
  }

  /** From the next start on; a listener that may have any port keeps the one that it has. */
  relisten(listeners: readonly BrokerListener[]): void {
    const kept = listeners.map((one) => (one.port === 0 ? { ...one, port: this.port(one.name) } : one));
    this.#plan = { ...this.#plan, listeners: kept };
  }

  /** From the next start on. */
  reconfigure(config: BrokerPlan['config']): void {
    this.#plan = { ...this.#plan, config };
  }

  /** Resolves when it serves clients. */
  async start(place: ClusterPlace): Promise<void> {
    const onFatal = (error: Error): void => {
      death.happened(error);
      void this.#died(mortal, error);
    };
    const mortal = new MortalWorld(this.#world, onFatal);
    const { brokerId, rack, config, listeners } = this.#plan;
    const death = new Death();
    const { peerTls } = place.peerTls(brokerId);
    try {
      const started = Broker.start(
        mortal.world,
        {
          clusterId: place.clusterId,
          brokerId,
          rack,
          dataDirectory: join(place.folder, brokerFolder(brokerId)),
          controller: place.controller,
          listeners: listeners.map((one) =>
            peerTls && one.purpose === 'replication'
              ? { ...one, security: 'SASL_SSL', tls: peerListenerTls(peerTls) }
              : one,
          ),
          peerSecretFile: place.peerSecretFile,
          ...(peerTls ? { peerTls } : {}),
          config,
        },
        onFatal,
      );
      const broker = await Promise.race([started, death.rejection]);
      this.#life = { broker, world: mortal, place, exporters: this.#export(broker, place) };
      this.#plan = {
        ...this.#plan,
        listeners: listeners.map((one) => ({ ...one, port: broker.port(one.name) })),
      };
    } catch (error) {
      await mortal.end();
      throw startFailure(error, listeners);
    }
  }

  /** In order: it hands over what it leads, and its next start needs no recovery. */
  async stop(): Promise<void> {
    const life = this.#life;
    this.#life = null;
    life?.exporters?.stop();
    await life?.broker.stop();
    await life?.world.end();
  }

  /**
   * As `kill -9`: it says nothing to anybody. Resolves when its ports are free and the controller was told
   * that it is gone.
   */
  async kill(): Promise<void> {
    const life = this.#life;
    this.#life = null;
    if (!life) return;
    const { broker, place } = life;
    life.exporters?.stop();
    const { epoch } = broker;
    await life.world.end();
    if (epoch === -1) return;
    const patience = AbortSignal.timeout(CONTROLLER_PATIENCE_MS);
    await fenceBroker(place.peers, place.controller, { brokerId: this.brokerId, epoch }, patience);
  }

  /** Without telling the controller, which goes as well. */
  async drop(): Promise<void> {
    const life = this.#life;
    this.#life = null;
    life?.exporters?.stop();
    await life?.world.end();
  }

  /** Only of a cluster that was made through the API, whose brokers have a file that says which. */
  #export(broker: Broker, { folder }: ClusterPlace): Exporters | null {
    const own = join(folder, brokerFolder(this.brokerId));
    if (!existsSync(join(own, PROCESS_FILES.exporters))) return null;
    const exporters = new Exporters(this.#world.log, own, {
      broker: (level) => broker.metrics(level),
      node: () => nodeMetrics(own),
    });
    exporters.start();
    return exporters;
  }

  async #died(mortal: MortalWorld, error: Error): Promise<void> {
    if (mortal.isOver) return;
    this.#onDeath(error);
    if (this.#life?.world === mortal) await this.kill();
    else await mortal.end();
  }
}

function startFailure(error: unknown, listeners: readonly BrokerListener[]): unknown {
  if (!(error instanceof NetworkError)) return error;
  const hosts = [...new Set(listeners.map(({ host }) => host))].join(', ');
  if (error.code === 'EADDRINUSE')
    return new Error(`A port that a broker needs is in use by another process (${error.message}).`, {
      cause: error,
    });
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new Error(`This machine does not have all of the addresses ${hosts} (${error.message}).`, {
      cause: error,
    });
  return error;
}
