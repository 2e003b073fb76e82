import { ApiClient } from '../api-client.ts';
import { findCluster } from '../clusters/clusters.ts';
import type { Command, Given } from '../command.ts';
import { counted } from '../counted.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { type Output, table } from '../output.ts';
import { OPERATION_OPTION, RESOURCE_OPTIONS, ROLE_OPTIONS } from './acl-options.ts';
import { aclsOf, aclTable } from './acl-table.ts';
import { PRINCIPAL_OPTIONS } from './new-acls.ts';

/** Rows of effects that people read; --json has all. */
const MOST_ROWS = 100;
/** Principals of a row. */
const MOST_NAMED = 8;

/**
 * What the commands that change ACLs take alike; `patternHelp` and `dryRunHelp` are in the words of the one.
 */
export function changeOptions(patternHelp: string, dryRunHelp: string): Command['options'] {
  return {
    ...PRINCIPAL_OPTIONS,
    ...OPERATION_OPTION,
    ...RESOURCE_OPTIONS,
    'resource-pattern-type': { value: 'TYPE', help: patternHelp, default: 'literal' },
    ...ROLE_OPTIONS,
    'dry-run': { help: dryRunHelp },
    ...API_OPTION,
    ...JSON_OPTION,
  };
}

/**
 * Sends the change to the cluster that is named and prints what it did; the exit status. `path`: below the
 * cluster's ACLs.
 */
export async function changeAcls(
  given: Given,
  output: Output,
  path: readonly string[],
  change: Readonly<Record<string, unknown>>,
): Promise<number> {
  const api = new ApiClient(given.text('api'));
  const { clusterArn } = await findCluster(api, given.words[0] ?? '');
  const answer = await api.send('POST', ['millrace', 'v1', 'clusters', clusterArn, 'acls', ...path], {
    ...change,
    dryRun: given.switched('dry-run'),
  });
  if (given.switched('json')) output.line(JSON.stringify(answer));
  else printAclChange(answer, output);
  return 0;
}

/** Prints what a change of ACLs did, or with a dry run would do. */
function printAclChange(answer: Readonly<Record<string, unknown>>, output: Output): void {
  const isDry = answer.dryRun === true;
  const added = aclsOf(answer.added);
  const removed = aclsOf(answer.removed);
  for (const [verb, acls] of [
    ['added', added],
    ['removed', removed],
  ] as const) {
    if (acls.length === 0) continue;
    output.line(
      isDry ? `${counted(acls.length, 'ACL')} would be ${verb}:` : `${counted(acls.length, 'ACL')} ${verb}:`,
    );
    for (const line of aclTable(acls)) output.line(line);
    output.line('');
  }
  if (added.length + removed.length === 0) output.line('No ACL changes.');
  printEffects(isDry ? 'This would take away:' : 'This took away:', answer.denies, output);
  printEffects(isDry ? 'This would give:' : 'This gave:', answer.allows, output);
  for (const warning of texts(answer.warnings)) output.line(`Warning: ${warning}`);
  const behind = texts(answer.brokersBehind);
  if (behind.length > 0)
    output.line(`Warning: not yet in force on ${behind.map((id) => `broker ${id}`).join(', ')}.`);
  if (isDry) output.line('Nothing was changed.');
}

function printEffects(title: string, value: unknown, output: Output): void {
  const effects = Array.isArray(value) ? value.map(fields) : [];
  if (effects.length === 0) return;
  output.line(title);
  const rows = effects
    .slice(0, MOST_ROWS)
    .map((effect) => [
      principalsText(texts(effect.principals)),
      String(effect.host),
      texts(effect.operations).join(', '),
      `${String(effect.resourceType)} ${resourceText(effect)}`,
    ]);
  for (const line of table([['WHO', 'HOST', 'OPERATIONS', 'RESOURCE'], ...rows])) output.line(line);
  if (effects.length > rows.length) output.line(`and ${effects.length - rows.length} more: see --json.`);
  output.line('');
}

/** `orders`, `orders…` for a prefix, or every name that no ACL has. */
function resourceText({ resourceName, patternType }: Record<string, unknown>): string {
  if (patternType === 'PREFIXED') return `${String(resourceName)}…`;
  return resourceName === '*' ? '(every other name)' : String(resourceName);
}

function principalsText(principals: readonly string[]): string {
  const named = principals.map((one) => (one === 'User:*' ? '(everybody else)' : one));
  const rest = named.length - MOST_NAMED;
  return rest <= 0
    ? named.join(', ')
    : `${named.slice(0, MOST_NAMED).join(', ')} and ${counted(rest, 'other')}`;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
