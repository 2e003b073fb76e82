import { asksForTime, type PolicyCondition, policyCondition, unknownIn } from './condition.ts';
import { isKeyOfTime, isKnownKey } from './condition-keys.ts';
import { MalformedPolicy, type PolicyPlace, placeText, SYNTAX } from './malformed-policy.ts';
import { type PolicyPrincipals, policyPrincipals } from './policy-principals.ts';
import { type ValueTemplate, valueTemplate, variablesOf } from './value-template.ts';
import { type Wildcard, wildcard } from './wildcard.ts';

/** One statement of a policy, ready to be compared with requests. */
export interface PolicyStatement extends PolicyPlace {
  readonly effect: 'Allow' | 'Deny';
  /** In lower case. `isNot`: of NotAction. */
  readonly actions: { readonly isNot: boolean; readonly patterns: readonly Wildcard[] };
  /** Null in trust policies, which are about their role. `isNot`: of NotResource. */
  readonly resources: PolicyResources | null;
  /** In trust policies only. */
  readonly principals: PolicyPrincipals | null;
  readonly conditions: readonly PolicyCondition[];
}

interface PolicyResources {
  readonly isNot: boolean;
  readonly patterns: readonly ValueTemplate[];
  /** The condition keys that the patterns ask for, in lower case. */
  readonly variables: readonly string[];
}

/** `identity`: of a user, a role or a session. `trust`: who may assume a role. */
export type PolicyKind = 'identity' | 'trust';

const MEMBERS = ['Sid', 'Effect', 'Action', 'NotAction', 'Condition'];
const MEMBERS_OF: Record<PolicyKind, readonly string[]> = {
  identity: [...MEMBERS, 'Resource', 'NotResource'],
  trust: [...MEMBERS, 'Principal'],
};
const VENDOR = /^[a-zA-Z0-9.-]+$/;
/** A partition, a service that is named whole, and the rest. */
const RESOURCE = /^arn:(aws(?:-[a-z]+)*):([a-zA-Z0-9-]+):/;

type Members = Readonly<Record<string, unknown>>;

export function policyStatement(
  given: unknown,
  number: number,
  { kind, hasVariables }: { readonly kind: PolicyKind; readonly hasVariables: boolean },
): PolicyStatement | MalformedPolicy {
  if (!isObject(given)) return new MalformedPolicy(`${SYNTAX} Statement ${number} is no object.`);
  const { Sid: sid = null, Effect: effect } = given;
  if (sid !== null && typeof sid !== 'string')
    return new MalformedPolicy(`${SYNTAX} Statement ${number}: its Sid is no string.`);
  const place: PolicyPlace = { number, sid: sid === '' ? null : sid };
  const wrong = (sentence: string, what: string) =>
    new MalformedPolicy(`${sentence} ${placeText(place)}: ${what}`);
  if (sid !== null && !/^[0-9A-Za-z]*$/.test(sid))
    return wrong('Statement IDs (SID) must be alpha-numeric.', `its Sid is ${JSON.stringify(sid)}.`);
  for (const member of ['Principal', 'NotPrincipal'])
    if (kind === 'identity' && member in given)
      return wrong(
        'Policy document should not specify a principal.',
        `it has ${member}; whoever has the policy is its principal.`,
      );
  for (const member of ['Resource', 'NotResource'])
    if (kind === 'trust' && member in given)
      return wrong(`Has prohibited field ${member}.`, 'the policy is about its role.');
  const stranger = Object.keys(given).find((name) => !MEMBERS_OF[kind].includes(name));
  if (stranger !== undefined)
    return wrong(
      SYNTAX,
      `it has ${JSON.stringify(stranger)}, which is none of ${MEMBERS_OF[kind].join(', ')}.`,
    );
  if (effect !== 'Allow' && effect !== 'Deny')
    return wrong(
      SYNTAX,
      `its Effect is ${JSON.stringify(effect) ?? 'missing'}, and has to be "Allow" or "Deny".`,
    );
  const actions = listOf(given, 'Action', 'NotAction');
  if ('wrong' in actions) return wrong(SYNTAX, actions.wrong);
  if (actions.values.length === 0)
    return wrong('Policy statement must contain actions.', 'it has neither Action nor NotAction.');
  for (const action of actions.values) {
    const problem = wrongAction(action);
    if (problem) return wrong(problem, `${actions.member} has ${JSON.stringify(action)}.`);
  }
  const resources = kind === 'trust' ? null : resourcesOf(given, hasVariables);
  if (resources && 'wrong' in resources) return wrong(resources.sentence, resources.wrong);
  const principals = kind === 'trust' ? policyPrincipals(given.Principal) : null;
  if (principals && 'wrong' in principals) return wrong(SYNTAX, principals.wrong);
  const conditions = conditionsOf(given.Condition, hasVariables);
  if ('wrong' in conditions) return wrong(SYNTAX, conditions.wrong);
  return {
    ...place,
    effect,
    actions: {
      isNot: actions.member === 'NotAction',
      patterns: actions.values.map((action) => wildcard(action.toLowerCase())),
    },
    resources,
    principals,
    conditions: conditions.all,
  };
}

/**
 * What the statement asks that nobody knows here: an operator, a key, or a key of a variable; null for
 * nothing.
 */
export function unknownInStatement({ resources, conditions }: PolicyStatement): string | null {
  const variable = resources?.variables.find((key) => !isKnownKey(key));
  if (variable !== undefined) return `the key ${variable}`;
  return conditions.map(unknownIn).find((each) => each !== null) ?? null;
}

/** Whether what the statement says of a request may change with time alone. */
export function changesWithTime({ resources, conditions }: PolicyStatement): boolean {
  return (resources?.variables.some(isKeyOfTime) ?? false) || conditions.some(asksForTime);
}

function resourcesOf(
  given: Members,
  hasVariables: boolean,
): PolicyResources | { readonly sentence: string; readonly wrong: string } {
  const resources = listOf(given, 'Resource', 'NotResource');
  if ('wrong' in resources) return { sentence: SYNTAX, wrong: resources.wrong };
  if (resources.values.length === 0)
    return {
      sentence: 'Policy statement must contain resources.',
      wrong: 'it has neither Resource nor NotResource.',
    };
  const patterns: ValueTemplate[] = [];
  for (const text of resources.values) {
    const sentence = wrongResource(text);
    if (sentence) return { sentence, wrong: `${resources.member} has ${JSON.stringify(text)}.` };
    const template = valueTemplate(text, { hasVariables, hasWildcards: true });
    if ('wrong' in template) return { sentence: SYNTAX, wrong: `${resources.member}: ${template.wrong}.` };
    patterns.push(template);
  }
  return {
    isNot: resources.member === 'NotResource',
    patterns,
    variables: patterns.flatMap(variablesOf),
  };
}

function wrongAction(action: string): string | null {
  if (action === '*') return null;
  const [vendor = '', name, ...more] = action.split(':');
  if (name === undefined || name === '')
    return 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
  if (more.length > 0) return 'Actions/Condition can contain only one colon.';
  return vendor === '*' || VENDOR.test(vendor) ? null : `Vendor ${vendor} is not valid.`;
}

function wrongResource(resource: string): string | null {
  if (resource === '*' || RESOURCE.test(resource)) return null;
  if (!resource.startsWith('arn:')) return `Resource ${resource} must be in ARN format or "*".`;
  const partition = resource.split(':')[1] ?? '';
  if (!/^aws(-[a-z]+)*$/.test(partition))
    return `Partition "${partition}" is not valid for resource "${resource}".`;
  return 'Resource vendor must be fully qualified and cannot contain regexes.';
}

/** The one of two members that is there, as a list of strings. */
function listOf(
  given: Members,
  member: string,
  not: string,
): { readonly member: string; readonly values: readonly string[] } | { readonly wrong: string } {
  if (member in given && not in given) return { wrong: `it has both ${member} and ${not}.` };
  const name = not in given ? not : member;
  const value = given[name] ?? [];
  const values = Array.isArray(value) ? value : [value];
  if (!values.every((one) => typeof one === 'string'))
    return { wrong: `its ${name} is neither a string nor a list of strings.` };
  return { member: name, values };
}

function conditionsOf(
  given: unknown,
  hasVariables: boolean,
): { readonly all: readonly PolicyCondition[] } | { readonly wrong: string } {
  if (given === undefined) return { all: [] };
  if (!isObject(given)) return { wrong: 'its Condition is no object.' };
  const all: PolicyCondition[] = [];
  for (const [operator, keys] of Object.entries(given)) {
    if (!isObject(keys)) return { wrong: `its Condition ${operator} is no object.` };
    for (const [key, value] of Object.entries(keys)) {
      const values = Array.isArray(value) ? value : [value];
      if (!values.every((one) => ['string', 'number', 'boolean'].includes(typeof one)))
        return { wrong: `its Condition ${operator} of ${key} is neither a value nor a list of values.` };
      const condition = policyCondition(operator, key, values.map(String), { hasVariables });
      if ('wrong' in condition) return { wrong: `its Condition of ${key}: ${condition.wrong}.` };
      all.push(condition);
    }
  }
  return { all };
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
