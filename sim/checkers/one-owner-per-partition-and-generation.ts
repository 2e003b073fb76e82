import type { Violations } from './violations.ts';

/** In one generation of a group each partition is given to one member only. */
export class OneOwnerPerPartitionAndGeneration {
  readonly #violations: Violations;
  readonly #owners = new Map<string, string>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  given(group: string, generation: number, partition: string, member: string): void {
    const key = `${partition} of ${group} in generation ${generation}`;
    const known = this.#owners.get(key);
    if (known !== undefined && known !== member)
      this.#violations.add('OneOwnerPerPartitionAndGeneration', `${key} belongs to ${known} and ${member}`);
    this.#owners.set(key, member);
  }
}
