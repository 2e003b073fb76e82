/** What a plan of ports must pass over. */
export interface PortsInUse {
  /** The tens that another process is in, each with its taken port. */
  readonly busy: ReadonlyMap<number, number>;
  /** The tens that other searches are about to take. */
  readonly reserved: readonly number[];
}

/**
 * Finds tens of ports that nothing on this machine uses. Several searches go side by side: what one of them
 * probes is reserved, and no other plans with it.
 */
export class PortSearch {
  readonly #probe: (base: number) => Promise<number | null>;
  readonly #reserved = new Map<object, readonly number[]>();

  /** `probe`: the first port of a ten that another process has; null when there is none. */
  constructor(probe: (base: number) => Promise<number | null>) {
    this.#probe = probe;
  }

  /**
   * `plan` is asked again until every ten of it was found free; `take` then runs in the same turn, so its own
   * plan is that one. A plan is null when there are no ports left, which `take` finds out as well.
   */
  async find<T>(
    plan: (inUse: PortsInUse) => readonly number[] | null,
    take: (inUse: PortsInUse) => T,
  ): Promise<T> {
    const self = {};
    const busy = new Map<number, number>();
    const free = new Set<number>();
    try {
      for (;;) {
        const reserved = [...this.#reserved].flatMap(([other, bases]) => (other === self ? [] : bases));
        const bases = plan({ busy, reserved }) ?? [];
        const unknown = bases.filter((base) => !free.has(base));
        if (unknown.length === 0) return take({ busy, reserved });
        this.#reserved.set(self, bases);
        await Promise.all(
          unknown.map(async (base) => {
            const port = await this.#probe(base);
            if (port === null) free.add(base);
            else busy.set(base, port);
          }),
        );
      }
    } finally {
      this.#reserved.delete(self);
    }
  }
}
