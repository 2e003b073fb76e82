import { Backoff } from '../../base/backoff.ts';
import type { Timer } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';
import { directoryText } from '../../security/iam/directory-file.ts';
import type { Place } from '../aws/arn.ts';
import type { Engine } from '../engine.ts';
import type { SealedStore } from '../sealed/sealed-store.ts';
import type { Cluster } from '../state/cluster.ts';
import { policiesOf } from '../state/iam/policies-of.ts';
import { tokenKey } from '../state/iam/token-key.ts';
import { usesIam } from '../state/listeners.ts';
import type { Store } from '../state/store.ts';

/** Waits before brokers are told again that could not be: it doubles from the first to the last. */
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 10_000;

/**
 * What the brokers of clusters where clients sign in by IAM know of users, keys, roles and policies: every
 * change reaches their folders at once, and what a crash kept from them does so at the next start.
 */
export class IamDirectories {
  readonly #world: Pick<World, 'clock' | 'log' | 'random'>;
  readonly #place: Place;
  readonly #store: Store;
  readonly #sealed: SealedStore;
  readonly #engine: Engine;
  readonly #backoff = new Backoff({ firstMs: FIRST_RETRY_MS, lastMs: LAST_RETRY_MS });
  #next: Timer | null = null;
  #stopped = false;

  constructor(
    world: Pick<World, 'clock' | 'log' | 'random'>,
    place: Place,
    {
      store,
      sealed,
      engine,
    }: { readonly store: Store; readonly sealed: SealedStore; readonly engine: Engine },
  ) {
    this.#world = world;
    this.#place = place;
    this.#store = store;
    this.#sealed = sealed;
    this.#engine = engine;
  }

  /** The text of the file for the brokers of this cluster. Throws StoreError. */
  of({ arn: clusterArn, region }: Cluster): string {
    const { iam } = this.#sealed;
    return directoryText({
      account: this.#place.account,
      region,
      clusterArn,
      tokenKey: tokenKey(this.#sealed, (bytes) => this.#world.random.bytes(bytes)),
      users: iam.users().map((user) => ({
        id: user.id,
        arn: user.arn,
        accessKeys: user.accessKeys,
        policies: policiesOf(iam, user),
      })),
      roles: iam.roles().map((role) => ({ id: role.id, arn: role.arn, policies: policiesOf(iam, role) })),
    });
  }

  /** From now on every change is followed. */
  start(): void {
    this.#sealed.onRecord((record) => {
      if (record.type === 'IdentityRecord' || record.type === 'RemoveIdentityRecord') this.#soon(0);
    });
    this.#soon(0);
  }

  stop(): void {
    this.#stopped = true;
    this.#next?.cancel();
  }

  /** After the command whose records wake us; several changes are written together. */
  #soon(inMs: number): void {
    this.#next?.cancel();
    if (!this.#stopped) this.#next = this.#world.clock.after(inMs, () => this.#write());
  }

  #write(): void {
    this.#next = null;
    const failed = this.#store.clusters.all().flatMap((cluster) => this.#failure(cluster) ?? []);
    if (failed.length === 0) {
      this.#backoff.succeeded();
      return;
    }
    const retryMs = this.#backoff.failed();
    for (const { cluster, error } of failed)
      this.#world.log.warn(
        'Brokers do not learn of changes of IAM users, keys and policies now; that is tried again',
        { cluster: cluster.name, retryMs, error },
      );
    this.#soon(retryMs);
  }

  /** Whatever keeps one cluster from a user that was deleted keeps no other from it. */
  #failure(cluster: Cluster): { readonly cluster: Cluster; readonly error: unknown } | null {
    if (!usesIam(cluster.spec)) return null;
    try {
      this.#engine.applyDirectory(cluster);
      return null;
    } catch (error) {
      return { cluster, error };
    }
  }
}
