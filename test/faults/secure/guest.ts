import { buildBatch } from '../../../src/protocol/records/record.ts';
import { Refused, WireClient } from '../../workloads/wire-client.ts';
import type { Workload } from '../../workloads/workload.ts';
import type { Guard, GuardedAcl } from './guard.ts';

const TOPIC = 'guestbook';
const USER = 'guest';
const RIGHT: GuardedAcl = {
  resourceType: 'TOPIC',
  resourceName: TOPIC,
  principal: `User:${USER}`,
  operation: 'WRITE',
};
/** The number of refusals that are expected after the right was removed and refused once. */
const REFUSALS = 10;

/**
 * A user who may write for a while, and then may not. A broker that has refused once accepts nothing until
 * the right is given again.
 */
export class Guest implements Workload {
  readonly name = 'rights that come and go';
  readonly topic = TOPIC;
  acknowledged = 0;
  readonly #owner: WireClient;
  readonly #guest: WireClient;
  readonly #guard: Guard;
  readonly #found: string[] = [];
  /** The values that were acknowledged with the right, and those that were tried without it. */
  readonly #allowed: string[] = [];
  readonly #forbidden = new Set<string>();
  #next = 0;

  static async open(owner: WireClient, guard: Guard): Promise<Guest> {
    await owner.createTopic(TOPIC, 1);
    return new Guest(owner, guard);
  }

  private constructor(owner: WireClient, guard: Guard) {
    this.#owner = owner;
    this.#guard = guard;
    this.#guest = new WireClient(guard.bootstrap.split(','), guard.login(USER).wire);
  }

  async step(): Promise<void> {
    await this.#guard.allow(RIGHT);
    const written = `${this.#next++}`;
    await this.#guest.retried(async () => this.#write((await this.#owner.leader(TOPIC, 0)).remote, written));
    this.#allowed.push(written);
    await this.#guard.forbid(RIGHT);
    const address = await this.#guest.retried(async () => {
      // The owner knows the leader, also while the guest may not see the topic.
      const { remote } = await this.#owner.leader(TOPIC, 0);
      if ((await this.#try(remote, `${this.#next++}`)) === 'written') throw new Refused('REQUEST_TIMED_OUT');
      return remote;
    });
    for (let i = 0; i < REFUSALS; i++) {
      const value = `${this.#next++}`;
      this.#forbidden.add(value);
      if ((await this.#try(address, value)) === 'written')
        this.#found.push(`${value} was taken after the right was gone and refused once`);
    }
    this.acknowledged++;
  }

  async violations(): Promise<string[]> {
    const there = new Set((await this.#owner.readAll(TOPIC, 0)).map(({ value }) => value ?? ''));
    return [
      ...this.#found,
      ...this.#allowed.filter((value) => !there.has(value)).map((value) => `${value} was lost`),
      ...[...this.#forbidden]
        .filter((value) => there.has(value))
        .map((value) => `${value} is there, and the right was gone`),
    ];
  }

  async close(): Promise<void> {
    await this.#guest.close();
  }

  async #write(address: string, value: string): Promise<void> {
    const records = buildBatch({
      records: [{ timestamp: Date.now(), key: null, value: Buffer.from(value) }],
    });
    await this.#guest.produceAt(address, { topic: TOPIC, partition: 0, records });
  }

  async #try(address: string, value: string): Promise<'written' | 'refused'> {
    try {
      await this.#write(address, value);
      return 'written';
    } catch (error) {
      if (error instanceof Refused && error.error === 'TOPIC_AUTHORIZATION_FAILED') return 'refused';
      throw error;
    }
  }
}
