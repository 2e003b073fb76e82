import type { BrokerId, Uuid } from '../base/brand.ts';
import type { Clock } from '../base/clock.ts';

interface Contact {
  readonly epoch: number;
  readonly at: number;
  readonly metadataOffset: number;
  /** The connection over which it registered; its end is the earliest sign of death. */
  readonly connectionId: string;
  readonly incarnationId: Uuid;
  /** The end of the log when its controlled shutdown was recorded; undefined while it runs. */
  readonly shutdownOffset: number | undefined;
}

/**
 * When each broker was last heard of, and how far it has read the metadata log. Soft state: it is not in the log, and a
 * new controller gives every broker a whole session before it judges.
 */
export class Heartbeats {
  readonly #clock: Clock;
  readonly sessionTimeoutMs: number;
  readonly #contacts = new Map<BrokerId, Contact>();

  constructor(clock: Clock, sessionTimeoutMs: number) {
    this.#clock = clock;
    this.sessionTimeoutMs = sessionTimeoutMs;
  }

  registered(
    id: BrokerId,
    life: { readonly epoch: number; readonly incarnationId: Uuid; readonly connectionId: string },
  ): void {
    this.#contacts.set(id, {
      ...life,
      at: this.#clock.monotonic(),
      metadataOffset: -1,
      shutdownOffset: undefined,
    });
  }

  heard(id: BrokerId, metadataOffset: number): void {
    const contact = this.#contacts.get(id);
    if (contact) this.#contacts.set(id, { ...contact, metadataOffset, at: this.#clock.monotonic() });
  }

  /** The broker's heartbeats come over this connection now. */
  reachedOver(id: BrokerId, connectionId: string): void {
    const contact = this.#contacts.get(id);
    if (contact && contact.connectionId !== connectionId)
      this.#contacts.set(id, { ...contact, connectionId });
  }

  beganShutdown(id: BrokerId, offset: number): void {
    const contact = this.#contacts.get(id);
    if (contact) this.#contacts.set(id, { ...contact, shutdownOffset: offset });
  }

  shutdownOffset(id: BrokerId): number | undefined {
    return this.#contacts.get(id)?.shutdownOffset;
  }

  /** Its session is over: nothing more is known of it. */
  forget(id: BrokerId): void {
    this.#contacts.delete(id);
  }

  hasSession(id: BrokerId, epoch: number): boolean {
    const contact = this.#contacts.get(id);
    return (
      contact !== undefined &&
      contact.epoch === epoch &&
      this.#clock.monotonic() - contact.at < this.sessionTimeoutMs
    );
  }

  /** Ids of brokers that were not heard of for a session, longest silent first. */
  expired(): BrokerId[] {
    const since = this.#clock.monotonic() - this.sessionTimeoutMs;
    return [...this.#contacts]
      .filter(([, { at }]) => at <= since)
      .sort(([, a], [, b]) => a.at - b.at)
      .map(([id]) => id);
  }

  /** Whose requests came over this connection. */
  overConnection(connectionId: string): { readonly id: BrokerId; readonly epoch: number }[] {
    return [...this.#contacts]
      .filter(([, contact]) => contact.connectionId === connectionId)
      .map(([id, { epoch }]) => ({ id, epoch }));
  }

  /** How far the slowest of these brokers has read the log; Infinity when there are none. */
  lowestOffset(ids: readonly BrokerId[]): number {
    return Math.min(...ids.map((id) => this.#contacts.get(id)?.metadataOffset ?? -1));
  }
}
