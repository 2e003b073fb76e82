import { Backoff } from '../base/backoff.ts';
import type { BrokerId } from '../base/brand.ts';
import { sleep } from '../base/clock.ts';
import { supervise } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import type { ClusterImage } from '../metadata/image.ts';
import { isRefused } from './broker-probe.ts';
import type { BrokerLife, Heartbeats } from './heartbeats.ts';

/**
 * Between two questions whether a broker still listens whose connection closed: the first come at once,
 * because a dying process closes its connections and listeners one after the other.
 */
const FIRST_PROBE_MS = 10;
const LAST_PROBE_MS = 500;
/** How often sessions are looked at, as a share of the session. */
const SESSION_CHECKS = 8;

export interface BrokerWatchOptions {
  readonly heartbeats: Heartbeats;
  /** The image by which the controller decides, committed or not. */
  readonly latest: () => ClusterImage;
  /** Where this controller listens: listeners on the same host are asked. */
  readonly ownHost: string;
  /** Whether the leadership that this watch is for goes on. */
  readonly isActive: () => boolean;
  /** Fences that life of a broker. Resolves with whether it was alive until then. */
  readonly fence: (life: BrokerLife) => Promise<boolean>;
}

/**
 * Finds brokers that are dead, and has them fenced: their session ended, or nobody listens where they did. Of
 * one leadership.
 */
export class BrokerWatch {
  readonly #world: World;
  readonly #options: BrokerWatchOptions;
  /** Brokers that are asked now whether they still listen. */
  readonly #probed = new Set<BrokerId>();
  #checkedAt = 0;

  constructor(world: World, options: BrokerWatchOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Sessions count from now on; `checkSessions` is to be called every `checkMs`. */
  begin(): void {
    this.#checkedAt = this.#world.clock.monotonic();
  }

  get checkMs(): number {
    return Math.max(this.#options.heartbeats.sessionTimeoutMs / SESSION_CHECKS, 1);
  }

  /** Has every broker fenced that was not heard of for a whole session. */
  checkSessions(): void {
    const { heartbeats } = this.#options;
    const now = this.#world.clock.monotonic();
    const lateMs = now - this.#checkedAt - this.checkMs;
    this.#checkedAt = now;
    // What arrived while this process stood still has not been read yet.
    if (lateMs > this.checkMs) heartbeats.stoodStill(lateMs);
    for (const life of heartbeats.expired()) supervise(this.#world, this.fence(life, 'its session ended'));
  }

  /** Asks the brokers that spoke over this connection whether they still listen. */
  connectionClosed(connectionId: string): void {
    const { heartbeats } = this.#options;
    for (const { id } of heartbeats.overConnection(connectionId)) {
      heartbeats.connectionClosed(id);
      supervise(this.#world, this.#probe(id));
    }
  }

  /** Fences that life of a broker, and says why in the log; a later life is left alone. */
  async fence(life: BrokerLife, why: string): Promise<void> {
    this.#options.heartbeats.forget(life.id, life.epoch);
    if (await this.#options.fence(life))
      this.#world.log.warn('fenced a broker', { broker: life.id, epoch: life.epoch, why });
  }

  /**
   * Asks until the broker is heard again, or its session ended, or its listeners say that nobody is there.
   */
  async #probe(id: BrokerId): Promise<void> {
    const { heartbeats, latest, ownHost, isActive } = this.#options;
    if (this.#probed.has(id)) return;
    this.#probed.add(id);
    const backoff = new Backoff({ firstMs: FIRST_PROBE_MS, lastMs: LAST_PROBE_MS });
    for (;;) {
      const epoch = heartbeats.disconnected(id);
      const broker = latest().brokers.byId(id);
      if (!isActive() || !broker || broker.fenced || broker.epoch !== epoch) break;
      const refused = await isRefused(this.#world, broker.endpoints, ownHost);
      if (refused && isActive() && heartbeats.disconnected(id) === epoch) {
        await this.fence({ id, epoch }, 'its connection closed and it listens no more');
        break;
      }
      await sleep(this.#world.clock, backoff.failed());
    }
    this.#probed.delete(id);
  }
}
