/** Why a log was not made or opened. */
export type NotStored =
  | { readonly error: 'INCONSISTENT_TOPIC_ID' | 'KAFKA_STORAGE_ERROR'; readonly message: string }
  /**
   * Checkpoint files still speak of an earlier life of the folder, or a sync of that is under way, or the log
   * is not settled yet. To be asked again when `ready` resolves; it rejects when the device refuses.
   */
  | { readonly error: 'NOT_READY'; readonly message: string; readonly ready: Promise<void> };
