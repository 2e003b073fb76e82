/** Who obeys a config, and when. Every config says so: none is accepted in silence. */
export type Obedience =
  /** A change while the broker runs is in force at once. Only configs that can be changed then say this. */
  | { readonly when: 'live' }
  /** Read when the broker starts. Only configs that cannot be changed while brokers run may say this. */
  | { readonly when: 'at start' }
  /**
   * Accepted, since tools and copied configurations carry it, and without effect; the reason is told in its
   * documentation.
   */
  | { readonly when: 'never'; readonly reason: string }
  /** Any value but the default is INVALID_CONFIG with the reason: what it asks for is not built. */
  | { readonly when: 'refused'; readonly reason: string };

export const live: Obedience = { when: 'live' };
export const atStart: Obedience = { when: 'at start' };

/** `reason` is a sentence without its full stop, as in a list of reasons. */
export function noEffect(reason: string): Obedience {
  return { when: 'never', reason };
}

/** `reason` is a sentence without its full stop: it becomes part of an error message. */
export function refused(reason: string): Obedience {
  return { when: 'refused', reason };
}
