import { isKeyOfTime, isKnownKey } from './condition-keys.ts';
import { conditionOperators, type NamedOperator } from './condition-operators.ts';
import {
  expand,
  type RequestContext,
  type ValueTemplate,
  valueTemplate,
  variablesOf,
} from './value-template.ts';

/** One line of a Condition: an operator, a key, and the values that it is compared with. */
export interface PolicyCondition {
  /** As the policy has it: `StringLikeIfExists`. */
  readonly name: string;
  /** In lower case. */
  readonly key: string;
  readonly values: readonly ValueTemplate[];
  readonly test: ConditionTest;
}

type ConditionTest =
  | { readonly kind: 'null' }
  /** `whenMissing`: whether it holds for a request that does not have the key. */
  | ({ readonly kind: 'compare'; readonly whenMissing: boolean } & NamedOperator)
  /** An operator that nobody knows here. */
  | { readonly kind: 'unknown' };

const IF_EXISTS = 'IfExists';
const FOR_ANY = 'ForAnyValue:';
const FOR_ALL = 'ForAllValues:';

/** Returns what is wrong with the values where the operator does not take them. */
export function policyCondition(
  name: string,
  key: string,
  values: readonly string[],
  { hasVariables }: { readonly hasVariables: boolean },
): PolicyCondition | { readonly wrong: string } {
  const test = conditionTest(name);
  const operator = test.kind === 'compare' ? test.operator : null;
  const templates: ValueTemplate[] = [];
  for (const value of values) {
    const template = valueTemplate(value, { hasVariables, hasWildcards: operator?.hasWildcards === true });
    if ('wrong' in template) return template;
    if (operator && variablesOf(template).length === 0 && !operator.takes(value))
      return { wrong: `${JSON.stringify(value)} is no value of ${name}, which takes ${operator.values}` };
    if (test.kind === 'null' && !/^(true|false)$/i.test(value))
      return { wrong: `${JSON.stringify(value)} is no value of ${name}, which takes true or false` };
    templates.push(template);
  }
  return { name, key: key.toLowerCase(), values: templates, test };
}

function conditionTest(name: string): ConditionTest {
  if (name === 'Null') return { kind: 'null' };
  const [prefix, afterPrefix] = withoutPrefix(name);
  const ifExists = afterPrefix.endsWith(IF_EXISTS);
  const known = conditionOperators.get(ifExists ? afterPrefix.slice(0, -IF_EXISTS.length) : afterPrefix);
  if (!known) return { kind: 'unknown' };
  // Each key here has one value: with ForAnyValue it must be there, with ForAllValues it need not be.
  const whenMissing = prefix === '' ? ifExists || known.isNegated : prefix === FOR_ALL;
  return { kind: 'compare', whenMissing, ...known };
}

function withoutPrefix(name: string): [prefix: string, rest: string] {
  const prefix = [FOR_ANY, FOR_ALL].find((each) => name.startsWith(each)) ?? '';
  return [prefix, name.slice(prefix.length)];
}

/** What this condition asks that nobody knows here: an operator, a key, or a key of a variable. */
export function unknownIn({ name, key, values, test }: PolicyCondition): string | null {
  if (test.kind === 'unknown') return `the operator ${name}`;
  const keys = [key, ...values.flatMap(variablesOf)];
  const unknown = keys.find((each) => !isKnownKey(each));
  return unknown === undefined ? null : `the key ${unknown}`;
}

export function asksForTime({ key, values }: PolicyCondition): boolean {
  return isKeyOfTime(key) || values.flatMap(variablesOf).some(isKeyOfTime);
}

/** Whether the condition holds; null where that cannot be said. */
export function holds(condition: PolicyCondition, context: RequestContext): boolean | null {
  if (unknownIn(condition) !== null) return null;
  const { key, test, values } = condition;
  const asked = context.get(key);
  if (test.kind === 'null')
    return values.some(({ text }) => (text.toLowerCase() === 'true') === (asked === undefined));
  if (test.kind !== 'compare') return null;
  if (asked === undefined) return test.whenMissing;
  let isUnclear = false;
  for (const value of values) {
    const given = expand(value, context);
    // Nothing is like a variable without a value, but that it is unlike it must not allow anything.
    const same = given === null ? (test.isNegated ? null : false) : test.operator.compare(asked, given);
    if (same === true) return !test.isNegated;
    if (same === null) isUnclear = true;
  }
  return isUnclear ? null : test.isNegated;
}
