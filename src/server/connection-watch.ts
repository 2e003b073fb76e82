import type { Clock, Timer } from '../base/clock.ts';
import type { ConnectionHost, ServerConnection } from './connection.ts';
import type { ConnectionGate } from './gate/connection-gate.ts';
import type { ListenerPurpose } from './handler.ts';

/** How often connections are looked at while others wait for the memory that these may hold. */
const LOOK_MS = 250;
/** How often it is asked whether any do. */
const ASK_MS = 1000;
/** Then a client that takes nothing of its answers for so long is closed; it connects again and asks again. */
const STALLED_OUTPUT_MS = 10_000;
/** And one that so many times in a row had sent too little of a frame that it began. */
const SILENT_LOOKS = 20;
/** So many when it has never ended one: whoever waits behind hundreds of them waits seconds. */
const SILENT_LOOKS_OF_STRANGERS = 4;
/** The slowest link on which a large frame is waited for, beside what an idle connection may take. */
const FRAME_BYTES_PER_MS = 100;

/** The connections that are watched, and what they share. */
export interface WatchedConnections<Context> {
  readonly connections: ReadonlySet<ServerConnection<Context>>;
  /** The memory of each kind of connections. */
  readonly hosts: ReadonlyMap<ListenerPurpose, ConnectionHost<Context>>;
  readonly gate: ConnectionGate;
  /** connections.max.idle.ms; below 0 nobody is idle for too long. Asked each time. */
  readonly idleMs: () => number;
}

/** Closes connections of one server: idle ones, those that hold memory for which others wait, and those beyond the limit. */
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

  /** connections.max.idle.ms, checked ten times in that time: exact enough, and one timer for all connections. */
  #sweepIdle(): void {
    this.#idleTimer?.cancel();
    const { idleMs, connections } = this.#watched;
    if (this.#stopped || idleMs() < 0) return;
    this.#idleTimer = this.#clock.after(Math.max(idleMs() / 10, 1), () => {
      const now = this.#clock.monotonic();
      const maxMs = idleMs();
      for (const connection of [...connections]) {
        connection.outputStalledMs(now);
        const { partSince, announcedBytes } = connection;
        if (connection.idle && connection.lastActiveAt < now - maxMs) connection.destroy('idle');
        else if (partSince !== null && now - partSince > maxMs + announcedBytes / FRAME_BYTES_PER_MS)
          connection.destroy('a request that does not end');
      }
      this.#sweepIdle();
    });
  }

  /** As Kafka: whoever was silent for longest, where brokers have come or the limit was lowered. */
  #closeExcess(): void {
    const { connections, gate } = this.#watched;
    const clients = [...connections].filter(({ origin }) => origin.listener === 'client');
    const [first] = clients;
    const excess = first ? gate.excess(first.origin.listenerName) : 0;
    if (excess === 0) return;
    clients.sort((a, b) => a.lastActiveAt - b.lastActiveAt);
    for (const connection of clients.slice(0, excess)) connection.destroy('there are too many connections');
  }

  /** While somebody waits for memory, who holds it and does not move is closed. */
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
          const outputStalledMs = connection.outputStalledMs(now);
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
