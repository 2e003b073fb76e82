import { Sfc32 } from '../../base/random.ts';
import { ImageDelta } from '../../metadata/delta.ts';
import { type ClusterImage, emptyImage } from '../../metadata/image.ts';
import { completeMetadataRecord, type EncodableMetadataRecord } from '../../metadata/records.ts';
import type { PartitionImage } from '../../metadata/topics.ts';
import { errorName } from '../../protocol/errors.ts';
import { ConfigRules } from '../config-rules.ts';
import type { ControllerDecision } from '../decision.ts';
import type { DecisionState } from '../decision-state.ts';
import type { BrokerLife } from '../heartbeats.ts';
import { alterPartition } from '../partitions-control.ts';
import { createTopics } from '../topics-control.ts';

export const directoryOf = (id: number): string =>
  Buffer.from(`directory-${id}`.padEnd(16, '.')).toString('base64url');
export const incarnationOf = (id: number, life = 1): string =>
  Buffer.from(`life-${life}-of-${id}`.padEnd(16, '.')).toString('base64url');

/** A cluster without a log: what is decided is replayed at once. */
export class TestCluster implements DecisionState {
  image: ClusterImage = emptyImage;
  readonly rules: ConfigRules;
  readonly random = new Sfc32(7);
  nextOffset = 0;

  constructor(properties: Record<string, string> = {}) {
    this.rules = new ConfigRules({ nodeId: 3000, properties });
  }

  /** Brokers 1 to `count`, each in a zone of its own, alive unless named fenced. */
  static of(
    count: number,
    properties: Record<string, string> = {},
    fenced: readonly number[] = [],
  ): TestCluster {
    const cluster = new TestCluster(properties);
    for (let id = 1; id <= count; id++)
      cluster.replay([
        {
          type: 'RegisterBrokerRecord',
          brokerId: id,
          brokerEpoch: cluster.nextOffset,
          incarnationId: incarnationOf(id),
          endPoints: [{ name: 'CLIENT', host: `broker-${id}`, port: 9092, securityProtocol: 0 }],
          features: [],
          rack: `zone-${id}`,
          fenced: fenced.includes(id),
          logDirs: [directoryOf(id)],
        },
      ]);
    return cluster;
  }

  decided<Answer>(decision: ControllerDecision<Answer>): Answer {
    this.replay(decision.records);
    return decision.answer;
  }

  replay(records: readonly EncodableMetadataRecord[]): void {
    if (records.length === 0) return;
    const delta = new ImageDelta(this.image);
    for (const record of records) delta.replay(completeMetadataRecord(record));
    this.nextOffset += records.length;
    this.image = delta.apply({ offset: this.nextOffset - 1, epoch: 1, timestamp: 0 });
  }

  /** A topic whose partitions lie as named: the first replica leads, all are in sync. */
  topic(name: string, ...replicas: readonly (readonly number[])[]): this {
    const assignments = replicas.map((brokerIds, partitionIndex) => ({
      partitionIndex,
      brokerIds: [...brokerIds],
    }));
    const topic = { name, numPartitions: -1, replicationFactor: -1, assignments, configs: [] };
    const [result] = this.decided(
      createTopics(this, [topic], {
        random: this.random,
        admits: () => true,
        defaults: { numPartitions: 1, replicationFactor: 1 },
      }),
    );
    if (!result || 'error' in result) throw new Error(result?.message ?? 'no result');
    return this;
  }

  /** A broker that was fenced is back, as far as its registration says. */
  returns(id: number): void {
    this.replay([
      { type: 'BrokerRegistrationChangeRecord', brokerId: id, brokerEpoch: this.epochOf(id), fenced: -1 },
    ]);
  }

  /** The leader says who is in sync now. */
  inSync(topic: string, isr: readonly number[]): void {
    const { leader, leaderEpoch, partitionEpoch, leaderRecoveryState } = this.partition(topic);
    const partition = {
      partitionIndex: 0,
      leaderEpoch,
      partitionEpoch,
      leaderRecoveryState,
      newIsr: [],
      newIsrWithEpochs: isr.map((brokerId) => ({ brokerId, brokerEpoch: this.epochOf(brokerId) })),
    };
    const topicId = this.image.topics.byName(topic)?.id ?? '';
    const request = {
      brokerId: leader,
      brokerEpoch: this.epochOf(leader),
      topics: [{ topicId, partitions: [partition] }],
    };
    const answer = this.decided(alterPartition(this, request, 3)).topics[0]?.partitions[0];
    const error = errorName(answer?.errorCode ?? -1);
    if (error !== 'NONE' && error !== 'NEW_LEADER_ELECTED') throw new Error(`the ISR was refused: ${error}`);
  }

  partition(topic: string, index = 0): PartitionImage {
    const partition = this.image.topics.byName(topic)?.partitions[index];
    if (!partition) throw new Error(`no ${topic}-${index}`);
    return partition;
  }

  epochOf(id: number): number {
    return this.image.brokers.byId(id)?.epoch ?? -1;
  }

  lifeOf(id: number): BrokerLife {
    return { id, epoch: this.epochOf(id) };
  }
}
