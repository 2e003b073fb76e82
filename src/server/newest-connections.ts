/**
 * More than a cluster has brokers: where nodes do not sign in, anybody may name itself as many. The first to
 * be named is forgotten first.
 */
const SENDERS_MAX = 1000;

/**
 * Over which connection each broker sends requests that change something. A broker that lost a connection
 * sends what was not answered again over the next one; the first copy may still be on its way, and must not
 * be carried out after what the broker asked for since: it would delete a topic that was made again, or bring
 * an ACL back.
 */
export class NewestConnections {
  readonly #newest = new Map<string, number>();

  /** False when the broker with this client id has sent something over a newer connection already. */
  admits(clientId: string, connectionNumber: number): boolean {
    const newest = this.#newest.get(clientId);
    if (newest === connectionNumber) return true;
    if (newest !== undefined && newest > connectionNumber) return false;
    this.#newest.delete(clientId);
    this.#newest.set(clientId, connectionNumber);
    if (this.#newest.size > SENDERS_MAX) {
      const [first = clientId] = this.#newest.keys();
      this.#newest.delete(first);
    }
    return true;
  }
}
