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
}

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
    return Promise.all(alive.map(async (broker) => ({ ...broker, bytes: await this.#bytes(broker) })));
  }

  async #bytes(broker: BrokerView): Promise<number | null> {
    try {
      const { errorCode, results } = await this.#cluster.ask(broker, describeLogDirs, { topics: null });
      if (errorCode !== 0) return null;
      const partitions = results.flatMap(({ topics }) => topics).flatMap((topic) => topic.partitions);
      return partitions.reduce((sum, { partitionSize }) => sum + partitionSize, 0);
    } catch (error) {
      if (!(error instanceof KafkaClientError)) throw error;
      return null;
    }
  }
}
