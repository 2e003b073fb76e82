/**
 * Milliseconds in which a connector runs, or MSK Connect says why it does not. This is longer than it waits by
 * itself: five minutes for a new connector, and three for an update and three more for its way back. A test
 * that gives up before it fails on a slow machine for nothing.
 */
export const DECIDED_MS = 400_000;
