/** How operations on records are carried out. */
export interface Attempts {
  /**
   * At once; a promise where that failed for the moment, and it is tried again later. Throws or rejects with
   * what the last attempt throws.
   */
  run<Input, Output>(operation: (input: Input) => Output, input: Input): Output | Promise<Output>;
}

/** Once, whatever comes of it. */
export const ONCE: Attempts = { run: (operation, input) => operation(input) };
