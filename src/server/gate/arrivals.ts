import type { Clock, Timer } from '../../base/clock.ts';
import { javaAddress } from '../../base/java-address.ts';
import type { Connection } from '../../base/network.ts';
import type { ListenerPurpose } from '../handler.ts';
import type { ConnectionGate } from './connection-gate.ts';

/** How often those are looked at that wait to be served: limits change, and times come. */
const ARRIVALS_MS = 50;
/** More than these are closed at once; the operating system would drop them, too. */
export const ARRIVALS_MAX = 1024;

/**
 * Connections that wait for a limit, the first to come first. `Via` is the listener that they came through.
 */
export class Arrivals<Via extends { readonly name: string; readonly purpose: ListenerPurpose }> {
  readonly #clock: Clock;
  readonly #gate: ConnectionGate;
  readonly #enter: (via: Via, connection: Connection, clientHost: string) => void;
  #waiting: Arrival<Via>[] = [];
  #timer: Timer | undefined;
  #stopped = false;

  /** `enter` is called with each connection that may be served, within `came` or later. */
  constructor(
    clock: Clock,
    gate: ConnectionGate,
    enter: (via: Via, connection: Connection, clientHost: string) => void,
  ) {
    this.#clock = clock;
    this.#gate = gate;
    this.#enter = enter;
  }

  get isFull(): boolean {
    return this.#waiting.length >= ARRIVALS_MAX;
  }

  came(via: Via, connection: Connection): void {
    this.#waiting.push({ via, connection });
    this.admit();
  }

  /** Lets in those whose limits allow it; nobody overtakes another on the same listener. */
  admit(): void {
    if (this.#stopped || this.#waiting.length === 0) return;
    const now = this.#clock.monotonic();
    const full = new Set<string>();
    const waiting: Arrival<Via>[] = [];
    for (const arrival of this.#waiting.splice(0)) {
      const { via, connection } = arrival;
      const comer = {
        listenerName: via.name,
        clientHost: javaAddress(connection.remoteHost),
        isPeer: via.purpose !== 'client',
      };
      const verdict = full.has(via.name) ? 'waits' : this.#gate.enter(comer, now);
      if (verdict === 'enters') this.#enter(via, connection, comer.clientHost);
      else if (verdict === 'closed') connection.destroy();
      else {
        full.add(via.name);
        waiting.push(arrival);
      }
    }
    this.#waiting = waiting;
    this.#timer?.cancel();
    if (waiting.length > 0) this.#timer = this.#clock.after(ARRIVALS_MS, () => this.admit());
  }

  /** Closes all that wait. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    for (const { connection } of this.#waiting.splice(0)) connection.destroy();
  }
}

interface Arrival<Via> {
  readonly via: Via;
  readonly connection: Connection;
}
