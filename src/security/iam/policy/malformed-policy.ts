/**
 * Why a text is no policy: the sentence that IAM's MalformedPolicyDocument begins with, and where it is
 * wrong.
 */
export class MalformedPolicy {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** IAM's sentence for everything that its grammar does not have. */
export const SYNTAX = 'Syntax errors in policy.';

/** A place in a policy, for people: `Statement 2 (AllowRead), Condition`. */
export interface PolicyPlace {
  /** 1 for the first statement. */
  readonly number: number;
  readonly sid: string | null;
}

export function placeText({ number, sid }: PolicyPlace): string {
  return sid === null ? `Statement ${number}` : `Statement ${number} (${sid})`;
}
