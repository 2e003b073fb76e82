import { silent } from '../../../src/base/log.ts';
import { KafkaConnection } from '../../../src/client/connection.ts';
import { ConnectionError } from '../../../src/client/connection-error.ts';
import { nodeWorld } from '../../../src/platform/node-world.ts';
import { metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { kcat } from '../../support/kafka-tools.ts';
import { REQUEST, Refused } from '../../workloads/wire-client.ts';
import type { Workload } from '../../workloads/workload.ts';
import type { Login } from '../login.ts';
import type { Guard } from './guard.ts';

/** One attempt in this many is made by a separate program. */
const KCAT_EVERY = 40;

/** A client without a password, or with a wrong one, that tries to connect all the time. */
export class Impostor implements Workload {
  readonly name = 'an impostor';
  readonly topic = 'history';
  /** The number of refusals. */
  acknowledged = 0;
  readonly #guard: Guard;
  readonly #found: string[] = [];
  readonly #ways: readonly (readonly [what: string, login: Login])[];
  #next = 0;

  constructor(guard: Guard) {
    this.#guard = guard;
    const nobody = guard.login('owner');
    this.#ways = [
      ['a wrong password', guard.login('owner', 'wrong')],
      ['the password of another', guard.login('owner', guard.passwordOf('mallory'))],
      ['a user that does not exist', guard.login('nobody', guard.passwordOf('owner'))],
      ['another case', guard.login('Owner', guard.passwordOf('owner'))],
      ['no password', guard.login('owner', '')],
      ['no sign-in', { ...nobody, wire: (host) => ({ ...nobody.wire(host), authenticate: async () => {} }) }],
    ];
  }

  async step(): Promise<void> {
    const n = this.#next++;
    const [what, login] = this.#ways[n % this.#ways.length] ?? [];
    if (what === undefined || !login) return;
    const isIn =
      n % KCAT_EVERY === 0 && what !== 'no sign-in'
        ? await this.#byKcat(login)
        : await this.#byWire(login, n);
    if (isIn) this.#found.push(`${what}: let in`);
    else this.acknowledged++;
  }

  async violations(): Promise<string[]> {
    return [...this.#found];
  }

  async #byWire(login: Login, n: number): Promise<boolean> {
    const brokers = this.#guard.bootstrap.split(',');
    const [host = '', port] = (brokers[n % brokers.length] ?? '').split(':');
    let connection: KafkaConnection;
    try {
      connection = await KafkaConnection.connect(nodeWorld(silent), {
        host,
        port: Number(port),
        clientId: 'impostor',
        ...REQUEST,
        ...login.wire(host),
      });
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      // Only an answer is a refusal; a broker that is away has answered nothing.
      if (
        error.cause instanceof Error &&
        'code' in error.cause &&
        error.cause.code === 'SASL_AUTHENTICATION_FAILED'
      )
        return false;
      throw new Refused('BROKER_NOT_AVAILABLE');
    }
    try {
      await connection.send(metadata, { topics: null }, REQUEST);
      return true;
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      return false;
    } finally {
      connection.close();
    }
  }

  async #byKcat(login: Login): Promise<boolean> {
    const args = [...login.kcat, '-b', this.#guard.bootstrap, '-C', '-t', 'history', '-o', 'beginning'];
    const { stdout } = await kcat([...args, '-c', '1', '-q', '-X', 'reconnect.backoff.max.ms=200'], {
      timeoutMs: 5000,
    });
    return stdout !== '';
  }
}
