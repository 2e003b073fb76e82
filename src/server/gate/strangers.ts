import { Allowances } from '../rates/allowances.ts';

/**
 * Connections of one address that have not come in: far more than an application opens at once, and little
 * memory.
 */
export const STRANGERS_MAX = 2000;
/**
 * Failed sign-ins of one address in a second. A client that tries again and again waits for the answer to
 * each, so it takes many of them to fail so often; the handshakes of more would take the time of everybody
 * else.
 */
export const FAILURES_PER_SECOND = 50;
/** What an address that has not failed for some time may fail at once: two seconds' worth. */
const FAILURES_AT_ONCE = 100;

/**
 * Connections of clients that have not come in yet, by address (of IPv6, by the network of 64 bits): whoever
 * has not signed in, or where nobody does, not sent a request. They cost a place, and on encrypted listeners
 * much time, before anybody knows who they are.
 */
export class Strangers<Connection> {
  readonly #hasComeIn: (connection: Connection) => boolean;
  /** In the order in which they came; those that have come in since are taken out when there are many. */
  readonly #byHost = new Map<string, Set<Connection>>();
  readonly #failures = new Allowances({ perSecond: FAILURES_PER_SECOND, atOnce: FAILURES_AT_ONCE });

  constructor(hasComeIn: (connection: Connection) => boolean) {
    this.#hasComeIn = hasComeIn;
  }

  /**
   * Whether the address failed so often that no more of its connections are looked at now. Where some failed
   * of late, those that have not come in yet count as if they failed, too: otherwise thousands would be under
   * way before the first of them has.
   */
  failsTooOften(host: string, now: number): boolean {
    const left = this.#failures.left(host, now);
    if (left >= FAILURES_AT_ONCE) return false;
    if (left < 1) return true;
    let underWay = 0;
    const own = this.#byHost.get(host) ?? new Set();
    for (const one of own) {
      if (this.#hasComeIn(one)) own.delete(one);
      else if (++underWay >= left) return true;
    }
    return false;
  }

  /** Remembers a connection; the one to close for it when its address has too many: the first that came. */
  came(host: string, connection: Connection): Connection | null {
    const own = this.#byHost.get(host) ?? new Set();
    this.#byHost.set(host, own);
    own.add(connection);
    if (own.size <= STRANGERS_MAX) return null;
    for (const one of own) if (this.#hasComeIn(one)) own.delete(one);
    const [first] = own;
    if (own.size <= STRANGERS_MAX || first === undefined) return null;
    // It is gone only after this turn of the loop, and others may come until then.
    own.delete(first);
    return first;
  }

  /** `signsIn`: on its listener, and who leaves without having done so has failed. */
  left(host: string, connection: Connection, { signsIn, now }: { signsIn: boolean; now: number }): void {
    const own = this.#byHost.get(host);
    own?.delete(connection);
    if (own?.size === 0) this.#byHost.delete(host);
    if (signsIn && !this.#hasComeIn(connection)) this.#failures.use(host, now);
  }
}
