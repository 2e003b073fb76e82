/** The most characters that IAM lets policies have, white space apart. */
export const POLICY_CHARACTERS_MAX = {
  /** One managed policy. */
  managed: 6144,
  /** All inline policies of a user together. */
  user: 2048,
  /** All inline policies of a role together. */
  role: 10_240,
  /** The trust policy of a role. */
  trust: 2048,
  /** The policy of one session, as AssumeRole takes it. */
  session: 2048,
} as const;

/** How long IAM takes a policy for: it does not count white space. */
export function policyCharacters(text: string): number {
  return text.replace(/\s/g, '').length;
}
