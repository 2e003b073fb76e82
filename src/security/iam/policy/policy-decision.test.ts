import { describe, expect, test } from 'vitest';
import { decide } from './policy-decision.ts';
import { readPolicy } from './policy-document.ts';

/** The rules of "Policy evaluation logic" and "Condition" in the guide of IAM, with requests for Kafka. */

const TOPIC = 'arn:aws:kafka:us-east-1:123456789012:topic/orders/uuid-1/paid';
const READ = { Effect: 'Allow', Action: 'kafka-cluster:ReadData', Resource: TOPIC };
const ALICE = {
  'aws:username': 'alice',
  'aws:principalarn': 'arn:aws:iam::123456789012:user/alice',
  'aws:sourceip': '203.0.113.9',
  'aws:securetransport': 'true',
  'aws:currenttime': '2026-06-15T12:00:00.000Z',
  'aws:epochtime': '1781524800',
};
const { 'aws:username': _, ...ROLE } = ALICE;

function named(name: string, statements: readonly object[], version = '2012-10-17') {
  return { name, document: readPolicy(JSON.stringify({ Version: version, Statement: statements })) };
}

function may(
  statements: readonly object[],
  {
    action = 'kafka-cluster:ReadData',
    resource = TOPIC,
    as = ALICE,
    session,
    version,
  }: {
    readonly action?: string;
    readonly resource?: string;
    readonly as?: Readonly<Record<string, string>>;
    readonly session?: readonly object[];
    readonly version?: string;
  } = {},
) {
  return decide(
    {
      policies: [named('p', statements, version)],
      session: session ? named('of the session', session) : null,
    },
    { action, resource, context: new Map(Object.entries(as)) },
  );
}

const allowed = (...asked: Parameters<typeof may>) => may(...asked).allowed;
const when = (Condition: object, of: object = READ) => [{ ...of, Condition }];

describe('statements', () => {
  test('without one that allows it, everything is denied', () => {
    expect(
      decide({ policies: [], session: null }, { action: 'a:b', resource: TOPIC, context: new Map() }),
    ).toEqual({
      allowed: false,
      rule: { kind: 'no statement' },
    });
    expect(may([READ], { action: 'kafka-cluster:WriteData' }).rule).toEqual({ kind: 'no statement' });
  });

  test('a Deny wins, wherever it stands, and is named by its Sid or number', () => {
    const deny = { Sid: 'NotPaid', Effect: 'Deny', Action: '*', Resource: '*' };
    expect(may([READ, deny])).toEqual({
      allowed: false,
      rule: { kind: 'statement', policy: 'p', number: 2, sid: 'NotPaid' },
    });
    expect(may([deny, READ]).allowed).toBe(false);
    expect(may([READ])).toEqual({
      allowed: true,
      rule: { kind: 'statement', policy: 'p', number: 1, sid: null },
    });
  });

  test('names of actions are compared without regard to case, with wildcards', () => {
    for (const Action of [
      'KAFKA-CLUSTER:readdata',
      'kafka-cluster:*',
      'kafka-cluster:Read*',
      'kafka-cluster:R??dData',
      '*',
      '*:ReadData',
    ])
      expect({ Action, is: allowed([{ ...READ, Action }]) }).toEqual({ Action, is: true });
    for (const Action of ['kafka:*', 'kafka-cluster:*Topic*', 'kafka-cluster:Read'])
      expect({ Action, is: allowed([{ ...READ, Action }]) }).toEqual({ Action, is: false });
  });

  test('ARNs are compared with regard to case, and a * crosses slashes', () => {
    expect(
      allowed([{ ...READ, Resource: TOPIC.toUpperCase().replace('ARN:AWS:KAFKA', 'arn:aws:kafka') }]),
    ).toBe(false);
    expect(allowed([{ ...READ, Resource: 'arn:aws:kafka:us-east-1:123456789012:topic/orders/*' }])).toBe(
      true,
    );
  });

  test('NotAction and NotResource are about all others', () => {
    expect(allowed([{ Effect: 'Allow', NotAction: 'kafka-cluster:WriteData', Resource: '*' }])).toBe(true);
    expect(allowed([{ Effect: 'Allow', NotAction: 'kafka-cluster:Read*', Resource: '*' }])).toBe(false);
    expect(allowed([{ Effect: 'Allow', Action: '*', NotResource: TOPIC }])).toBe(false);
    expect(allowed([{ Effect: 'Allow', Action: '*', NotResource: `${TOPIC}s` }])).toBe(true);
    expect(allowed([READ, { Effect: 'Deny', Action: '*', NotResource: `${TOPIC}s` }])).toBe(false);
  });

  test('the policy of a session limits, and gives nothing', () => {
    expect(allowed([READ], { session: [READ] })).toBe(true);
    expect(may([READ], { session: [{ ...READ, Action: 'kafka-cluster:WriteData' }] }).rule).toEqual({
      kind: 'no statement of the session',
    });
    expect(allowed([{ ...READ, Action: 'kafka-cluster:WriteData' }], { session: [READ] })).toBe(false);
    const deny = { Effect: 'Deny', Action: '*', Resource: '*' };
    expect(may([READ], { session: [READ, deny] }).rule).toMatchObject({
      policy: 'of the session',
      number: 2,
    });
  });

  test('a policy that cannot be read may have a Deny in it', () => {
    const broken = { name: 'broken', document: readPolicy('{') };
    const asked = { action: 'kafka-cluster:ReadData', resource: TOPIC, context: new Map() };
    expect(decide({ policies: [named('p', [READ]), broken], session: null }, asked)).toMatchObject({
      allowed: false,
      rule: { kind: 'unreadable policy', policy: 'broken' },
    });
    expect(decide({ policies: [named('p', [READ])], session: broken }, asked).allowed).toBe(false);
  });
});

describe('variables', () => {
  const own = { ...READ, Resource: 'arn:aws:kafka:us-east-1:123456789012:topic/orders/*/${aws:username}-*' };
  const resource = 'arn:aws:kafka:us-east-1:123456789012:topic/orders/uuid-1/alice-in';

  test('stand for what the request says, since 2012-10-17', () => {
    expect(allowed([own], { resource })).toBe(true);
    expect(allowed([own], { resource, as: { ...ALICE, 'aws:username': 'bob' } })).toBe(false);
    expect(allowed([own], { resource, version: '2008-10-17' })).toBe(false);
  });

  test('without a value nothing is described, unless the policy gives one', () => {
    expect(allowed([own], { resource, as: ROLE })).toBe(false);
    const given = {
      ...READ,
      Resource: "arn:aws:kafka:us-east-1:123456789012:topic/orders/*/${aws:username, 'alice'}-*",
    };
    expect(allowed([given], { resource, as: ROLE })).toBe(true);
    const not = { Effect: 'Allow', Action: '*', NotResource: own.Resource };
    expect(allowed([not], { resource: TOPIC, as: ROLE })).toBe(false);
    expect(allowed([READ, { ...not, Effect: 'Deny' }], { as: ROLE })).toBe(false);
  });

  test('what they stand for is no pattern', () => {
    expect(allowed([own], { resource, as: { ...ALICE, 'aws:username': '*' } })).toBe(false);
  });

  test('${*}, ${?} and ${$} are the characters', () => {
    const star = {
      ...READ,
      Resource: 'arn:aws:kafka:us-east-1:123456789012:group/orders/uuid-1/${*}${?}${$}',
    };
    const group = 'arn:aws:kafka:us-east-1:123456789012:group/orders/uuid-1/';
    expect(allowed([star], { resource: `${group}*?$` })).toBe(true);
    expect(allowed([star], { resource: `${group}abc` })).toBe(false);
  });
});

describe('conditions', () => {
  test('all of them have to hold, for one of their values', () => {
    const both = {
      StringEquals: { 'aws:username': ['bob', 'alice'] },
      Bool: { 'aws:SecureTransport': 'true' },
    };
    expect(allowed(when(both))).toBe(true);
    expect(allowed(when({ ...both, Bool: { 'aws:SecureTransport': 'false' } }))).toBe(false);
    expect(allowed(when({ StringEquals: { 'aws:username': 'alice', 'aws:PrincipalArn': 'x' } }))).toBe(false);
    expect(allowed(when({ StringNotEquals: { 'aws:username': ['bob', 'alice'] } }))).toBe(false);
  });

  test('names of keys are compared without regard to case', () => {
    expect(allowed(when({ StringEquals: { 'AWS:UserName': 'alice' } }))).toBe(true);
  });

  const cases: readonly (readonly [condition: object, holds: boolean])[] = [
    [{ StringEquals: { 'aws:username': 'Alice' } }, false],
    [{ StringEquals: { 'aws:username': 'al*' } }, false],
    [{ StringEqualsIgnoreCase: { 'aws:username': 'ALICE' } }, true],
    [{ StringNotEqualsIgnoreCase: { 'aws:username': 'ALICE' } }, false],
    [{ StringLike: { 'aws:username': 'al?c*' } }, true],
    [{ StringNotLike: { 'aws:username': 'al?c*' } }, false],
    [{ StringEquals: { 'aws:PrincipalArn': 'arn:aws:iam::123456789012:user/${aws:username}' } }, true],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/*' } }, true],
    [{ ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/a*' } }, true],
    [{ ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/*' } }, false],
    [{ ArnNotEquals: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/*' } }, true],
    [{ IpAddress: { 'aws:SourceIp': ['192.0.2.0/24', '203.0.113.0/24'] } }, true],
    [{ NotIpAddress: { 'aws:SourceIp': ['192.0.2.0/24', '203.0.113.0/24'] } }, false],
    [{ NotIpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }, true],
    [{ Bool: { 'aws:SecureTransport': 'TRUE' } }, true],
    [{ DateLessThan: { 'aws:CurrentTime': '2026-06-30T23:59:59Z' } }, true],
    [{ DateGreaterThan: { 'aws:CurrentTime': '2026-06-30' } }, false],
    [{ DateGreaterThanEquals: { 'aws:CurrentTime': '2026-06-15T14:00:00+02:00' } }, true],
    [{ DateLessThan: { 'aws:EpochTime': '1781524801' } }, true],
    [{ NumericGreaterThan: { 'aws:EpochTime': '1781524800' } }, false],
    [{ NumericLessThanEquals: { 'aws:EpochTime': 1781524800 } }, true],
    [{ Null: { 'aws:username': 'false' } }, true],
    [{ Null: { 'aws:username': 'true' } }, false],
    [{ 'ForAnyValue:StringEquals': { 'aws:username': 'alice' } }, true],
    [{ 'ForAllValues:StringEquals': { 'aws:username': 'bob' } }, false],
  ];
  test.each(cases)('%j holds: %j', (condition, holds) => {
    expect(allowed(when(condition))).toBe(holds);
  });

  const missing: readonly (readonly [condition: object, holds: boolean])[] = [
    [{ StringEquals: { 'aws:username': 'alice' } }, false],
    [{ StringNotEquals: { 'aws:username': 'alice' } }, true],
    [{ StringEqualsIfExists: { 'aws:username': 'alice' } }, true],
    [{ StringNotEqualsIfExists: { 'aws:username': 'alice' } }, true],
    [{ Null: { 'aws:username': 'true' } }, true],
    [{ Null: { 'aws:username': 'false' } }, false],
    [{ 'ForAllValues:StringEquals': { 'aws:username': 'alice' } }, true],
    [{ 'ForAnyValue:StringEquals': { 'aws:username': 'alice' } }, false],
    [{ 'ForAnyValue:StringEqualsIfExists': { 'aws:username': 'alice' } }, false],
    [{ StringEquals: { 'aws:PrincipalArn': '${aws:username}' } }, false],
    [{ StringNotEquals: { 'aws:PrincipalArn': '${aws:username}' } }, false],
  ];
  test.each(missing)('of a role, which has no user’s name, %j holds: %j', (condition, holds) => {
    expect(allowed(when(condition), { as: ROLE })).toBe(holds);
  });

  test('one that nobody knows keeps an Allow from allowing, and a Deny from being passed', () => {
    const unknown = [
      { StringIs: { 'aws:username': 'a' } },
      { StringEquals: { 'aws:Later': 'a' } },
      { StringEqualsIfExists: { 'aws:Later': 'a' } },
    ];
    for (const condition of unknown) {
      expect(allowed(when(condition))).toBe(false);
      expect(allowed([READ, ...when(condition, { ...READ, Effect: 'Deny' })])).toBe(false);
    }
  });
});
