/**
 * Why a log takes no more appends. `full`: the disk is; the file was cut back and the log goes on by itself
 * when there is room again. `write`: a write or truncation failed; the log must be closed and opened anew,
 * which recovers it. `sync`: what was written may or may not be on the device, and asking again proves
 * nothing (the kernel may have dropped the pages): the log must be opened anew, which writes it once more.
 * `read`: the device did not give back what lies there; only reads of it fail. `corrupt`: a batch that was
 * sound once no longer is; only reads of it fail. `open`: the log is not open, because its device refused
 * that, or refused to settle what an earlier failure left in doubt; it has taken no append since. The replica
 * is offline until it can be opened.
 */
export type StorageFault = 'full' | 'write' | 'sync' | 'read' | 'corrupt' | 'open';

export class StorageError extends Error {
  readonly fault: StorageFault;
  readonly directory: string;

  constructor(fault: StorageFault, directory: string, options?: ErrorOptions) {
    super(`${directory}: ${TEXT[fault]}`, options);
    this.fault = fault;
    this.directory = directory;
  }
}

const TEXT: Record<StorageFault, string> = {
  full: 'no space left',
  write: 'a write failed',
  sync: 'a sync failed',
  read: 'a read failed',
  corrupt: 'a batch is damaged',
  open: 'the log cannot be opened',
};

/**
 * Something derived from the log was not written: the epochs, an index. Unlike a failed sync of data this may
 * be tried again; the recovery point has not moved.
 */
export class CheckpointError extends Error {}
