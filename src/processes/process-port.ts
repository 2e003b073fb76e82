/**
 * One process as its supervisor sees it, whatever runs in it and however its life is known: by a socket, by
 * the port that it serves or by its exit. The supervisor decides whether it shall run; the port starts,
 * watches and ends it.
 */
export interface ProcessPort {
  /** For people: `Broker 1`. */
  readonly name: string;
  /** Where it says why it ended. */
  readonly log: string;
  /**
   * One life: adopts the process that runs, or starts one, and tells what becomes of it. Resolves when it has
   * ended, or was ended for good reason: one that hangs, or should not be what it is. When `signal` is
   * aborted it resolves at once and leaves the process to `stop`,
   * `kill` or the next life, all of which find it.
   */
  live(heard: (report: LifeReport) => void, signal: AbortSignal): Promise<LifeEnd>;
  /** Asks the process to stop, whoever started it; none runs when this resolves. */
  stop(): Promise<void>;
  /** Ends the process without asking; none runs when this resolves. */
  kill(): Promise<void>;
}

export interface LifeReport {
  readonly pid: number;
  /** It does what it is there for. */
  readonly isReady: boolean;
}

export interface LifeEnd {
  /** For people: `it was ended by SIGKILL`. */
  readonly why: string;
  readonly isPortInUse?: boolean;
  /**
   * By a signal that nobody here sent: a person or a tool did, or the system where memory was short. It says
   * nothing against the process, unless it goes on and on.
   */
  readonly isKilled?: boolean;
}
