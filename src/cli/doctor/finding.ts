/** What a check found. */
export interface Finding {
  /** What was looked at: `open files`. */
  readonly check: string;
  /**
   * `error`: Millrace does not work so. `warning`: it works badly, or soon will not. `note`: worth knowing.
   */
  readonly level: 'ok' | 'note' | 'warning' | 'error';
  /** A sentence. */
  readonly found: string;
  /** What to do about it; null where there is nothing to do. */
  readonly advice: string | null;
}

export function ok(check: string, found: string): Finding {
  return { check, level: 'ok', found, advice: null };
}
