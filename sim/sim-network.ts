import { assert } from '../src/base/assert.ts';
import { type Connection, type Listener, type Network, NetworkError } from '../src/base/network.ts';
import type { Random } from '../src/base/random.ts';
import { between, chance } from './chance.ts';
import { SimConnection } from './sim-connection.ts';
import type { SimProcess } from './sim-process.ts';

const FIRST_FREE_PORT = 40_000;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1', '0.0.0.0']);

/** What may go wrong on the network. The scenario may change it at any time. */
export interface NetworkFaults {
  /** The range of a segment's delay in milliseconds. Segments of one connection keep their order. */
  delayMs: readonly [number, number];
  /** Probability per segment that its delay is a hundred times as long. */
  slow: number;
  /** Probability per segment that it is lost and the connection is reset at both ends. */
  reset: number;
}

interface Listening {
  readonly process: SimProcess;
  readonly accept: (connection: Connection) => void;
}

/** The simulation as a network knows it. */
interface NetworkWorld {
  readonly time: number;
  readonly random: Random;
  chance(probability: number): boolean;
  schedule(ms: number, label: string, run: () => void): unknown;
  note(line: string): void;
  hostIfKnown(name: string): { readonly hasPower: boolean } | undefined;
}

/** TCP between simulated hosts: the name of a host is its address, and loopback is the host itself. */
export class SimNetwork {
  readonly simulation: NetworkWorld;
  readonly faults: NetworkFaults = { delayMs: [0.05, 1], slow: 0.01, reset: 0 };
  readonly #listening = new Map<string, Listening>();
  readonly #connections = new Set<SimConnection>();
  readonly #cuts = new Set<string>();
  readonly #late = new Map<string, number>();
  readonly #healed: (() => void)[] = [];
  #nextPort = FIRST_FREE_PORT;

  constructor(simulation: NetworkWorld) {
    this.simulation = simulation;
  }

  of(process: SimProcess): Network {
    return {
      listen: (address, accept) => this.#listen(process, plain(address), accept),
      connect: (address) => this.#connect(process, plain(address)),
    };
  }

  /** Segments from one host to the other wait until the cut is healed. */
  cut(from: string, to: string): void {
    this.simulation.note(`network cut ${from} -> ${to}`);
    this.#cuts.add(`${from} ${to}`);
  }

  cutBothWays(one: string, other: string): void {
    this.cut(one, other);
    this.cut(other, one);
  }

  /**
   * From now on, with this probability, a segment from one host to the other is on its way for seconds, and
   * everything behind it on its connection too. Meanwhile the sender may give the connection up, because it
   * got a reset or ended, and send the same over another connection: what it sent before is still delivered.
   */
  delay(from: string, to: string, probability: number): void {
    this.simulation.note(`network delays ${from} -> ${to}`);
    this.#late.set(`${from} ${to}`, probability);
  }

  /** Draws no random number if nothing is late, so that histories without late segments stay the same. */
  isLate(from: string, to: string): boolean {
    const probability = this.#late.get(`${from} ${to}`);
    return probability !== undefined && this.simulation.chance(probability);
  }

  delays(from: string, to: string): boolean {
    return this.#late.has(`${from} ${to}`);
  }

  healAll(): void {
    this.simulation.note('network healed');
    this.#cuts.clear();
    this.#late.clear();
    for (const resume of this.#healed.splice(0)) resume();
  }

  isCut(from: string, to: string): boolean {
    return this.#cuts.has(`${from} ${to}`);
  }

  whenHealed(resume: () => void): void {
    this.#healed.push(resume);
  }

  travelMs(): number {
    const ms = between(this.simulation.random, this.faults.delayMs);
    return this.simulation.chance(this.faults.slow) ? ms * 100 : ms;
  }

  /** Called when the port of the connection is free again. */
  forget(connection: SimConnection): void {
    this.#connections.delete(connection);
  }

  hostDied(host: SimProcess['host']): void {
    for (const [key, listening] of this.#listening) {
      if (listening.process.host === host) this.#listening.delete(key);
    }
    for (const connection of [...this.#connections]) {
      if (connection.host !== host.name) continue;
      this.#connections.delete(connection);
      // The kernel of a dead process resets its connections at once; a machine without power may send nothing
      // for long.
      const isSilent = !host.hasPower && this.simulation.chance(0.7);
      const silenceMs = isSilent ? between(this.simulation.random, [1000, 20_000]) : 0;
      connection.die(silenceMs);
    }
  }

  async #listen(
    process: SimProcess,
    address: { readonly host: string; readonly port: number },
    accept: (connection: Connection) => void,
  ): Promise<Listener> {
    const port = address.port === 0 ? this.#nextPort++ : address.port;
    const key = `${process.host.name}:${port}`;
    if (this.#listening.has(key)) throw new NetworkError('EADDRINUSE', `listen on ${key}`);
    const listening = { process, accept };
    this.#listening.set(key, listening);
    return {
      host: address.host,
      port,
      close: async () => {
        if (this.#listening.get(key) === listening) this.#listening.delete(key);
      },
    };
  }

  #connect(
    process: SimProcess,
    address: { readonly host: string; readonly port: number; readonly timeoutMs: number },
  ): Promise<Connection> {
    const from = process.host.name;
    const to = LOOPBACK.has(address.host) ? from : address.host;
    const key = `${to}:${address.port}`;
    return new Promise((resolve, reject) => {
      let client: SimConnection | undefined;
      const deadline = process.schedule(address.timeoutMs, `gives up connecting to ${key}`, () => {
        client?.destroy();
        reject(new NetworkError('ETIMEDOUT', `connect to ${key}: no answer in ${address.timeoutMs} ms`));
      });
      const answer = (run: () => void): void => {
        process.schedule(this.travelMs(), `hears from ${key}`, () => {
          if (this.isCut(to, from)) return;
          deadline.cancel();
          run();
        });
      };
      process.schedule(this.travelMs(), `knocks at ${key}`, () => {
        if (this.isCut(from, to)) return;
        const target = this.simulation.hostIfKnown(to);
        if (!target) {
          answer(() => reject(new NetworkError('ENOTFOUND', `connect to ${key}`)));
          return;
        }
        const listening = this.#listening.get(key);
        if (!listening) {
          // A machine that is off does not even refuse a connection.
          if (target.hasPower || chance(this.simulation.random, 0.5)) {
            answer(() => reject(new NetworkError('ECONNREFUSED', `connect to ${key}`)));
          }
          return;
        }
        const ends = this.#pair(
          { process, port: this.#nextPort++ },
          { process: listening.process, port: address.port },
        );
        client = ends.client;
        listening.process.whenRunning(() => listening.accept(ends.server));
        answer(() => resolve(ends.client));
      });
    });
  }

  #pair(client: { process: SimProcess; port: number }, server: { process: SimProcess; port: number }) {
    const ends = {
      client: new SimConnection(this, client.process, { host: server.process.host.name, port: server.port }),
      server: new SimConnection(this, server.process, { host: client.process.host.name, port: client.port }),
    };
    ends.client.peer = ends.server;
    ends.server.peer = ends.client;
    this.#connections.add(ends.client);
    this.#connections.add(ends.server);
    return ends;
  }
}

/** Refuses encryption: with it a scenario would prove nothing here. */
function plain<Address extends { readonly tls?: unknown }>(address: Address): Address {
  assert(address.tls === undefined, 'simulated networks have no TLS');
  return address;
}
