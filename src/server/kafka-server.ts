import { javaAddress, networkOf } from '../base/java-address.ts';
import type { Connection, Listener } from '../base/network.ts';
import type { Crash } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import { type Features, NO_FEATURES } from './api-versions.ts';
import { type Authorizer, allowAll } from './authorizer.ts';
import { type ConnectionHost, ServerConnection } from './connection.ts';
import { connectionOrigin } from './connection-origin.ts';
import { ConnectionWatch } from './connection-watch.ts';
import { Dispatcher } from './dispatch.ts';
import { FrameBuffers } from './frame-reader.ts';
import { ARRIVALS_MAX, Arrivals } from './gate/arrivals.ts';
import { ConnectionGate } from './gate/connection-gate.ts';
import { type ConnectionLimits, NO_CONNECTION_LIMITS } from './gate/connection-limits.ts';
import { MetLimits } from './gate/met-limits.ts';
import { Repeats } from './gate/repeats.ts';
import { SignInDeadlines } from './gate/sign-in-deadlines.ts';
import { FAILURES_PER_SECOND, STRANGERS_MAX, Strangers } from './gate/strangers.ts';
import type { Handler, ListenerPurpose } from './handler.ts';
import { DEFAULT_LIMITS, type ServerLimits } from './limits.ts';
import type { ServerListenerOptions } from './listener-options.ts';
import { LoopTurn } from './loop-turn.ts';
import { InputBudget } from './memory/input-budget.ts';
import { OutputBudget } from './memory/output-budget.ts';
import type { RequestTimeQuota } from './request-time.ts';
import type { AllRequestTimes } from './request-times.ts';
import { SaslSession } from './sasl/sasl-session.ts';

export interface KafkaServerOptions<Context> extends Partial<Crash> {
  readonly handlers: readonly Handler<Context>[];
  readonly context: Context;
  readonly listeners: readonly ServerListenerOptions[];
  readonly limits?: Partial<ServerLimits>;
  /** Asked for each connection, so that a change is in force at once. */
  readonly connectionLimits?: (listenerName: string) => ConnectionLimits;
  readonly authorizer?: Authorizer;
  /** What ApiVersions says of features; asked for each answer. */
  readonly features?: () => Features;
  /**
   * By the key of an API, the newest version that clients may use, and no API that is not in it; by default
   * all that there is.
   */
  readonly clientVersions?: ReadonlyMap<number, number> | null;
  readonly requestTime?: RequestTimeQuota;
  /** Where the time that requests take is kept; by default it is not measured. */
  readonly requestTimes?: AllRequestTimes;
  /** Told of each connection that ended, by the id that requests have. */
  readonly closed?: (connectionId: string) => void;
}

/** Reads of small frames land here; 64 KiB is where larger stopped being faster. */
const SCRATCH_BYTES = 64 * 1024;

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
  readonly #limitsMet: MetLimits;
  readonly #failedSignIns = new Map<string, number>();
  /** Logs how connections ended. */
  readonly endings: Repeats;
  readonly #strangers = new Strangers<ServerConnection<Context>>(hasComeIn);
  readonly #deadlines: SignInDeadlines<ServerConnection<Context>>;
  readonly #arrivals: Arrivals<ServerListenerOptions>;
  readonly #watch: ConnectionWatch<Context>;
  readonly #listeners = new Map<string, Listener>();
  readonly #hosts = new Map<ListenerPurpose, ConnectionHost<Context>>();
  readonly #turn: LoopTurn;
  #nextConnection = 0;
  #stopped = false;
  /** Connections accepted before `serve`; nothing is read from them. */
  #held: ServerConnection<Context>[] | undefined = [];

  constructor(world: World, options: KafkaServerOptions<Context>) {
    this.#world = world;
    this.#options = options;
    this.log = world.log;
    this.#turn = new LoopTurn(world.clock);
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#limitsMet = new MetLimits(world.clock, world.log);
    this.#deadlines = new SignInDeadlines(world.clock);
    this.endings = new Repeats(world.clock, world.log);
    this.#gate = new ConnectionGate(
      options.connectionLimits ?? (() => NO_CONNECTION_LIMITS),
      (limit, comer) => this.#limitsMet.met(limit, comer),
    );
    this.#arrivals = new Arrivals(world.clock, this.#gate, (listener, connection, clientHost) =>
      this.#serve(listener, connection, clientHost),
    );
    this.#watch = new ConnectionWatch(world.clock, {
      connections: this.#connections,
      hosts: this.#hosts,
      gate: this.#gate,
      idleMs: () => this.limits.idleMs,
    });
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
   * Makes sure that every listener has a port: those with port 0 are opened, the others are opened and closed
   * again, so that a client is refused until `listen`. Rejects with the NetworkError of the first listener
   * that cannot be opened, and then none is open.
   */
  async claimPorts(): Promise<void> {
    await this.#openEach(async (options) => {
      if (options.port === 0) await this.#open(options);
      else await (await this.#bind(options, () => true)).close();
    });
  }

  /**
   * Listens on every listener; rejects with the NetworkError of the first that cannot, and then none is open.
   * Who connects is kept waiting until `serve`.
   */
  async listen(): Promise<void> {
    await this.#openEach(async (options) => {
      if (!this.#listeners.has(options.name)) await this.#open(options);
    });
    this.#watch.start();
  }

  /** Begins to read requests. */
  serve(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const connection of held) connection.start();
  }

  /** The port of a listener; of one with port 0 once it is open. */
  port(listenerName: string): number {
    const told = this.#options.listeners.find(({ name }) => name === listenerName)?.port;
    const port = this.#listeners.get(listenerName)?.port ?? told;
    if (!port) throw new Error(`no open listener ${listenerName}`);
    return port;
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

  /**
   * How often each limit closed a connection, or found that one has to wait (it is looked at every 50 ms), by
   * the limit's name.
   */
  get limitsMet(): ReadonlyMap<string, number> {
    return this.#limitsMet.counts;
  }

  /**
   * How many clients left a listener on which they sign in or shake hands without having done so, by its
   * name.
   */
  get failedSignIns(): ReadonlyMap<string, number> {
    return this.#failedSignIns;
  }

  /** Accepts nobody any more and closes every connection. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#watch.stop();
    this.#limitsMet.stop();
    this.endings.stop();
    this.#arrivals.stop();
    const closing = [...this.#listeners.values()].map((listener) => listener.close());
    for (const connection of [...this.#connections]) connection.destroy('the server stops');
    await Promise.all(closing);
  }

  /** Closes the connections of clients that may not stay signed in. */
  closeLapsed(): void {
    for (const connection of [...this.#connections])
      if (connection.origin.sasl?.hasLapsed) connection.destroy('who signed in is not there any more');
  }

  closed(connection: ServerConnection<Context>): void {
    this.#connections.delete(connection);
    this.#deadlines.end(connection);
    const { origin } = connection;
    if (!origin.isPeer) {
      const signsIn = origin.sasl !== null || this.#encrypts(origin.listenerName);
      const now = this.#world.clock.monotonic();
      this.#strangers.left(networkOf(origin.clientHost), connection, { signsIn, now });
      if (signsIn && !hasComeIn(connection)) countOne(this.#failedSignIns, origin.listenerName);
    }
    this.#gate.leave(origin);
    this.#arrivals.admit();
    this.#options.closed?.(connection.origin.connectionId);
  }

  async #openEach(open: (options: ServerListenerOptions) => Promise<void>): Promise<void> {
    try {
      for (const options of this.#options.listeners) await open(options);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async #open(options: ServerListenerOptions): Promise<void> {
    const refuses = (remoteHost: string) => this.#refuses(options, javaAddress(remoteHost));
    this.#listeners.set(options.name, await this.#bind(options, refuses));
  }

  #bind(options: ServerListenerOptions, refuses: (remoteHost: string) => boolean): Promise<Listener> {
    const { host, port, tls } = options;
    const address = { host, port, ...(tls ? { tls: tls.source } : {}), refuses };
    return this.#world.network.listen(address, (connection) => this.#accept(options, connection));
  }

  #accept(options: ServerListenerOptions, connection: Connection): void {
    if (this.#stopped) {
      connection.destroy();
      return;
    }
    // Since it came, others of its address may have failed.
    if (this.#refuses(options, javaAddress(connection.remoteHost))) {
      connection.destroy();
      return;
    }
    this.#arrivals.came(options, connection);
  }

  /** Whether a connection from there is closed without being looked at; the log says which limit that is. */
  #refuses({ name: listenerName, purpose }: ServerListenerOptions, clientHost: string): boolean {
    const limit = this.#arrivals.isFull
      ? `${ARRIVALS_MAX} connections that wait for a limit`
      : purpose === 'client' &&
          this.#strangers.failsTooOften(networkOf(clientHost), this.#world.clock.monotonic())
        ? `${FAILURES_PER_SECOND} failed sign-ins a second`
        : null;
    if (limit !== null) this.#limitsMet.met(limit, { listenerName, clientHost });
    return limit !== null;
  }

  #serve(options: ServerListenerOptions, connection: Connection, host: string): void {
    const port = this.#listeners.get(options.name)?.port ?? options.port;
    const sasl = options.sasl ? new SaslSession(this.#world, options.sasl, host) : null;
    const connectionNumber = this.#nextConnection++;
    const origin = connectionOrigin(options, connection, {
      clientHost: host,
      sasl,
      connectionId: `${options.host}:${port}-${host}:${connection.remotePort}-${connectionNumber}`,
      connectionNumber,
    });
    const served = new ServerConnection(this.#hostOf(options.purpose), connection, origin, () =>
      this.#world.clock.monotonic(),
    );
    this.#connections.add(served);
    if (sasl && !sasl.isOptional)
      // Thousands that came together are late together.
      this.#deadlines.begin(served, () =>
        connection.inTurn(() => {
          if (sasl.principal === null) served.destroy('the client did not sign in');
        }),
      );
    if (options.purpose === 'client') this.#makeRoom(served);
    if (this.#held) this.#held.push(served);
    else served.start();
  }

  /**
   * Of an address with too many connections that have not come in, the first to come makes room for the
   * newest.
   */
  #makeRoom(newest: ServerConnection<Context>): void {
    const { clientHost, listenerName } = newest.origin;
    const first = this.#strangers.came(networkOf(clientHost), newest);
    if (!first) return;
    this.#limitsMet.met(`${STRANGERS_MAX} connections that have not signed in or sent a request`, {
      listenerName,
      clientHost,
    });
    first.discard();
  }

  #encrypts(listenerName: string): boolean {
    return this.#options.listeners.some(({ name, tls }) => name === listenerName && tls !== undefined);
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
      turn: this.#turn,
      after: (delayMs, run) => this.#world.clock.after(delayMs, run),
      closed: (connection) => this.closed(connection),
    };
    this.#hosts.set(purpose, host);
    return host;
  }
}

function countOne(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

/** Whether the client is known: it has signed in or, where clients do not sign in, has sent a request. */
function hasComeIn({ origin, hasSpoken }: Pick<ServerConnection<unknown>, 'origin' | 'hasSpoken'>): boolean {
  return origin.sasl ? origin.sasl.principal !== null : hasSpoken;
}
