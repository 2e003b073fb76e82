import type { Uuid } from '../base/brand.ts';
import { ImmutableMap } from '../base/immutable-map.ts';
import { type Endpoint, endpointOf } from './endpoint.ts';
import type { MetadataRecord, RecordOf } from './records.ts';
import { type VersionRange, versionRangesOf } from './version-range.ts';

export interface ControllerImage {
  readonly id: number;
  readonly incarnationId: Uuid;
  readonly zkMigrationReady: boolean;
  readonly endpoints: readonly Endpoint[];
  readonly features: readonly VersionRange[];
}

/** The controllers that registered themselves (KIP-919), so that clients and brokers can find them. */
export class ControllersImage {
  static readonly empty = new ControllersImage(ImmutableMap.empty());
  readonly #byId: ImmutableMap<number, ControllerImage>;

  constructor(byId: ImmutableMap<number, ControllerImage>) {
    this.#byId = byId;
  }

  byId(id: number): ControllerImage | undefined {
    return this.#byId.get(id);
  }

  all(): ControllerImage[] {
    return [...this.#byId.values()].sort((a, b) => a.id - b.id);
  }

  replay(record: RecordOf<'RegisterControllerRecord' | 'UnregisterControllerRecord'>): ControllersImage {
    if (record.type === 'UnregisterControllerRecord')
      return new ControllersImage(this.#byId.delete(record.controllerId));
    return new ControllersImage(
      this.#byId.set(record.controllerId, {
        id: record.controllerId,
        incarnationId: record.incarnationId,
        zkMigrationReady: record.zkMigrationReady,
        endpoints: record.endPoints.map(endpointOf),
        features: versionRangesOf(record.features),
      }),
    );
  }

  *records(): IterableIterator<MetadataRecord> {
    for (const controller of this.all()) {
      yield {
        type: 'RegisterControllerRecord',
        controllerId: controller.id,
        incarnationId: controller.incarnationId,
        zkMigrationReady: controller.zkMigrationReady,
        endPoints: controller.endpoints.map((endpoint) => ({ ...endpoint })),
        features: controller.features.map((feature) => ({ ...feature })),
      };
    }
  }
}
