import type { PeerConnections } from '../../client/peers/peer-connections.ts';
import { effectiveMinInSyncReplicas } from '../../replication/isr-rules.ts';
import { PartitionTraffic } from '../../replication/partition-traffic.ts';
import type { ReplicaManager } from '../../replication/replica-manager.ts';
import { derOf } from '../../security/certificates/pem.ts';
import { validUntil } from '../../security/certificates/read-certificate.ts';
import type { KafkaServer } from '../../server/kafka-server.ts';
import type { AllRequestTimes } from '../../server/request-times.ts';
import type { BrokerContext } from '../context.ts';
import { ConsumerLag, type PartitionLag } from './consumer-lag.ts';
import { type Labels, MetricsText } from './metrics-text.ts';
import { Rates } from './rates.ts';

/** MSK's levels, each with all of the ones before it. */
const MONITORING_LEVELS = [
  'DEFAULT',
  'PER_BROKER',
  'PER_TOPIC_PER_BROKER',
  'PER_TOPIC_PER_PARTITION',
] as const;
export type MonitoringLevel = (typeof MONITORING_LEVELS)[number];

/** Kafka's meters, by what counts for them. */
const METERS: Readonly<Record<string, (traffic: PartitionTraffic) => number>> = {
  MessagesInPerSec: ({ messagesIn }) => messagesIn,
  BytesInPerSec: ({ bytesIn }) => bytesIn,
  BytesOutPerSec: ({ bytesOut }) => bytesOut,
  TotalProduceRequestsPerSec: ({ appends }) => appends,
  ReplicationBytesInPerSec: ({ bytesFromLeader }) => bytesFromLeader,
  ReplicationBytesOutPerSec: ({ bytesToFollowers }) => bytesToFollowers,
};
const REQUESTS = 'kafka_network_RequestMetrics';
/** The quantiles that Kafka's histograms have, by their names there. */
const PERCENTILES = [
  ['50thPercentile', 0.5],
  ['75thPercentile', 0.75],
  ['95thPercentile', 0.95],
  ['98thPercentile', 0.98],
  ['99thPercentile', 0.99],
  ['999thPercentile', 0.999],
] as const;
/** What is told of a broker's listeners. */
type MeasuredServer = Pick<
  KafkaServer<BrokerContext>,
  'certificates' | 'connectionCount' | 'failedSignIns' | 'limitsMet'
>;
/** MSK has these by topic at every level. */
const TOPIC_METERS_OF_ALL = ['BytesInPerSec', 'BytesOutPerSec'];

/**
 * What one broker counts, in the names that the JMX exporter of MSK gives it: `domain_type_attribute`, the
 * rest of the bean's name as labels. Everything is worked out when somebody asks.
 */
export class BrokerMetrics {
  readonly #context: BrokerContext;
  readonly #server: MeasuredServer;
  readonly #requestTimes: AllRequestTimes;
  readonly #iamRefusals: ReadonlyMap<string, number>;
  readonly #iamDenials: ReadonlyMap<string, number>;
  readonly #lag: ConsumerLag;
  readonly #rates = new Rates();

  constructor(
    context: BrokerContext,
    around: {
      readonly connections: PeerConnections;
      readonly requestTimes: AllRequestTimes;
      readonly server: MeasuredServer;
      /** How many sign-ins by IAM were refused, by the reason. */
      readonly iamRefusals: ReadonlyMap<string, number>;
      /** How many rights the policies of IAM denied, by the kind of the rule that denied them. */
      readonly iamDenials: ReadonlyMap<string, number>;
    },
  ) {
    this.#context = context;
    this.#server = around.server;
    this.#requestTimes = around.requestTimes;
    this.#iamRefusals = around.iamRefusals;
    this.#iamDenials = around.iamDenials;
    this.#lag = new ConsumerLag(context.world, {
      groups: context.groups,
      replicas: context.replicas,
      connections: around.connections,
      image: () => context.image(),
    });
  }

  /** Prometheus's text. */
  async text(level: MonitoringLevel): Promise<string> {
    const { clock } = this.#context.world;
    const beganAt = clock.monotonic();
    const reach = MONITORING_LEVELS.indexOf(level);
    const text = new MetricsText();
    this.#traffic(text, reach);
    this.#requests(text);
    this.#rates.forgetUnseen();
    this.#replicas(text);
    this.#cluster(text);
    this.#volume(text);
    this.#connections(text);
    if (reach >= MONITORING_LEVELS.indexOf('PER_TOPIC_PER_PARTITION')) this.#logs(text);
    const lags = await this.#lag.measure();
    addLags(text, lags, reach >= MONITORING_LEVELS.indexOf('PER_TOPIC_PER_PARTITION'));
    text.add('kafka_coordinator_group_GroupMetadataManager_Value', { name: 'NumOffsets' }, lags.length);
    text.add('jmx_scrape_duration_seconds', {}, (clock.monotonic() - beganAt) / 1000);
    text.add('jmx_scrape_error', {}, 0);
    return String(text);
  }

  #connections(text: MetricsText): void {
    const { connectionCount, certificates, limitsMet, failedSignIns } = this.#server;
    text.add('kafka_server_socket_server_metrics_connection_count', {}, connectionCount);
    for (const [listener, certificate] of certificates) {
      const leftMs = validUntil(derOf(certificate)) - this.#context.world.clock.now();
      text.add('millrace_certificate_remaining_seconds', { listener }, Math.floor(leftMs / 1000));
    }
    for (const [listener, count] of failedSignIns)
      text.add('millrace_failed_sign_ins_total', { listener }, count);
    for (const [reason, count] of this.#iamRefusals)
      text.add('millrace_iam_sign_ins_refused_total', { reason }, count);
    for (const [rule, count] of this.#iamDenials) text.add('millrace_iam_denials_total', { rule }, count);
    for (const [limit, count] of limitsMet) text.add('millrace_connection_limits_total', { limit }, count);
  }

  #traffic(text: MetricsText, reach: number): void {
    const { replicas } = this.#context;
    const byTopic = new Map<string, PartitionTraffic>();
    const all = new PartitionTraffic();
    all.add(replicas.goneTraffic);
    for (const { topic, traffic } of replicas.all()) {
      all.add(traffic);
      const known = byTopic.get(topic) ?? new PartitionTraffic();
      byTopic.set(topic, known);
      known.add(traffic);
    }
    const ofTopics =
      reach >= MONITORING_LEVELS.indexOf('PER_TOPIC_PER_BROKER') ? Object.keys(METERS) : TOPIC_METERS_OF_ALL;
    for (const [name, count] of Object.entries(METERS)) {
      this.#meter(text, { name }, count(all));
      if (!ofTopics.includes(name)) continue;
      for (const [topic, traffic] of byTopic) this.#meter(text, { name, topic }, count(traffic));
    }
  }

  #meter(text: MetricsText, labels: Labels, count: number): void {
    const rates = this.#rates.of(
      Object.values(labels).join('/'),
      count,
      this.#context.world.clock.monotonic(),
    );
    text.add('kafka_server_BrokerTopicMetrics_Count', labels, count);
    for (const [name, rate] of rates) text.add(`kafka_server_BrokerTopicMetrics_${name}`, labels, rate);
  }

  /** In milliseconds, of the last 5 to 10 minutes, but for counts, which are of all. */
  #requests(text: MetricsText): void {
    const now = this.#context.world.clock.monotonic();
    for (const [request, times] of this.#requestTimes.all()) {
      const meter = { name: 'RequestsPerSec', request };
      const { count } = times.total;
      text.add(`${REQUESTS}_Count`, meter, count);
      for (const [name, rate] of this.#rates.of(`RequestsPerSec/${request}`, count, now))
        text.add(`${REQUESTS}_${name}`, meter, rate);
      for (const [name, histogram] of Object.entries({
        TotalTimeMs: times.total,
        LocalTimeMs: times.local,
        RemoteTimeMs: times.remote,
      })) {
        const labels = { name, request };
        text.add(`${REQUESTS}_Count`, labels, histogram.count);
        text.add(`${REQUESTS}_Mean`, labels, histogram.mean);
        text.add(`${REQUESTS}_Max`, labels, histogram.max);
        for (const [attribute, share] of PERCENTILES)
          text.add(`${REQUESTS}_${attribute}`, labels, histogram.quantile(share));
      }
    }
  }

  #replicas(text: MetricsText): void {
    const { replicas } = this.#context;
    const counts = countReplicas(replicas);
    for (const [name, value] of Object.entries(counts))
      text.add('kafka_server_ReplicaManager_Value', { name }, value);
    text.add('kafka_server_KafkaServer_Value', { name: 'BrokerState' }, 3);
  }

  /**
   * Of the whole cluster. As with a controller that is one of the brokers, one of them tells it and the
   * others tell 0, so that a dashboard may add them up; here it is the one with the lowest id that is alive.
   */
  #cluster(text: MetricsText): void {
    const { topics, brokers } = this.#context.image();
    const tells = brokers.alive()[0]?.id === this.#context.brokerId;
    let partitionCount = 0;
    let offline = 0;
    let topicCount = 0;
    for (const { partitions } of topics.all()) {
      topicCount++;
      partitionCount += partitions.length;
      for (const { leader } of partitions) if (leader === -1) offline++;
    }
    const values = {
      ActiveControllerCount: 1,
      GlobalTopicCount: topicCount,
      GlobalPartitionCount: partitionCount,
      OfflinePartitionsCount: offline,
      ActiveBrokerCount: brokers.alive().length,
      FencedBrokerCount: brokers.all().length - brokers.alive().length,
    };
    for (const [name, value] of Object.entries(values))
      text.add('kafka_controller_KafkaController_Value', { name }, tells ? value : 0);
  }

  #volume(text: MetricsText): void {
    const { totalBytes, usableBytes } = this.#context.volume.space;
    text.add('millrace_volume_size_bytes', {}, totalBytes);
    text.add('millrace_volume_usable_bytes', {}, usableBytes);
  }

  #logs(text: MetricsText): void {
    for (const { topic, index: partition, log } of this.#context.replicas.all()) {
      text.add('kafka_log_Log_Value', { name: 'Size', topic, partition }, log.sizeInBytes);
      text.add('kafka_log_Log_Value', { name: 'LogEndOffset', topic, partition }, log.endOffset);
      text.add('kafka_log_Log_Value', { name: 'LogStartOffset', topic, partition }, log.logStartOffset);
    }
  }
}

function countReplicas(replicas: ReplicaManager): Readonly<Record<string, number>> {
  const counts = {
    PartitionCount: 0,
    LeaderCount: 0,
    UnderReplicatedPartitions: 0,
    UnderMinIsrPartitionCount: 0,
    AtMinIsrPartitionCount: 0,
    OfflineReplicaCount: replicas.offlineCount,
  };
  for (const partition of replicas.all()) {
    counts.PartitionCount++;
    if (!partition.isLeader) continue;
    counts.LeaderCount++;
    const inSync = partition.isr.length;
    if (inSync < partition.replicas.length) counts.UnderReplicatedPartitions++;
    const least = effectiveMinInSyncReplicas(
      replicas.minInSyncReplicas(partition.topic),
      partition.replicas.length,
    );
    if (inSync < least) counts.UnderMinIsrPartitionCount++;
    if (inSync === least) counts.AtMinIsrPartitionCount++;
  }
  return counts;
}

/** MSK's own bean, by group and topic, and at the highest level by partition. */
function addLags(text: MetricsText, lags: readonly PartitionLag[], byPartition: boolean): void {
  const NAME = 'kafka_consumer_group_ConsumerLagMetrics_Value';
  const byTopic = new Map<string, PartitionLag[]>();
  for (const lag of lags) {
    const key = JSON.stringify([lag.group, lag.topic]);
    const known = byTopic.get(key);
    if (known) known.push(lag);
    else byTopic.set(key, [lag]);
  }
  for (const own of byTopic.values()) {
    const [first] = own;
    if (!first) continue;
    const labels = { groupId: first.group, topic: first.topic };
    const records = own.map((lag) => lag.records);
    text.add(
      NAME,
      { name: 'SumOffsetLag', ...labels },
      records.reduce((sum, one) => sum + one, 0),
    );
    text.add(NAME, { name: 'MaxOffsetLag', ...labels }, Math.max(...records));
    const seconds = own.flatMap((lag) => (lag.seconds === null ? [] : [lag.seconds]));
    if (seconds.length > 0) text.add(NAME, { name: 'EstimatedMaxTimeLag', ...labels }, Math.max(...seconds));
    if (!byPartition) continue;
    for (const { partition, records: offsets, seconds: age } of own) {
      text.add(NAME, { name: 'OffsetLag', ...labels, partition }, offsets);
      if (age !== null) text.add(NAME, { name: 'EstimatedTimeLag', ...labels, partition }, age);
    }
  }
}
