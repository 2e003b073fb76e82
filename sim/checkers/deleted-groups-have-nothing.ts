import type { Violations } from './violations.ts';

const NOTHING = -1;

/**
 * The committed offset of a group that is deleted now and then is one that the answers allow: the last
 * acknowledged commit, nothing after a deletion, or any of several outcomes whose order is not known.
 */
export class DeletedGroupsHaveNothing {
  readonly #violations: Violations;
  readonly #possible = new Map<string, readonly number[]>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  /**
   * The outcomes that were answered last and whose order is not known: committed offsets, or null for a
   * deletion.
   */
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
