import { MeanRates } from '../rates/mean-rates.ts';
import { Pace } from '../rates/pace.ts';
import type { ConnectionLimits } from './connection-limits.ts';

/**
 * Kafka's ConnectionQuotas. Too many from one address, and too many in a second, are closed. Whatever else is
 * over a limit waits as it would in the backlog of the operating system: until another connection is closed,
 * its time has come, or the limit is raised. Brokers among themselves are under no limit but that of their
 * own listener: clients must not keep them from each other, and here they share an address.
 */
export class ConnectionGate {
  readonly #limits: (listenerName: string) => ConnectionLimits;
  readonly #told: (limit: string, comer: Comer) => void;
  readonly #pace = new Pace();
  readonly #listeners = new Map<string, { count: number; readonly pace: Pace }>();
  readonly #perHost = new Map<string, number>();
  readonly #hostRates = new MeanRates();
  #count = 0;

  /** `told` is called with the limit that holds a connection back, by the name of its config. */
  constructor(
    limits: (listenerName: string) => ConnectionLimits,
    told: (limit: string, comer: Comer) => void = () => {},
  ) {
    this.#limits = limits;
    this.#told = told;
  }

  /** Counts the connection unless it must wait or is not wanted. */
  enter(connection: Comer, now: number): 'enters' | 'waits' | 'closed' {
    const { listenerName, clientHost, isPeer } = connection;
    const limits = this.#limits(listenerName);
    const listener = this.#listener(listenerName);
    const meets = (limit: string, verdict: 'waits' | 'closed') => {
      this.#told(limit, connection);
      return verdict;
    };
    const ofListener = `listener.name.${listenerName.toLowerCase()}.`;
    if (listener.count >= limits.listenerMax) return meets(`${ofListener}max.connections`, 'waits');
    if (!listener.pace.isDue(now, limits.listenerCreationRate))
      return meets(`${ofListener}max.connection.creation.rate`, 'waits');
    if (!isPeer && this.#count >= limits.max) return meets('max.connections', 'waits');
    if (!isPeer && !this.#pace.isDue(now, limits.creationRate))
      return meets('max.connection.creation.rate', 'waits');
    listener.pace.happened(now, limits.listenerCreationRate);
    if (!isPeer) this.#pace.happened(now, limits.creationRate);
    const fromHost = this.#perHost.get(clientHost) ?? 0;
    if (!isPeer && this.#isTooFast(clientHost, limits, now))
      return meets('the quota connection_creation_rate', 'closed');
    if (!isPeer && fromHost >= limits.perIpMax(clientHost)) return meets('max.connections.per.ip', 'closed');
    if (!isPeer) this.#perHost.set(clientHost, fromHost + 1);
    listener.count++;
    this.#count++;
    return 'enters';
  }

  /**
   * Whether the address is over its quota of new connections; a connection that is refused for that is not
   * counted.
   */
  #isTooFast(clientHost: string, limits: ConnectionLimits, now: number): boolean {
    const bound = limits.perIpCreationRate(clientHost);
    if (bound === null) return false;
    const rate = this.#hostRates.of(clientHost);
    if (rate.room(bound, now, limits.quotaWindows) < 1) return true;
    rate.count(1, now, limits.quotaWindows);
    return false;
  }

  leave({ listenerName, clientHost, isPeer }: Comer): void {
    this.#count--;
    this.#listener(listenerName).count--;
    if (isPeer) return;
    const fromHost = (this.#perHost.get(clientHost) ?? 1) - 1;
    if (fromHost === 0) this.#perHost.delete(clientHost);
    else this.#perHost.set(clientHost, fromHost);
  }

  /**
   * How many connections there are beyond the limit: those of brokers are admitted over it, and it can be
   * lowered.
   */
  excess(listenerName: string): number {
    return Math.max(0, this.#count - this.#limits(listenerName).max);
  }

  #listener(name: string): { count: number; readonly pace: Pace } {
    const known = this.#listeners.get(name);
    if (known) return known;
    const listener = { count: 0, pace: new Pace() };
    this.#listeners.set(name, listener);
    return listener;
  }
}

/** A connection that asks to be served. */
export interface Comer {
  readonly listenerName: string;
  readonly clientHost: string;
  readonly isPeer: boolean;
}
