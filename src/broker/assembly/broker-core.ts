import type { World } from '../../base/world.ts';
import { Peers } from '../../client/peers/peers.ts';
import { featuresOfRelease } from '../../controller/features-control.ts';
import { type ClusterImage, emptyImage } from '../../metadata/image.ts';
import { type KafkaRelease, kafkaRelease } from '../../metadata/kafka-releases.ts';
import type { VersionRange } from '../../metadata/version-range.ts';
import type { PeerSecret } from '../../security/peers/peer-secret.ts';
import { readPeerSecret } from '../../security/peers/peer-secret-file.ts';
import { PeerTls } from '../../security/peers/peer-tls.ts';
import type { BrokerLifecycle } from '../broker-lifecycle.ts';
import type { BrokerOptions } from '../broker-options.ts';
import { BrokerSettings } from '../configs/broker-settings.ts';
import { nodeProperties } from '../configs/node-properties.ts';
import { AllTopicSettings } from '../configs/topic-settings.ts';

/** What every part of a broker is made with. */
export class BrokerCore {
  readonly world: World;
  readonly options: BrokerOptions;
  /**
   * Called when a device failed, the metadata cannot be followed, or our own code is wrong: the process
   * should end.
   */
  readonly onFatal: (error: Error) => void;
  /** What the nodes of the cluster sign in with; null where everybody is let in. */
  readonly peerSecret: PeerSecret | null;
  /** Connects to other nodes of the cluster. */
  readonly peers: Peers;
  /** The release of Apache Kafka that it presents to clients; null for the newest. */
  readonly release: KafkaRelease | null;
  /** What it can serve of the cluster's features. */
  readonly features: readonly VersionRange[];
  readonly settings: BrokerSettings;
  readonly topicSettings: AllTopicSettings;
  /** The image that was applied last; parts keep the function. */
  readonly image: () => ClusterImage;
  #image: ClusterImage = emptyImage;
  #lifecycle: BrokerLifecycle | undefined;

  /** Throws when the secret of the nodes cannot be read. */
  constructor(world: World, options: BrokerOptions, onFatal: (error: Error) => void) {
    this.world = world;
    this.options = options;
    this.onFatal = onFatal;
    this.image = () => this.#image;
    const { brokerId, peerSecretFile } = options;
    this.peerSecret = peerSecretFile === undefined ? null : readPeerSecret(world.disk, peerSecretFile);
    const tls = options.peerTls ? new PeerTls(world.disk, options.peerTls) : null;
    this.peers = new Peers(world, this.peerSecret, tls, options.peerAccess);
    this.release = kafkaRelease(options.release);
    this.features = featuresOfRelease(this.release);
    const properties = { ...options.config, ...nodeProperties(options) };
    this.settings = new BrokerSettings({ brokerId, image: this.image, properties });
    this.topicSettings = new AllTopicSettings(this.image, this.settings);
  }

  get brokerId(): number {
    return this.options.brokerId;
  }

  /** The epoch by which the controller knows this life of the broker; -1 before its registration. */
  get epoch(): number {
    return this.#lifecycle?.epoch ?? -1;
  }

  /** What requests to the controller say of who asks. */
  identity(): { readonly id: number; readonly epoch: number } {
    return { id: this.brokerId, epoch: this.epoch };
  }

  /** Sets what `image` returns from now on. */
  applied(image: ClusterImage): void {
    this.#image = image;
  }

  /**
   * Sets where `epoch` is read from. The lifecycle is made last, since it tells the controller of all other
   * parts.
   */
  lives(lifecycle: BrokerLifecycle): void {
    this.#lifecycle = lifecycle;
  }

  /** Where another broker listens for replication; null while that is not known. */
  replicationAddress(broker: number): { readonly host: string; readonly port: number } | null {
    const listener = this.options.listeners.find(({ purpose }) => purpose === 'replication')?.name;
    const endpoints = this.#image.brokers.byId(broker)?.endpoints ?? [];
    return endpoints.find(({ name }) => name === listener) ?? null;
  }
}
