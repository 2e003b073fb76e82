import { counted } from '../counted.ts';
import { type Output, table } from '../output.ts';
import { aclsOf, aclTable } from './acl-table.ts';

/** Rows of effects that people read; --json has all. */
const MOST_ROWS = 100;
/** Principals of a row. */
const MOST_NAMED = 8;

/** Prints what a change of ACLs did, or with a dry run would do. */
export function printAclChange(answer: Readonly<Record<string, unknown>>, output: Output): void {
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
