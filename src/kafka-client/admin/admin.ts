import { describeLogDirs } from '../../protocol/messages/35-describe-log-dirs.ts';
import type { ClusterBrokers } from '../connections/cluster-brokers.ts';
import type { BrokerView } from '../connections/cluster-view.ts';
import { KafkaClientError } from '../kafka-client-error.ts';
import { ConfigsAdmin } from './configs-admin.ts';
import { GroupsAdmin } from './groups-admin.ts';
import { TopicsAdmin } from './topics-admin.ts';

export interface BrokerUse extends BrokerView {
  /** Of all logs that it holds; null when it does not say. */
  readonly bytes: number | null;
  /** What may be stored on its disks or volume, and what of it is left; null when it does not say. */
  readonly volumeBytes: number | null;
  readonly usableBytes: number | null;
}

type Use = Omit<BrokerUse, keyof BrokerView>;
const UNKNOWN: Use = { bytes: null, volumeBytes: null, usableBytes: null };

/** What is done to a cluster beside reading and writing. Everything rejects with a KafkaClientError. */
export class Admin {
  readonly topics: TopicsAdmin;
  readonly configs: ConfigsAdmin;
  readonly groups: GroupsAdmin;
  readonly #cluster: ClusterBrokers;

  constructor(cluster: ClusterBrokers) {
    this.topics = new TopicsAdmin(cluster);
    this.configs = new ConfigsAdmin(cluster);
    this.groups = new GroupsAdmin(cluster);
    this.#cluster = cluster;
  }

  /** Those that are alive, by id. */
  async brokers(): Promise<readonly BrokerUse[]> {
    const { view } = this.#cluster;
    await this.#cluster.retried(() => view.refresh());
    const alive = [...view.brokers].sort((a, b) => a.id - b.id);
    return Promise.all(alive.map(async (broker) => ({ ...broker, ...(await this.#use(broker)) })));
  }

  async #use(broker: BrokerView): Promise<Use> {
    try {
      const { errorCode, results } = await this.#cluster.ask(broker, describeLogDirs, { topics: null });
      if (errorCode !== 0) return UNKNOWN;
      const partitions = results.flatMap(({ topics }) => topics).flatMap((topic) => topic.partitions);
      return {
        bytes: sum(partitions.map(({ partitionSize }) => partitionSize)),
        volumeBytes: known(results.map(({ totalBytes }) => totalBytes)),
        usableBytes: known(results.map(({ usableBytes }) => usableBytes)),
      };
    } catch (error) {
      if (!(error instanceof KafkaClientError)) throw error;
      return UNKNOWN;
    }
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

/** Of all directories together; before Kafka 3.3 brokers do not say it of theirs, which is -1. */
function known(sizes: readonly number[]): number | null {
  return sizes.length === 0 || sizes.some((size) => size < 0) ? null : sum(sizes);
}
