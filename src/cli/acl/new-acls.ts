import type { Given, Option } from '../command.ts';
import { type Need, needsOfRoles, operationsOf, patternTypeOf, resourcesOf, usage } from './acl-options.ts';

/** Whom an ACL is about, in the words of kafka-acls. */
export const PRINCIPAL_OPTIONS = {
  'allow-principal': { value: 'PRINCIPAL', help: 'Who may: User:alice, or "User:*".', repeats: true },
  'allow-host': { value: 'IP', help: 'From where; every address if it is not given.', repeats: true },
  'deny-principal': { value: 'PRINCIPAL', help: 'Who may not, whatever else allows it.', repeats: true },
  'deny-host': { value: 'IP', help: 'From where; every address if it is not given.', repeats: true },
} as const satisfies Readonly<Record<string, Option>>;

/** What an entry says of a principal. */
export interface Entry {
  readonly principal: string;
  readonly host: string;
  readonly permissionType: 'ALLOW' | 'DENY';
}

/** An ACL in the API's words. */
export interface AclView extends Entry {
  readonly resourceType: string;
  readonly resourceName: string;
  readonly patternType: string;
  readonly operation: string;
}

/**
 * The ACLs that the command line describes: each principal from each host, each operation, each resource.
 * Throws Failure.
 */
export function newAcls(given: Given): AclView[] {
  const entries = entriesOf(given);
  if (entries.length === 0) throw usage('Name --allow-principal or --deny-principal.');
  const roles = needsOfRoles(given);
  if (roles && entries.some(({ permissionType }) => permissionType === 'DENY'))
    throw usage('--producer and --consumer allow: leave --deny-principal and --deny-host out.');
  const needs = roles ?? needsOf(given);
  const patternType = patternTypeOf(given, ['literal', 'prefixed']);
  return needs.flatMap(({ operation = 'ALL', resourceType, resourceName }) =>
    entries.map((entry) => ({
      resourceType,
      resourceName,
      // The cluster has one name, and no pattern.
      patternType: resourceType === 'CLUSTER' ? 'LITERAL' : patternType,
      operation,
      ...entry,
    })),
  );
}

/** Those of the options that there are; no entry when no principal is named. */
export function entriesOf(given: Given): Entry[] {
  return [
    ...entries(given, 'allow-principal', 'allow-host', 'ALLOW'),
    ...entries(given, 'deny-principal', 'deny-host', 'DENY'),
  ];
}

function entries(
  given: Given,
  principalOption: string,
  hostOption: string,
  permissionType: Entry['permissionType'],
): Entry[] {
  const principals = given.all(principalOption);
  const hosts = given.has(hostOption) ? given.all(hostOption) : ['*'];
  if (given.has(hostOption) && principals.length === 0)
    throw usage(`--${hostOption} goes with --${principalOption}.`);
  return principals.flatMap((principal) => hosts.map((host) => ({ principal, host, permissionType })));
}

/** Every operation on every resource; as in kafka-acls all operations if none is named. */
function needsOf(given: Given): Need[] {
  const resources = resourcesOf(given);
  if (resources.length === 0)
    throw usage(
      'Name a resource: --topic, --group, --cluster, --transactional-id, --delegation-token or --user-principal.',
    );
  const operations = operationsOf(given);
  return resources.flatMap((resource) =>
    (operations.length === 0 ? ['ALL'] : operations).map((operation) => ({ ...resource, operation })),
  );
}
