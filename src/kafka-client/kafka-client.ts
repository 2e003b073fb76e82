import type { World } from '../base/world.ts';
import { Admin } from './admin/admin.ts';
import type { KafkaClientOptions } from './connections/client-options.ts';
import { ClusterBrokers } from './connections/cluster-brokers.ts';
import { Consumer } from './consumer/consumer.ts';
import type { ConsumerOptions } from './consumer/consumer-options.ts';
import { Producer } from './producer/producer.ts';
import type { ProducerOptions } from './producer/producer-options.ts';

/**
 * A client of one Kafka cluster: Millrace's or any other of Apache Kafka 3.0 or later. Everything it rejects
 * with is a KafkaClientError.
 */
export class KafkaClient {
  readonly admin: Admin;
  readonly #cluster: ClusterBrokers;
  #consumers = 0;

  /** Connects when it is first asked for something. */
  constructor(world: World, options: KafkaClientOptions) {
    this.#cluster = new ClusterBrokers(world, options);
    this.admin = new Admin(this.#cluster);
  }

  producer(options: ProducerOptions = {}): Producer {
    return new Producer(this.#cluster, options);
  }

  consumer(options: ConsumerOptions = {}): Consumer {
    this.#consumers++;
    return new Consumer(this.#cluster, options, `consumer ${this.#consumers}`);
  }

  /** Ends all connections at once: close producers and consumers before. */
  close(): void {
    this.#cluster.close();
  }
}
