import type { Clock } from '../../base/clock.ts';
import type { Api } from '../../protocol/api.ts';
import { errorMessage, errorName, isRetriable } from '../../protocol/errors.ts';
import type { Decoded, Encodable, Fields } from '../../protocol/field.ts';
import { retried } from './admin-retry.ts';
import type { BrokerConnections, Metadata } from './broker-connections.ts';
import { AdminError } from './cluster-admin.ts';

/**
 * Requests to the brokers of one cluster, tried again where that may help; what does not go well is an
 * AdminError.
 */
export class AdminRequests {
  readonly #clock: Clock;
  readonly #connections: BrokerConnections;

  constructor(clock: Clock, connections: BrokerConnections) {
    this.#clock = clock;
    this.#connections = connections;
  }

  /** Brokers that were alive when Metadata was last asked. */
  get brokers(): readonly number[] {
    return this.#connections.brokers;
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  /** Asks one broker, once. */
  ask<Req extends Fields, Res extends Fields>(
    broker: number,
    api: Api<Req, Res>,
    request: Encodable<Req>,
  ): Promise<Decoded<Res>> {
    return this.#connections.ask(broker, api, request);
  }

  metadata(topics: readonly string[] | null): Promise<Metadata> {
    return retried(this.#clock, async () => {
      const answer = await this.#connections.metadata(topics);
      check('Metadata', answer.errorCode, null);
      const known = answer.topics.filter(
        ({ errorCode }) => errorName(errorCode) !== 'UNKNOWN_TOPIC_OR_PARTITION',
      );
      for (const { name, errorCode } of known) check(`Metadata of ${name}`, errorCode, null);
      return { ...answer, topics: known };
    });
  }

  /** Metadata names as controller a broker that takes requests for it. */
  askController<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    request: Encodable<Req>,
    checkAnswer: (answer: Decoded<Res>) => void,
  ): Promise<Decoded<Res>> {
    return retried(this.#clock, async () => {
      const { controllerId } = await this.#connections.metadata([]);
      const answer = await this.#connections.ask(controllerId, api, request);
      checkAnswer(answer);
      return answer;
    });
  }

  /**
   * Asks brokers side by side; one that is not alive is named at once, one that answers nothing after
   * retries, or after `withinMs` without any: a process that hangs takes connections and answers nothing.
   */
  async onEach(
    brokers: readonly number[],
    { unreachable, withinMs }: { readonly unreachable: number[]; readonly withinMs?: number | undefined },
    ask: (broker: number) => Promise<void>,
  ): Promise<void> {
    if (brokers.length === 0) return;
    await this.metadata([]);
    const alive = new Set(this.#connections.brokers);
    unreachable.push(...brokers.filter((broker) => !alive.has(broker)));
    await Promise.all(
      brokers
        .filter((broker) => alive.has(broker))
        .map(async (broker) => {
          try {
            if (withinMs === undefined) await retried(this.#clock, () => ask(broker));
            else await this.#within(withinMs, ask(broker));
          } catch (error) {
            if (!(error instanceof AdminError) || !error.retriable) throw error;
            unreachable.push(broker);
          }
        }),
    );
  }

  async #within(ms: number, answer: Promise<void>): Promise<void> {
    let late = (_: AdminError): void => {};
    const end = new Promise<never>((_, reject) => {
      late = reject;
    });
    const timer = this.#clock.after(ms, () =>
      late(new AdminError(`no answer within ${ms} ms`, { retriable: true })),
    );
    try {
      await Promise.race([answer, end]);
    } finally {
      timer.cancel();
    }
  }
}

/** Throws the error of an answer as AdminError. */
export function check(what: string, code: number, message: string | null): void {
  const name = errorName(code);
  if (name === 'NONE') return;
  throw new AdminError(`${what}: ${name}: ${message ?? errorMessage(name)}`, {
    retriable: isRetriable(name),
  });
}
