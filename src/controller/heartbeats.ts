import type { BrokerId } from '../base/brand.ts';
import type { Clock } from '../base/clock.ts';

/** One life of a broker: each has an epoch of its own. */
export interface BrokerLife {
  readonly id: BrokerId;
  readonly epoch: number;
}

interface Contact {
  readonly epoch: number;
  readonly at: number;
  readonly metadataOffset: number;
  /** The connection over which it spoke last; its end is the earliest sign of death, and no proof of it. */
  readonly connectionId: string;
  readonly isConnected: boolean;
  /** The end of the log when its controlled shutdown was recorded; undefined while it runs. */
  readonly shutdownOffset: number | undefined;
}

/**
 * When each broker was last heard of, and how far it has read the metadata log. Soft state: it is not in the
 * log, and a new controller gives every broker a whole session before it judges.
 */
export class Heartbeats {
  readonly #clock: Clock;
  readonly sessionTimeoutMs: number;
  readonly #contacts = new Map<BrokerId, Contact>();

  constructor(clock: Clock, sessionTimeoutMs: number) {
    this.#clock = clock;
    this.sessionTimeoutMs = sessionTimeoutMs;
  }

  /** A registration or a heartbeat; begins a session when there is none, or when it is another life's. */
  heard(
    id: BrokerId,
    from: { readonly epoch: number; readonly metadataOffset: number; readonly connectionId: string },
  ): void {
    const known = this.#contacts.get(id);
    this.#contacts.set(id, {
      ...from,
      at: this.#clock.monotonic(),
      isConnected: true,
      shutdownOffset: known?.epoch === from.epoch ? known.shutdownOffset : undefined,
    });
  }

  /**
   * It is registered, but this controller has not heard of it: it has a session to show itself, or be
   * replaced.
   */
  awaited(id: BrokerId, epoch: number): void {
    this.heard(id, { epoch, metadataOffset: -1, connectionId: '' });
    this.connectionClosed(id);
  }

  beganShutdown(id: BrokerId, offset: number): void {
    const contact = this.#contacts.get(id);
    if (contact) this.#contacts.set(id, { ...contact, shutdownOffset: offset });
  }

  shutdownOffset(id: BrokerId): number | undefined {
    return this.#contacts.get(id)?.shutdownOffset;
  }

  /** Its process may be dead, so another may register in its place; until it is heard again. */
  connectionClosed(id: BrokerId): void {
    const contact = this.#contacts.get(id);
    if (contact) this.#contacts.set(id, { ...contact, isConnected: false });
  }

  /**
   * The epoch of the life whose connection closed and that was not heard of since; undefined when there is
   * none.
   */
  disconnected(id: BrokerId): number | undefined {
    const contact = this.#contacts.get(id);
    return contact && !contact.isConnected ? contact.epoch : undefined;
  }

  /** Its session is over: nothing more is known of it. Leaves another life than this epoch's alone. */
  forget(id: BrokerId, epoch?: number): void {
    if (epoch === undefined || this.#contacts.get(id)?.epoch === epoch) this.#contacts.delete(id);
  }

  /** This process heard nobody for so long because it did not listen. Nobody's session ran meanwhile. */
  stoodStill(ms: number): void {
    for (const [id, contact] of this.#contacts) this.#contacts.set(id, { ...contact, at: contact.at + ms });
  }

  hasSession(id: BrokerId, epoch: number): boolean {
    const contact = this.#contacts.get(id);
    return (
      contact !== undefined &&
      contact.epoch === epoch &&
      contact.isConnected &&
      this.#clock.monotonic() - contact.at < this.sessionTimeoutMs
    );
  }

  /** Brokers that were not heard of for a session, longest silent first. */
  expired(): BrokerLife[] {
    const since = this.#clock.monotonic() - this.sessionTimeoutMs;
    return [...this.#contacts]
      .filter(([, { at }]) => at <= since)
      .sort(([, a], [, b]) => a.at - b.at)
      .map(([id, { epoch }]) => ({ id, epoch }));
  }

  /** The brokers whose requests came over this connection. */
  overConnection(connectionId: string): BrokerLife[] {
    return [...this.#contacts]
      .filter(([, contact]) => contact.connectionId === connectionId)
      .map(([id, { epoch }]) => ({ id, epoch }));
  }

  /** How far the slowest of these brokers has read the log; Infinity when there are none. */
  lowestOffset(ids: readonly BrokerId[]): number {
    return Math.min(...ids.map((id) => this.#contacts.get(id)?.metadataOffset ?? -1));
  }
}
