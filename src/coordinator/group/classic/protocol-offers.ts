import type { MemberProtocol } from './member.ts';

/** How many members of a group offer each protocol, by its name. */
export class ProtocolOffers {
  readonly #counts = new Map<string, number>();

  add(protocols: readonly MemberProtocol[]): void {
    this.#count(protocols, 1);
  }

  remove(protocols: readonly MemberProtocol[]): void {
    this.#count(protocols, -1);
  }

  /** The first of these that so many members offer. */
  first(protocols: readonly MemberProtocol[], members: number): MemberProtocol | undefined {
    return protocols.find(({ name }) => (this.#counts.get(name) ?? 0) === members);
  }

  #count(protocols: readonly MemberProtocol[], by: 1 | -1): void {
    for (const name of new Set(protocols.map((protocol) => protocol.name))) {
      const count = (this.#counts.get(name) ?? 0) + by;
      if (count === 0) this.#counts.delete(name);
      else this.#counts.set(name, count);
    }
  }
}
