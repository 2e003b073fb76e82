/**
 * A store cannot be written (or read) now: its disk is full, or fails. What was wanted did not happen; it may
 * be tried again.
 */
export class StoreError extends Error {}
