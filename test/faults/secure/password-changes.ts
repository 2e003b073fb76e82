import { buildBatch } from '../../../src/protocol/records/record.ts';
import { WireClient } from '../../workloads/wire-client.ts';
import type { Workload } from '../../workloads/workload.ts';
import type { Guard } from './guard.ts';

const TOPIC = 'journal';
const USER = 'changing';
/** The number of sign-ins between two changes of the password. */
const RECORDS = 20;

/**
 * A user whose password changes again and again. The new password is accepted, and a broker that has accepted
 * it once refuses the one before. What was acknowledged is in the topic.
 */
export class PasswordChanges implements Workload {
  readonly name = 'changed passwords';
  readonly topic = TOPIC;
  acknowledged = 0;
  readonly #owner: WireClient;
  readonly #guard: Guard;
  readonly #found: string[] = [];
  readonly #written: string[] = [];

  static async open(owner: WireClient, guard: Guard): Promise<PasswordChanges> {
    await owner.createTopic(TOPIC, 1);
    return new PasswordChanges(owner, guard);
  }

  private constructor(owner: WireClient, guard: Guard) {
    this.#owner = owner;
    this.#guard = guard;
  }

  async step(): Promise<void> {
    const before = this.#guard.login(USER);
    const password = await this.#guard.changePassword(USER);
    const now = this.#guard.login(USER, password);
    const client = new WireClient(this.#guard.bootstrap.split(','), now.wire);
    const { remote } = await client.retried(() => client.leader(TOPIC, 0));
    const old = new WireClient([remote], before.wire);
    const isIn = await old.connectTo(remote).then(
      () => true,
      () => false,
    );
    if (isIn) this.#found.push(`${remote} took the password from before after it had taken the new one`);
    await old.close();
    for (let i = 0; i < RECORDS; i++) {
      const value = `${this.#written.length} ${password.length}`;
      const records = buildBatch({
        records: [{ timestamp: Date.now(), key: null, value: Buffer.from(value) }],
      });
      await client.retried(() => client.produce(TOPIC, 0, records));
      this.#written.push(value);
    }
    await client.close();
    this.acknowledged++;
  }

  async violations(): Promise<string[]> {
    const there = new Set((await this.#owner.readAll(TOPIC, 0)).map(({ value }) => value));
    const lost = this.#written.filter((value) => !there.has(value)).map((value) => `${value} was lost`);
    return [...this.#found, ...lost];
  }
}
