/** How a controller or broker process ends. */
export const NODE_EXIT = {
  stopped: 0,
  failed: 1,
  /** Another process holds the lock of the folder (EX_TEMPFAIL). */
  locked: 75,
} as const;
