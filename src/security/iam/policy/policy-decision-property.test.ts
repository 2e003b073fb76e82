import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide } from './policy-decision.ts';
import { readPolicy } from './policy-document.ts';

/**
 * Decisions agree with an evaluator of regular expressions over the JSON itself, written from the pages "Policy
 * evaluation logic", "Resource" and "Condition operators" of IAM's guide.
 */

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: readonly string[];
  readonly NotAction?: readonly string[];
  readonly Resource?: readonly string[];
  readonly NotResource?: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

interface Asked {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

const ARN = 'arn:aws:kafka:us-east-1:123456789012:';
const actions = ['ReadData', 'WriteData', 'Connect'].map((name) => `kafka-cluster:${name}`);
const actionPatterns = [
  ...actions,
  'kafka-cluster:*',
  'KAFKA-CLUSTER:r*',
  'kafka-cluster:?riteData',
  '*',
  's3:*',
];
const resources = ['topic/c/u/a', 'topic/c/u/a/b', 'group/c/u/a', 'cluster/c/u'].map((name) => ARN + name);
const resourcePatterns = [
  ...resources,
  `${ARN}topic/c/*`,
  `${ARN}*/a`,
  `${ARN}topic/?/u/a`,
  `${ARN}topic/c/u/\${aws:username}`,
  'arn:aws:kafka:*:123456789012:topic/*',
  'arn:aws:kafka:*',
  '*',
];
const values = ['a', 'b', 'A', 'a*', '?'];
const operators = [
  'StringEquals',
  'StringNotEquals',
  'StringLike',
  'StringNotLike',
  'StringEqualsIgnoreCase',
];

function regex(pattern: string, flags = ''): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\/]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, `s${flags}`);
}

function matches(statement: Statement, { action, resource, context }: Asked): boolean {
  const { Action, NotAction = [], Resource, NotResource = [], Condition = {} } = statement;
  const isNamed = (names: readonly string[]) => names.some((name) => regex(name, 'i').test(action));
  if (Action ? !isNamed(Action) : isNamed(NotAction)) return false;
  const user = context['aws:username'];
  const isDescribed = (patterns: readonly string[]) =>
    patterns.some((pattern) => {
      if (pattern.includes('${') && user === undefined) return false;
      return regex(pattern.replace('${aws:username}', user ?? '')).test(resource);
    });
  if (Resource ? !isDescribed(Resource) : isDescribed(NotResource)) return false;
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, given]) => holds(operator, context[key], given)),
  );
}

function holds(operator: string, value: string | undefined, given: readonly string[]): boolean {
  if (value === undefined) return operator.endsWith('IfExists') || operator.includes('Not');
  const name = operator.replace('IfExists', '');
  const is = given.some((one) => {
    if (name.endsWith('Like')) return regex(one).test(value);
    return name.endsWith('IgnoreCase') ? one.toLowerCase() === value.toLowerCase() : one === value;
  });
  return name.includes('Not') ? !is : is;
}

function naive(
  policies: readonly Statement[][],
  session: readonly Statement[] | null,
  asked: Asked,
): boolean {
  const effects = (statements: readonly Statement[]) =>
    new Set(statements.filter((one) => matches(one, asked)).map(({ Effect }) => Effect));
  const own = effects(policies.flat());
  const limits = session ? effects(session) : own;
  if (own.has('Deny') || limits.has('Deny')) return false;
  return own.has('Allow') && limits.has('Allow');
}

const some = (of: readonly string[]) =>
  fc.uniqueArray(fc.constantFrom(...of), { minLength: 1, maxLength: 2 });
const condition = fc
  .tuple(
    fc.constantFrom(...operators, ...operators.map((name) => `${name}IfExists`)),
    fc.constantFrom('aws:username', 'aws:userid'),
    some(values),
  )
  .map(([operator, key, given]) => ({ [operator]: { [key]: given } }));
const statement: fc.Arbitrary<Statement> = fc
  .record({
    Effect: fc.constantFrom('Allow' as const, 'Allow' as const, 'Deny' as const),
    action: fc.tuple(fc.constantFrom('Action', 'Action', 'NotAction'), some(actionPatterns)),
    // What is not said of a resource with a variable without a value is decided against whoever asks.
    resource: fc.oneof(
      fc.tuple(fc.constant('Resource'), some(resourcePatterns)),
      fc.tuple(fc.constant('NotResource'), some(resourcePatterns.filter((one) => !one.includes('${')))),
    ),
    Condition: fc.option(condition, { nil: undefined }),
  })
  .map(({ Effect, action, resource, Condition }) => ({
    Effect,
    [action[0]]: action[1],
    [resource[0]]: resource[1],
    ...(Condition ? { Condition } : {}),
  }));
const statements = fc.array(statement, { maxLength: 4 });
const request: fc.Arbitrary<Asked> = fc.record({
  action: fc.constantFrom(...actions),
  resource: fc.constantFrom(...resources),
  context: fc.dictionary(fc.constantFrom('aws:username', 'aws:userid'), fc.constantFrom('a', 'b')),
});

test('decisions agree with an evaluator that was written another way', () => {
  const seen = new Set<boolean>();
  const named = (name: string, Statement: readonly Statement[]) => ({
    name,
    document: readPolicy(JSON.stringify({ Version: '2012-10-17', Statement })),
  });
  fc.assert(
    fc.property(
      fc.array(
        statements.filter((all) => all.length > 0),
        { minLength: 1, maxLength: 3 },
      ),
      fc.option(statements.filter((all) => all.length > 0)),
      request,
      (policies, session, asked) => {
        const { action, resource, context } = asked;
        const { allowed } = decide(
          {
            policies: policies.map((all, nth) => named(`p${nth}`, all)),
            session: session ? named('session', session) : null,
          },
          { action, resource, context: new Map(Object.entries(context)) },
        );
        seen.add(allowed);
        expect(allowed).toBe(naive(policies, session, asked));
      },
    ),
    { numRuns: Number(process.env.POLICY_RUNS ?? 500) },
  );
  expect(seen.size).toBe(2);
});
