import { authorizerOf } from '../../../controller/authorizer-of.ts';
import { ConfigRules } from '../../../controller/config-rules.ts';
import { controllerConfig } from '../../../controller/controller-config.ts';
import { type ConfigResourceType, ConfigsDelta, configResourceTypes } from '../../../metadata/configs.ts';
import { STREAMS_VERSION } from '../../../metadata/features.ts';
import { type ClusterImage, emptyImage } from '../../../metadata/image.ts';
import { hasStreamsProtocol } from '../../coordinators/streams-protocol.ts';
import { imageOf } from '../../testing/three-brokers.ts';
import { BrokerSettings } from '../broker-settings.ts';
import { cleanerLimits } from '../cleaner-limits.ts';
import { fetchLimits } from '../fetch-limits.ts';
import { groupConfig } from '../group-config.ts';
import { heartbeatConfig } from '../heartbeat-config.ts';
import { logIntervals } from '../log-intervals.ts';
import { replicaConfig } from '../replica-config.ts';
import { saslOptions } from '../sasl-options.ts';
import { connectionLimits, fetchSessionSlots, serverLimits } from '../server-limits.ts';
import { shareCoordinatorConfig } from '../share-coordinator-config.ts';
import { deliveryConfig, shareSessionsMax } from '../share-groups-config.ts';
import { AllTopicSettings } from '../topic-settings.ts';
import { addRetry, transactionConfig } from '../transaction-config.ts';

const BROKER = 1;
const CONTROLLER = 100;

/**
 * Everything that obeys configs of a broker, with the real code between a config and what obeys it. It is
 * made once, as when a broker starts; then configs change with the image.
 */
export class Configured {
  #image: ClusterImage = emptyImage;
  readonly image = (): ClusterImage => this.#image;
  readonly settings: BrokerSettings;
  readonly intervals;
  readonly fetching;
  readonly groups;
  readonly transactions;
  readonly addRetry;
  readonly shareState;
  readonly server;
  readonly sasl;
  readonly replicas;
  readonly fetchSessionSlots: number;
  readonly #topics: AllTopicSettings;
  readonly #rules: ConfigRules;

  constructor(properties: Readonly<Record<string, string>>) {
    const { image } = this;
    this.settings = new BrokerSettings({ brokerId: BROKER, image, properties });
    this.intervals = logIntervals(this.settings);
    this.fetching = fetchLimits(this.settings);
    this.groups = groupConfig(this.settings, image);
    this.transactions = transactionConfig(this.settings);
    this.addRetry = addRetry(this.settings);
    this.shareState = shareCoordinatorConfig(this.settings);
    this.server = serverLimits(this.settings);
    this.sasl = saslOptions(this.settings, image);
    this.replicas = replicaConfig(this.settings);
    this.fetchSessionSlots = fetchSessionSlots(this.settings);
    this.#topics = new AllTopicSettings(image, this.settings);
    this.#rules = new ConfigRules({ nodeId: CONTROLLER, properties });
  }

  /** `value` null takes the config back. */
  set(type: ConfigResourceType, resourceName: string, name: string, value: string | null): void {
    const delta = new ConfigsDelta(this.#image.configs);
    delta.replay({
      type: 'ConfigRecord',
      resourceType: configResourceTypes[type],
      resourceName,
      name,
      value,
    });
    this.#image = { ...this.#image, configs: delta.apply() };
  }

  get topic() {
    return this.#topics.of('orders');
  }

  get log() {
    return this.topic.log;
  }

  get consumerGroup() {
    return this.groups.consumer.of('app');
  }

  get streamsGroup() {
    return this.groups.streams.of('app');
  }

  get shareGroup(): ReturnType<Configured['groups']['share']['of']> {
    return this.groups.share.of('app');
  }

  get delivery() {
    return deliveryConfig(this.settings, this.image, 'app');
  }

  get shareSessionsMax() {
    return shareSessionsMax(this.settings);
  }

  get cleaner() {
    return cleanerLimits(this.settings);
  }

  get heartbeat() {
    return heartbeatConfig(this.settings);
  }

  get connections() {
    return connectionLimits(this.settings, this.#image, 'CLIENT');
  }

  /** Whether somebody may read a topic that has no ACL; null without an authorizer. */
  mayRead(principal: string): boolean | null {
    const authorizer = authorizerOf((key) => this.settings.get(key), this.image);
    const caller = { principal, clientHost: '10.0.0.1', isPeer: false };
    return authorizer?.authorize(caller, 'READ', 'TOPIC', 'orders') ?? null;
  }

  /** Where the cluster has agreed to it. */
  get hasStreamsProtocol() {
    const features = imageOf({ type: 'FeatureLevelRecord', name: STREAMS_VERSION, featureLevel: 1 });
    return hasStreamsProtocol({ image: () => features, settings: this.settings });
  }

  get controller() {
    return controllerConfig(this.#rules, this.#image.configs);
  }

  get electsUncleanLeaders() {
    return this.#rules.allowsUncleanElection('orders', this.#image.configs);
  }
}
