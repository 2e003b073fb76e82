import type { Violations } from './violations.ts';

export interface AppendedRecord {
  readonly producer: string;
  readonly value: string;
  /** The time, in milliseconds, when a leader appended it. */
  readonly appendedAt: number;
}

/**
 * A batch that is sent again while its producer is remembered is not written again: it is answered with the
 * offset of the first time, and the log has each record once. A producer is remembered for
 * `producer.id.expiration.ms` after the last batch that it wrote to the partition.
 */
export class RetriesAreNotDoubled {
  readonly #violations: Violations;
  readonly #expirationMs: number;

  constructor(violations: Violations, options: { readonly expirationMs: number }) {
    this.#violations = violations;
    this.#expirationMs = options.expirationMs;
  }

  /** A record that lies at `before` was sent again and taken, while its producer was remembered. */
  taken(value: string, { offset, before }: { readonly offset: number; readonly before: number }): void {
    if (offset !== before)
      this.#complain(`${value} lies at ${before}, and was written at ${offset} when it was sent again`);
  }

  /** `records`: all that a replica of the partition holds, in the order of the log. */
  check(where: string, records: Iterable<AppendedRecord>): void {
    const seen = new Set<string>();
    const lastWritten = new Map<string, number>();
    for (const { producer, value, appendedAt } of records) {
      const silentMs = appendedAt - (lastWritten.get(producer) ?? appendedAt);
      if (seen.has(value) && silentMs < this.#expirationMs)
        this.#complain(`${where} holds ${value} twice, and its producer was silent for ${silentMs} ms only`);
      seen.add(value);
      lastWritten.set(producer, appendedAt);
    }
  }

  #complain(message: string): void {
    this.#violations.add('RetriesAreNotDoubled', message);
  }
}
