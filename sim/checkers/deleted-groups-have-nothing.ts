import type { Violations } from './violations.ts';

const NOTHING = -1;

/**
 * The committed offset of one group that is deleted now and then is one of those that it may have: the last
 * commit that was acknowledged, or nothing after a deletion, or what had no order among each other.
 */
export class DeletedGroupsHaveNothing {
  readonly #violations: Violations;
  readonly #possible = new Map<string, readonly number[]>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  /** What was answered last and had no order among each other: offsets that were committed, null for a deletion. */
  settled(group: string, outcomes: readonly (number | null)[]): void {
    this.#possible.set(
      group,
      outcomes.map((outcome) => outcome ?? NOTHING),
    );
  }

  fetched(group: string, offset: number): void {
    const possible = this.#possible.get(group) ?? [NOTHING];
    if (!possible.includes(offset))
      this.#violations.add(
        'DeletedGroupsHaveNothing',
        `${offset} was fetched for ${group}, which may have ${possible.join(' or ')}`,
      );
  }
}
