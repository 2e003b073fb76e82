import { assert } from '../base/assert.ts';
import type { BrokerId, Uuid } from '../base/brand.ts';
import { ImmutableMap } from '../base/immutable-map.ts';
import { type Endpoint, endpointOf } from './endpoint.ts';
import type { MetadataRecord, RecordOf } from './records.ts';
import { type VersionRange, versionRangesOf } from './version-range.ts';

export interface BrokerImage {
  readonly id: BrokerId;
  /** The offset of the record that registered it: orders the lives of one broker id. */
  readonly epoch: number;
  /** Fresh at each start of the broker's process. */
  readonly incarnationId: Uuid;
  readonly endpoints: readonly Endpoint[];
  readonly features: readonly VersionRange[];
  readonly rack: string | null;
  /** Fenced brokers lead nothing and are in no ISR; clients hear of one that died for some seconds more. */
  readonly fenced: boolean;
  readonly inControlledShutdown: boolean;
  readonly logDirs: readonly Uuid[];
  /** Directories that take no new replicas (KIP-1066); null until the broker told. */
  readonly cordonedLogDirs: readonly Uuid[] | null;
}

export class BrokersImage {
  static readonly empty = new BrokersImage(ImmutableMap.empty());
  readonly #byId: ImmutableMap<BrokerId, BrokerImage>;

  constructor(byId: ImmutableMap<BrokerId, BrokerImage>) {
    this.#byId = byId;
  }

  byId(id: BrokerId): BrokerImage | undefined {
    return this.#byId.get(id);
  }

  /** All that are registered, by id. */
  all(): BrokerImage[] {
    return [...this.#byId.values()].sort((a, b) => a.id - b.id);
  }

  /** All that are not fenced, by id. */
  alive(): BrokerImage[] {
    return this.all().filter((broker) => !broker.fenced);
  }

  with(broker: BrokerImage): BrokersImage {
    return new BrokersImage(this.#byId.set(broker.id, broker));
  }

  without(id: BrokerId): BrokersImage {
    return new BrokersImage(this.#byId.delete(id));
  }

  *records(): IterableIterator<MetadataRecord> {
    for (const broker of this.all()) {
      yield {
        type: 'RegisterBrokerRecord',
        brokerId: broker.id,
        isMigratingZkBroker: false,
        incarnationId: broker.incarnationId,
        brokerEpoch: broker.epoch,
        endPoints: broker.endpoints.map((endpoint) => ({ ...endpoint })),
        features: broker.features.map((feature) => ({ ...feature })),
        rack: broker.rack,
        fenced: broker.fenced,
        inControlledShutdown: broker.inControlledShutdown,
        logDirs: [...broker.logDirs],
        cordonedLogDirs: broker.cordonedLogDirs && [...broker.cordonedLogDirs],
      };
    }
  }
}

export class BrokersDelta {
  readonly before: BrokersImage;
  #image: BrokersImage;
  /** Ids that were registered, unregistered or changed. */
  readonly changed = new Set<BrokerId>();

  constructor(image: BrokersImage) {
    this.before = image;
    this.#image = image;
  }

  replay(record: BrokerChange): void {
    switch (record.type) {
      case 'RegisterBrokerRecord':
        this.#set(brokerOf(record));
        return;
      case 'UnregisterBrokerRecord':
        this.#current(record.brokerId, record.brokerEpoch);
        this.changed.add(record.brokerId);
        this.#image = this.#image.without(record.brokerId);
        return;
      case 'FenceBrokerRecord':
        this.#set({ ...this.#current(record.id, record.epoch), fenced: true });
        return;
      case 'UnfenceBrokerRecord':
        this.#set({ ...this.#current(record.id, record.epoch), fenced: false });
        return;
      case 'BrokerRegistrationChangeRecord': {
        const broker = this.#current(record.brokerId, record.brokerEpoch);
        this.#set({
          ...broker,
          // 0 leaves it, -1 unfences, 1 fences; a shutdown that began is never taken back.
          fenced: record.fenced === 0 ? broker.fenced : record.fenced === 1,
          inControlledShutdown: broker.inControlledShutdown || record.inControlledShutdown === 1,
          logDirs: record.logDirs.length > 0 ? record.logDirs : broker.logDirs,
          cordonedLogDirs: record.cordonedLogDirs ?? broker.cordonedLogDirs,
        });
        return;
      }
    }
  }

  apply(): BrokersImage {
    return this.#image;
  }

  #current(id: BrokerId, epoch: number): BrokerImage {
    const broker = this.#image.byId(id);
    assert(broker, `a record of broker ${id}, which is not registered`);
    assert(
      broker.epoch === epoch,
      `a record of broker ${id} for epoch ${epoch}, which is at ${broker.epoch}`,
    );
    return broker;
  }

  #set(broker: BrokerImage): void {
    this.changed.add(broker.id);
    this.#image = this.#image.with(broker);
  }
}

type BrokerChange = RecordOf<
  | 'RegisterBrokerRecord'
  | 'UnregisterBrokerRecord'
  | 'FenceBrokerRecord'
  | 'UnfenceBrokerRecord'
  | 'BrokerRegistrationChangeRecord'
>;

function brokerOf(record: RecordOf<'RegisterBrokerRecord'>): BrokerImage {
  return {
    id: record.brokerId,
    epoch: record.brokerEpoch,
    incarnationId: record.incarnationId,
    endpoints: record.endPoints.map(endpointOf),
    features: versionRangesOf(record.features),
    rack: record.rack,
    fenced: record.fenced,
    inControlledShutdown: record.inControlledShutdown,
    logDirs: record.logDirs,
    cordonedLogDirs: record.cordonedLogDirs,
  };
}
