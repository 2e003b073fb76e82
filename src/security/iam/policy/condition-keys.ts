/**
 * The condition keys that a broker knows of a request for `kafka-cluster`, and what they are, by their names
 * in lower case: AWS compares names of keys without regard to case.
 */
const CONDITION_KEYS = [
  /** Of whoever asks: the user, or the role that it assumed. */
  'aws:PrincipalArn',
  'aws:PrincipalAccount',
  /** `User` or `AssumedRole`. */
  'aws:PrincipalType',
  /** Of a user; roles have none. */
  'aws:username',
  /** The id of a user (`AIDA…`), or that of a role (`AROA…`), a colon and the name of the session. */
  'aws:userid',
  /** The address that the connection comes from. */
  'aws:SourceIp',
  /** True of clients of brokers, which come by TLS when they sign in by IAM; false of requests to STS. */
  'aws:SecureTransport',
  'aws:CurrentTime',
  'aws:EpochTime',
  'aws:RequestedRegion',
  /** The account of the cluster. */
  'aws:ResourceAccount',
] as const;

export type ConditionKey = (typeof CONDITION_KEYS)[number];

const KNOWN: ReadonlySet<string> = new Set(CONDITION_KEYS.map((key) => key.toLowerCase()));
/** What changes while nothing else does. */
const OF_TIME: ReadonlySet<string> = new Set(['aws:currenttime', 'aws:epochtime']);

export const KNOWN_KEYS_TEXT = CONDITION_KEYS.join(', ');

/** `key` in any case. */
export function isKnownKey(key: string): boolean {
  return KNOWN.has(key.toLowerCase());
}

/** `key` in lower case. */
export function isKeyOfTime(key: string): boolean {
  return OF_TIME.has(key);
}
