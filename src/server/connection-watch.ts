import type { Clock, Timer } from '../base/clock.ts';
import type { ConnectionHost, ServerConnection } from './connection.ts';
import type { ConnectionGate } from './gate/connection-gate.ts';
import type { ListenerPurpose } from './handler.ts';

/** The interval between looks at all connections while some of them wait for memory that others may hold. */
const LOOK_MS = 250;
/** The interval at which it is asked whether any connection waits for memory. */
const ASK_MS = 1000;
/**
 * While others wait for memory, a client that reads nothing of its answers for this long is closed. It can
 * connect and ask again.
 */
const STALLED_OUTPUT_MS = 10_000;
/**
 * While others wait for memory, a client is closed that has begun a frame and sent too little of it at this
 * many looks in a row.
 */
const SILENT_LOOKS = 20;
/**
 * The same for a client that has never completed a frame. It is smaller, because a connection that waits
 * behind hundreds of these waits for all of them.
 */
const SILENT_LOOKS_OF_STRANGERS = 4;
/** A large frame may take the idle time and, besides, the time that it needs at this rate. */
const FRAME_BYTES_PER_MS = 100;

/** The connections that are watched, and what they share. */
export interface WatchedConnections<Context> {
  readonly connections: ReadonlySet<ServerConnection<Context>>;
  /** The memory of each kind of connections. */
  readonly hosts: ReadonlyMap<ListenerPurpose, ConnectionHost<Context>>;
  readonly gate: ConnectionGate;
  /**
   * connections.max.idle.ms; below 0 no connection is closed for being idle. It is read at each look, so a
   * change is in force at once.
   */
  readonly idleMs: () => number;
}

/**
 * Closes connections of one server: idle ones, those that hold memory for which others wait, and those beyond
 * the limit.
 */
export class ConnectionWatch<Context> {
  readonly #clock: Clock;
  readonly #watched: WatchedConnections<Context>;
  #idleTimer: Timer | undefined;
  #lookTimer: Timer | undefined;
  #stopped = false;

  constructor(clock: Clock, watched: WatchedConnections<Context>) {
    this.#clock = clock;
    this.#watched = watched;
  }

  start(): void {
    this.#sweepIdle();
    this.#lookForStalled(ASK_MS);
  }

  stop(): void {
    this.#stopped = true;
    this.#idleTimer?.cancel();
    this.#lookTimer?.cancel();
  }

  /**
   * connections.max.idle.ms, checked ten times in that time: exact enough, and one timer for all connections.
   */
  #sweepIdle(): void {
    this.#idleTimer?.cancel();
    const { idleMs, connections } = this.#watched;
    if (this.#stopped || idleMs() < 0) return;
    this.#idleTimer = this.#clock.after(Math.max(idleMs() / 10, 1), () => {
      const now = this.#clock.monotonic();
      const maxMs = idleMs();
      for (const connection of [...connections]) {
        const { activity, announcedBytes } = connection;
        activity.outputStalledMs(now);
        const { partSince, lastActiveAt } = activity;
        if (connection.idle && lastActiveAt < now - maxMs) connection.destroy('idle');
        else if (partSince !== null && now - partSince > maxMs + announcedBytes / FRAME_BYTES_PER_MS)
          connection.destroy('a request that does not end');
      }
      this.#sweepIdle();
    });
  }

  /**
   * As in Kafka, the connection that was idle for longest is closed where there are more than the limit:
   * brokers connect beyond it, and it can be lowered.
   */
  #closeExcess(): void {
    const { connections, gate } = this.#watched;
    const clients = [...connections].filter(({ origin }) => origin.listener === 'client');
    const [first] = clients;
    const excess = first ? gate.excess(first.origin.listenerName) : 0;
    if (excess === 0) return;
    clients.sort((a, b) => a.activity.lastActiveAt - b.activity.lastActiveAt);
    for (const connection of clients.slice(0, excess)) connection.destroy('there are too many connections');
  }

  /** While a connection waits for memory, those that hold memory and make no progress are closed. */
  #lookForStalled(afterMs: number): void {
    this.#lookTimer = this.#clock.after(afterMs, () => {
      const { connections, hosts } = this.#watched;
      const now = this.#clock.monotonic();
      let isAwaited = false;
      this.#closeExcess();
      for (const [purpose, { input, output }] of hosts) {
        if (!input.isAwaited && !output.isAwaited) continue;
        isAwaited = true;
        for (const connection of [...connections]) {
          if (connection.origin.listener !== purpose) continue;
          const outputStalledMs = connection.activity.outputStalledMs(now);
          const looksSilent = connection.inputLooksSilent(FRAME_BYTES_PER_MS * LOOK_MS);
          if (output.isAwaited && outputStalledMs >= STALLED_OUTPUT_MS)
            connection.destroy('it does not take its answers, and others wait for the memory');
          else if (
            input.isAwaited &&
            looksSilent >= (connection.isKnown ? SILENT_LOOKS : SILENT_LOOKS_OF_STRANGERS)
          )
            connection.destroy('it does not send its request, and others wait for the memory');
        }
        input.probe();
      }
      if (!this.#stopped) this.#lookForStalled(isAwaited ? LOOK_MS : ASK_MS);
    });
  }
}
