import { apis } from '../../../src/protocol/apis.ts';
import { type ErrorName, errorName } from '../../../src/protocol/errors.ts';
import { buildBatch } from '../../../src/protocol/records/record.ts';
import { accept, REQUEST, type WireClient } from '../../workloads/wire-client.ts';
import type { Workload } from '../../workloads/workload.ts';
import { ATTEMPTS, type Target } from './attempts.ts';

const OWN_TOPIC = 'own';
/** The prefix of every name and value that mallory writes. */
const MARK = 'mallory';
/** The number of attempts between two writes to her own topic. */
const OWN_EVERY = 10;
/** The number of rounds of all attempts after which each must have been refused for lack of rights. */
const ENOUGH_ROUNDS = 5;

/**
 * A user who has a topic of her own and asks for everything else all the time: every request is refused, and
 * in the end nothing of hers is anywhere else.
 */
export class Intruder implements Workload {
  readonly name = 'a user without rights';
  readonly topic = OWN_TOPIC;
  /** The number of attempts that were refused for lack of rights, and of records in her own topic. */
  acknowledged = 0;
  readonly #owner: WireClient;
  readonly #mallory: WireClient;
  readonly #on: Pick<Target, 'topic' | 'group' | 'transactionalId' | 'others'>;
  readonly #found: string[] = [];
  readonly #refusals = new Map<string, Set<ErrorName>>();
  #next = 0;
  #attempts = 0;

  static async open(
    owner: WireClient,
    mallory: WireClient,
    on: Pick<Target, 'topic' | 'group' | 'transactionalId' | 'others'>,
  ): Promise<Intruder> {
    await owner.createTopic(OWN_TOPIC, 1);
    return new Intruder(owner, mallory, on);
  }

  private constructor(
    owner: WireClient,
    mallory: WireClient,
    on: Pick<Target, 'topic' | 'group' | 'transactionalId' | 'others'>,
  ) {
    this.#owner = owner;
    this.#mallory = mallory;
    this.#on = on;
  }

  async step(): Promise<void> {
    const n = this.#next++;
    if (n % OWN_EVERY === 0) await this.#writeOwn(n);
    const target = await this.#target(`${MARK}-${n}`);
    const names = Object.keys(ATTEMPTS);
    const name = names[this.#attempts++ % names.length] ?? '';
    const attempt = ATTEMPTS[name];
    if (!attempt) return;
    const answer = await attempt(this.#mallory, target);
    const errors = errorsIn(answer);
    if (errors.length === 0) this.#found.push(`${name}: ${short(answer)}`);
    if (hasRecords(answer)) this.#found.push(`${name} got records: ${short(answer)}`);
    const known = this.#refusals.get(name) ?? new Set();
    this.#refusals.set(name, known);
    for (const error of errors) known.add(error);
    if (errors.some((error) => error.endsWith('AUTHORIZATION_FAILED'))) this.acknowledged++;
  }

  async violations(): Promise<string[]> {
    const found = [...this.#found];
    const { topics } = await this.#owner.retried(async () =>
      (await this.#owner.any()).send(apis.metadata, { topics: null }, REQUEST),
    );
    for (const { name } of topics) if (name?.startsWith(MARK)) found.push(`the topic ${name} was made`);
    const seen = await this.#owner.retried(async () =>
      (await this.#mallory.any()).send(apis.metadata, { topics: null }, REQUEST),
    );
    for (const { name } of seen.topics) if (name !== OWN_TOPIC) found.push(`the topic ${name} was listed`);
    for (const { name, partitions } of topics) {
      if (name === null || name === OWN_TOPIC || name.startsWith('__')) continue;
      // The check of the history reads this topic, and knows every value of it.
      if (name === this.#on.topic) continue;
      for (const { partitionIndex } of partitions)
        for (const { value } of await this.#owner.readAll(name, partitionIndex))
          if (value?.startsWith(MARK)) found.push(`${value} is in ${name}`);
    }
    // Faults may fail some attempts of the first rounds.
    if (this.acknowledged >= ENOUGH_ROUNDS * Object.keys(ATTEMPTS).length) found.push(...this.#unproved());
    return found;
  }

  /** The attempts that were never refused for lack of rights: the run has proved nothing about them. */
  #unproved(): string[] {
    return Object.keys(ATTEMPTS)
      .map((name) => [name, [...(this.#refusals.get(name) ?? [])]] as const)
      .filter(([, errors]) => !errors.some((error) => PROOFS.includes(error)))
      .map(([name, errors]) => `${name}: ${errors.join(', ') || 'not asked'}`);
  }

  /** Does what she has the right to. */
  async #writeOwn(n: number): Promise<void> {
    const value = Buffer.from(`${MARK}-${n}`);
    const records = buildBatch({ records: [{ timestamp: Date.now(), key: null, value }] });
    const leader = await this.#mallory.leader(OWN_TOPIC, 0);
    const topicData = [{ name: OWN_TOPIC, partitionData: [{ index: 0, records }] }];
    const answer = await leader.send(
      apis.produce,
      { transactionalId: null, acks: -1, timeoutMs: 5000, topicData },
      { ...REQUEST, version: 11 },
    );
    accept(answer.responses[0]?.partitionResponses[0]?.errorCode);
    this.acknowledged++;
  }

  async #target(value: string): Promise<Target> {
    const { topic, group, transactionalId } = this.#on;
    const { topics } = await (await this.#owner.any()).send(
      apis.metadata,
      { topics: [{ name: topic }] },
      REQUEST,
    );
    accept(topics[0]?.errorCode);
    return {
      ...this.#on,
      value,
      topicId: topics[0]?.topicId ?? '',
      leader: (await this.#owner.leader(topic, 0)).remote,
      groupCoordinator: (await this.#owner.coordinator('group', group)).remote,
      transactionCoordinator: (await this.#owner.coordinator('transaction', transactionalId)).remote,
    };
  }
}

/**
 * Errors that prove that rights were checked: a client that may not see a topic is told that there is no
 * topic with this id.
 */
const PROOFS: readonly ErrorName[] = [
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'UNKNOWN_TOPIC_ID',
];

/** All error codes anywhere in an answer. */
function errorsIn(answer: unknown, name = ''): ErrorName[] {
  if (typeof answer === 'number') return /errorCode$/i.test(name) && answer !== 0 ? [errorName(answer)] : [];
  if (typeof answer !== 'object' || answer === null || answer instanceof Uint8Array) return [];
  return Object.entries(answer).flatMap(([key, inner]) => errorsIn(inner, key));
}

function hasRecords(answer: unknown, name = ''): boolean {
  if (answer instanceof Uint8Array) return name === 'records' && answer.length > 0;
  if (typeof answer !== 'object' || answer === null) return false;
  return Object.entries(answer).some(([key, inner]) => hasRecords(inner, key));
}

function short(answer: unknown): string {
  return JSON.stringify(answer, (_, value) => (typeof value === 'bigint' ? Number(value) : value)).slice(
    0,
    400,
  );
}
