import type { Violations } from './violations.ts';

/**
 * A topic that was deleted and one that was made later under its name have nothing in common: neither is
 * given a record of the other, and none of the former is answered for once its deletion was.
 */
export class LivesAreApart {
  readonly #violations: Violations;
  /** By record: the id of the topic that it was sent to. */
  readonly #sentTo = new Map<string, string>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  sent(topicId: string, value: string): void {
    this.#sentTo.set(value, topicId);
  }

  /** Somebody was shown the record in the topic with this id. */
  saw(where: string, topicId: string, value: string): void {
    const sentTo = this.#sentTo.get(value);
    if (sentTo !== topicId)
      this.#complain(`${where} shows ${value} in the topic ${topicId}; it was sent to ${sentTo ?? 'none'}`);
  }

  /** A broker that knows that the topic is deleted answered for its id as if it were there. */
  answered(where: string, topicId: string): void {
    this.#complain(`${where} answers for the topic ${topicId}, of whose deletion it knows`);
  }

  /** A broker has a replica of a topic that is deleted, though it knows of the deletion. */
  kept(where: string, topicId: string): void {
    this.#complain(`${where} has a replica of the topic ${topicId}, of whose deletion it knows`);
  }

  #complain(message: string): void {
    this.#violations.add('LivesAreApart', message);
  }
}
