import { type ConnectValue, isStruct, type Schema } from '../kernel/schema.ts';
import { DataError } from '../kernel/task-errors.ts';
import { placeOf, requireMap, requireStruct, valueAt } from './structs.ts';

const PURPOSE = 'nested field access';

/**
 * The steps of a path: `a.b` is two, "`a.b`.c" as well, and a backtick within backticks is written \`
 * (KIP-821). Null where a backtick does not end; `at` says which.
 */
export function pathSteps(path: string): { readonly steps: readonly string[] } | { readonly at: number } {
  const steps: string[] = [];
  let from = 0;
  while (from < path.length) {
    if (path[from] !== '`') {
      const dot = path.indexOf('.', from);
      steps.push(path.slice(from, dot < 0 ? undefined : dot));
      if (dot < 0) break;
      from = dot + 1;
      continue;
    }
    const quoted = quotedStep(path, from + 1);
    if (!quoted) return { at: from };
    steps.push(quoted.step);
    from = quoted.next;
  }
  if (path.endsWith('.')) steps.push('');
  return { steps };
}

/** Ends at a backtick that a dot or the end of the path follows, and no backslash precedes. */
function quotedStep(path: string, begin: number): { readonly step: string; readonly next: number } | null {
  let step = '';
  let from = begin;
  let at = begin;
  for (;;) {
    at = path.indexOf('`', at);
    if (at < 0) return null;
    const isEscaped = path[at - 1] === '\\';
    if (at === path.length - 1) return isEscaped ? null : { step: step + path.slice(from, at), next: at + 1 };
    if (path[at + 1] !== '.') at++;
    else if (isEscaped) {
      step += `${path.slice(from, at - 1)}\``;
      at++;
      from = at;
    } else return { step: step + path.slice(from, at), next: at + 2 };
  }
}

/**
 * The schema at a path; null where there is none. Throws DataError where a step leads into something else.
 */
export function schemaAt(schema: Schema, steps: readonly string[]): Schema | null {
  let current: Schema | undefined = schema;
  for (const step of steps) {
    if (current.type !== 'STRUCT') throw new DataError('Cannot look up fields on non-struct type');
    current = current.fields?.[placeOf(current, step)]?.schema;
    if (!current) return null;
  }
  return current;
}

/**
 * The value at a path of a struct or an object without a schema; null where there is none. Throws DataError
 * where a step leads into something else.
 */
export function valueAtPath(value: ConnectValue, steps: readonly string[], fillsIn: boolean): ConnectValue {
  let current: ConnectValue = value;
  for (const [index, step] of steps.entries()) {
    if (current === null) return null;
    const isLast = index === steps.length - 1;
    if (isStruct(current)) {
      const at = placeOf(current.schema, step);
      if (at < 0) return null;
      const schema = current.schema.fields?.[at]?.schema ?? null;
      current = valueAt(current, at, isLast ? fillsIn : true);
      if (!isLast && current !== null) requireStruct(current, schema, PURPOSE);
    } else {
      current = requireMap(current, PURPOSE).get(step) ?? null;
      if (!isLast && current !== null) requireMap(current, PURPOSE);
    }
  }
  return current;
}
