import type { Timer } from '../base/clock.ts';
import type { Connection, Listener } from '../base/network.ts';
import type { Crash } from '../base/programmer-error.ts';
import type { ServerTlsSource } from '../base/tls.ts';
import type { World } from '../base/world.ts';
import { javaAddress } from '../security/java-address.ts';
import type { PeerIdentity } from '../security/peers/peer-identity.ts';
import { type Features, NO_FEATURES } from './api-versions.ts';
import { type Authorizer, allowAll } from './authorizer.ts';
import { type ConnectionHost, ServerConnection } from './connection.ts';
import { Dispatcher } from './dispatch.ts';
import { FrameBuffers } from './frame-reader.ts';
import { ConnectionGate } from './gate/connection-gate.ts';
import { type ConnectionLimits, NO_CONNECTION_LIMITS } from './gate/connection-limits.ts';
import { Repeats } from './gate/repeats.ts';
import { FAILURES_PER_SECOND, STRANGERS_MAX, Strangers } from './gate/strangers.ts';
import type { Handler, ListenerPurpose } from './handler.ts';
import { DEFAULT_LIMITS, type ServerLimits } from './limits.ts';
import { InputBudget } from './memory/input-budget.ts';
import { OutputBudget } from './memory/output-budget.ts';
import type { RequestTimeQuota } from './request-time.ts';
import type { AllRequestTimes } from './request-times.ts';
import { type SaslOptions, SaslSession } from './sasl/sasl-session.ts';

export interface ListenerOptions {
  readonly name: string;
  readonly purpose: ListenerPurpose;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Clients sign in before anything else; without it they are anonymous. */
  readonly sasl?: SaslOptions;
  /** Without it nothing is encrypted. */
  readonly tls?: ListenerTls;
}

/** How a listener encrypts, and who shows a valid certificate (DER): null when that is nobody, who is not let in. */
interface ListenerTls {
  readonly source: ServerTlsSource;
  /** `User:name` of a client, on a listener where clients do not sign in otherwise. */
  readonly principal?: (certificate: Uint8Array) => string | null;
  /** Which of its peers, on a listener for those of the cluster. */
  readonly peer?: (certificate: Uint8Array) => PeerIdentity | null;
}

export interface KafkaServerOptions<Context> extends Partial<Crash> {
  readonly handlers: readonly Handler<Context>[];
  readonly context: Context;
  readonly listeners: readonly ListenerOptions[];
  readonly limits?: Partial<ServerLimits>;
  /** Asked for each connection, so that a change is in force at once. */
  readonly connectionLimits?: (listenerName: string) => ConnectionLimits;
  readonly authorizer?: Authorizer;
  /** What ApiVersions says of features; asked for each answer. */
  readonly features?: () => Features;
  /** By the key of an API, the newest version that clients may use, and no API that is not in it; by default all that there is. */
  readonly clientVersions?: ReadonlyMap<number, number> | null;
  readonly requestTime?: RequestTimeQuota;
  /** Where the time that requests take is kept; by default it is not measured. */
  readonly requestTimes?: AllRequestTimes;
  /** Told of each connection that ended, by the id that requests have. */
  readonly closed?: (connectionId: string) => void;
}

/** Reads of small frames land here; 64 KiB is where larger stopped being faster. */
const SCRATCH_BYTES = 64 * 1024;
/** How often those are looked at that wait to be served: limits change, and times come. */
const ARRIVALS_MS = 50;
/** More than these are closed at once; the operating system would drop them, too. */
const ARRIVALS_MAX = 1024;
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
/** A client that has not signed in by then holds a place that others need. */
const SIGN_IN_MS = 30_000;
/** Principal of a connection that has not authenticated. */
const ANONYMOUS = 'User:ANONYMOUS';

/** Serves Kafka's protocol on any number of listeners with one table of handlers. */
export class KafkaServer<Context> {
  readonly dispatcher: Dispatcher<Context>;
  readonly limits: ServerLimits;
  readonly scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  readonly buffers = new FrameBuffers();
  readonly log: World['log'];

  readonly #world: World;
  readonly #options: KafkaServerOptions<Context>;
  readonly #connections = new Set<ServerConnection<Context>>();
  readonly #gate: ConnectionGate;
  readonly #refusals: Repeats;
  /** How connections end. */
  readonly endings: Repeats;
  readonly #strangers = new Strangers<ServerConnection<Context>>(hasComeIn);
  readonly #signInTimers = new Map<ServerConnection<Context>, Timer>();
  /** Connections that wait for a limit, the first to come first. */
  #arrivals: Arrival[] = [];
  #arrivalsTimer: Timer | undefined;
  readonly #listeners = new Map<string, Listener>();
  readonly #hosts = new Map<ListenerPurpose, ConnectionHost<Context>>();
  #nextConnection = 0;
  #idleTimer: Timer | undefined;
  #lookTimer: Timer | undefined;
  #stopped = false;
  /** Connections accepted before `serve`; nothing is read from them. */
  #held: ServerConnection<Context>[] | undefined = [];

  constructor(world: World, options: KafkaServerOptions<Context>) {
    this.#world = world;
    this.#options = options;
    this.log = world.log;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#refusals = new Repeats(world.clock, world.log);
    this.endings = new Repeats(world.clock, world.log);
    this.#gate = new ConnectionGate(
      options.connectionLimits ?? (() => NO_CONNECTION_LIMITS),
      (limit, comer) => this.#refused(limit, comer),
    );
    this.dispatcher = new Dispatcher({
      handlers: options.handlers,
      context: options.context,
      authorizer: options.authorizer ?? allowAll,
      features: options.features ?? (() => NO_FEATURES),
      clientVersions: options.clientVersions ?? null,
      requestTimes: options.requestTimes ?? null,
      ...(options.requestTime ? { requestTime: options.requestTime } : {}),
      world,
    });
  }

  /** `listen` and `serve` at once. */
  async start(): Promise<void> {
    await this.listen();
    this.serve();
  }

  /**
   * Listens on every listener; rejects with the NetworkError of the first that cannot, and then none is open. Who
   * connects is kept waiting until `serve`, so that addresses are known before there is anything to say.
   */
  async listen(): Promise<void> {
    try {
      for (const options of this.#options.listeners) {
        const { host, port, tls } = options;
        const listener = await this.#world.network.listen(
          { host, port, ...(tls ? { tls: tls.source } : {}) },
          (connection) => this.#accept(options, connection),
        );
        this.#listeners.set(options.name, listener);
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#sweepIdle();
    this.#lookForStalled(ASK_MS);
  }

  /** Begins to read requests. */
  serve(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const connection of held) connection.start();
  }

  /** The bound port of a listener. */
  port(listenerName: string): number {
    const listener = this.#listeners.get(listenerName);
    if (!listener) throw new Error(`no open listener ${listenerName}`);
    return listener.port;
  }

  /** PEM text of the certificates that listeners show now, by the listener's name. */
  get certificates(): ReadonlyMap<string, string> {
    return new Map(
      this.#options.listeners.flatMap(({ name, tls }) =>
        tls ? [[name, tls.source.current().identity.certificate] as const] : [],
      ),
    );
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Accepts nobody any more and closes every connection. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#idleTimer?.cancel();
    this.#lookTimer?.cancel();
    this.#arrivalsTimer?.cancel();
    this.#refusals.stop();
    this.endings.stop();
    for (const { connection } of this.#arrivals.splice(0)) connection.destroy();
    const closing = [...this.#listeners.values()].map((listener) => listener.close());
    for (const connection of [...this.#connections]) connection.destroy('the server stops');
    await Promise.all(closing);
  }

  closed(connection: ServerConnection<Context>): void {
    this.#connections.delete(connection);
    this.#signInTimers.get(connection)?.cancel();
    this.#signInTimers.delete(connection);
    const { origin } = connection;
    if (!origin.isPeer)
      this.#strangers.left(origin.clientHost, connection, {
        signsIn: origin.sasl !== null || this.#encrypts(origin.listenerName),
        now: this.#world.clock.monotonic(),
      });
    this.#gate.leave(origin);
    this.#admitArrivals();
    this.#options.closed?.(connection.origin.connectionId);
  }

  #accept(options: ListenerOptions, connection: Connection): void {
    if (this.#stopped) {
      connection.destroy();
      return;
    }
    const clientHost = javaAddress(connection.remoteHost);
    const from = { listenerName: options.name, clientHost };
    if (this.#arrivals.length >= ARRIVALS_MAX) {
      this.#refused(`${ARRIVALS_MAX} connections that wait for a limit`, from);
      connection.destroy();
      return;
    }
    if (
      options.purpose === 'client' &&
      this.#strangers.failsTooOften(clientHost, this.#world.clock.monotonic())
    ) {
      this.#refused(`${FAILURES_PER_SECOND} failed sign-ins a second`, from);
      connection.destroy();
      return;
    }
    this.#arrivals.push({ options, connection });
    this.#admitArrivals();
  }

  /** Serves those whose limits allow it; nobody overtakes another on the same listener. */
  #admitArrivals(): void {
    if (this.#stopped || this.#arrivals.length === 0) return;
    const now = this.#world.clock.monotonic();
    const full = new Set<string>();
    const waiting: Arrival[] = [];
    for (const arrival of this.#arrivals.splice(0)) {
      const { options, connection } = arrival;
      const comer = {
        listenerName: options.name,
        clientHost: javaAddress(connection.remoteHost),
        isPeer: options.purpose !== 'client',
      };
      const verdict = full.has(options.name) ? 'waits' : this.#gate.enter(comer, now);
      if (verdict === 'enters') this.#serve(options, connection, comer.clientHost);
      else if (verdict === 'closed') connection.destroy();
      else {
        full.add(options.name);
        waiting.push(arrival);
      }
    }
    this.#arrivals = waiting;
    this.#arrivalsTimer?.cancel();
    if (waiting.length > 0)
      this.#arrivalsTimer = this.#world.clock.after(ARRIVALS_MS, () => this.#admitArrivals());
  }

  #serve(options: ListenerOptions, connection: Connection, host: string): void {
    const port = this.#listeners.get(options.name)?.port ?? options.port;
    const sasl = options.sasl ? new SaslSession(this.#world, options.sasl) : null;
    const certified = options.tls ? whoIsCertified(connection, options.tls, sasl !== null) : null;
    const origin = {
      get principal() {
        // A node is one by its listener, and has no name that a user could have.
        if (options.purpose !== 'client') return ANONYMOUS;
        return sasl?.principal ?? certified?.().principal ?? ANONYMOUS;
      },
      get peer() {
        return certified?.().peer ?? null;
      },
      get refusal() {
        return certified?.().refusal ?? null;
      },
      sasl,
      clientHost: host,
      isPeer: options.purpose !== 'client',
      listener: options.purpose,
      listenerName: options.name,
      connectionId: `${options.host}:${port}-${host}:${connection.remotePort}-${this.#nextConnection++}`,
    };
    const served = new ServerConnection(this.#hostOf(options.purpose), connection, origin, () =>
      this.#world.clock.monotonic(),
    );
    this.#connections.add(served);
    if (sasl && !sasl.isOptional)
      this.#signInTimers.set(
        served,
        this.#world.clock.after(SIGN_IN_MS, () => {
          if (sasl.principal === null) served.destroy('the client did not sign in');
        }),
      );
    if (options.purpose === 'client') this.#makeRoom(served);
    if (this.#held) this.#held.push(served);
    else served.start();
  }

  /** Of an address with too many connections that have not come in, the first to come makes room for the newest. */
  #makeRoom(newest: ServerConnection<Context>): void {
    const { clientHost, listenerName } = newest.origin;
    const first = this.#strangers.came(clientHost, newest);
    if (!first) return;
    this.#refused(`${STRANGERS_MAX} connections that have not signed in or sent a request`, {
      listenerName,
      clientHost,
    });
    first.discard();
  }

  /** Says in the log which limit closes connections or makes them wait, and whose. */
  #refused(limit: string, { listenerName: listener, clientHost: from }: Refusal): void {
    this.#refusals.say('warn', 'a limit of connections was reached', { limit, listener, from });
  }

  #encrypts(listenerName: string): boolean {
    return this.#options.listeners.some(({ name, tls }) => name === listenerName && tls !== undefined);
  }

  /** connections.max.idle.ms, checked ten times in that time: exact enough, and one timer for all connections. */
  #sweepIdle(): void {
    this.#idleTimer?.cancel();
    if (this.#stopped || this.limits.idleMs < 0) return;
    this.#idleTimer = this.#world.clock.after(Math.max(this.limits.idleMs / 10, 1), () => {
      const now = this.#world.clock.monotonic();
      const { idleMs } = this.limits;
      for (const connection of [...this.#connections]) {
        connection.outputStalledMs(now);
        const { partSince, announcedBytes } = connection;
        if (connection.idle && connection.lastActiveAt < now - idleMs) connection.destroy('idle');
        else if (partSince !== null && now - partSince > idleMs + announcedBytes / FRAME_BYTES_PER_MS)
          connection.destroy('a request that does not end');
      }
      this.#sweepIdle();
    });
  }

  /** The memory of one kind of connections: clients that are slow cost followers nothing. */
  #hostOf(purpose: ListenerPurpose): ConnectionHost<Context> {
    const known = this.#hosts.get(purpose);
    if (known) return known;
    const host: ConnectionHost<Context> = {
      dispatcher: this.dispatcher,
      limits: this.limits,
      scratch: this.scratch,
      buffers: this.buffers,
      log: this.log,
      endings: this.endings,
      input: new InputBudget(this.limits.inputBytesMax),
      output: new OutputBudget(this.limits.allOutputBytesMax),
      after: (delayMs, run) => this.#world.clock.after(delayMs, run),
      closed: (connection) => this.closed(connection),
    };
    this.#hosts.set(purpose, host);
    return host;
  }

  /** As Kafka: whoever was silent for longest, where brokers have come or the limit was lowered. */
  #closeExcess(): void {
    const clients = [...this.#connections].filter(({ origin }) => origin.listener === 'client');
    const [first] = clients;
    const excess = first ? this.#gate.excess(first.origin.listenerName) : 0;
    if (excess === 0) return;
    clients.sort((a, b) => a.lastActiveAt - b.lastActiveAt);
    for (const connection of clients.slice(0, excess)) connection.destroy('there are too many connections');
  }

  /** While somebody waits for memory, who holds it and does not move is closed. */
  #lookForStalled(afterMs: number): void {
    this.#lookTimer = this.#world.clock.after(afterMs, () => {
      const now = this.#world.clock.monotonic();
      let isAwaited = false;
      this.#closeExcess();
      for (const [purpose, { input, output }] of this.#hosts) {
        if (!input.isAwaited && !output.isAwaited) continue;
        isAwaited = true;
        for (const connection of [...this.#connections]) {
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

interface Refusal {
  readonly listenerName: string;
  readonly clientHost: string;
}

interface Arrival {
  readonly options: ListenerOptions;
  readonly connection: Connection;
}

/** Where clients sign in, one that has; elsewhere one that has sent a request. */
function hasComeIn({ origin, hasSpoken }: Pick<ServerConnection<unknown>, 'origin' | 'hasSpoken'>): boolean {
  return origin.sasl ? origin.sasl.principal !== null : hasSpoken;
}

/** Who the certificate of a connection names; nobody when none was shown, and a refusal when one names nobody. */
interface Certified {
  readonly principal: string | null;
  readonly peer: PeerIdentity | null;
  readonly refusal: string | null;
}

const NOT_CERTIFIED: Certified = { principal: null, peer: null, refusal: null };

/** Worked out once; asked after the handshake. A client that signs in is no one by its certificate. */
function whoIsCertified(connection: Connection, tls: ListenerTls, signsIn: boolean): () => Certified {
  let known: Certified | undefined;
  return () => {
    known ??= connection.peerCertificate
      ? certified(connection.peerCertificate, tls, signsIn)
      : NOT_CERTIFIED;
    return known;
  };
}

function certified(certificate: Uint8Array, tls: ListenerTls, signsIn: boolean): Certified {
  if (tls.peer) {
    const peer = tls.peer(certificate);
    return { principal: null, peer, refusal: peer ? null : 'its certificate is of no node of this cluster' };
  }
  const principal = signsIn ? null : (tls.principal?.(certificate) ?? null);
  const isNobody = !signsIn && principal === null;
  return {
    principal,
    peer: null,
    refusal: isNobody ? 'no rule makes a principal of its certificate’s name' : null,
  };
}
