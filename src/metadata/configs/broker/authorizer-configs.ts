import { bool, string } from '../config-key.ts';
import { atStart } from '../config-obedience.ts';

/** Kafka's StandardAuthorizer reads these itself; its broker configs do not list them. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const authorizerConfigs = {
  allowEveryoneIfNoAclFound: bool('allow.everyone.if.no.acl.found', false, 'Whether a resource without an ACL is open to everybody.', atStart, { internal: true }),
  superUsers: string('super.users', '', 'Principals that may do everything, between semicolons.', atStart, { internal: true }),
} as const;
