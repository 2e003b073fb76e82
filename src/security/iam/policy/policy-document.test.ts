import { describe, expect, test } from 'vitest';
import { MalformedPolicy } from './malformed-policy.ts';
import { readPolicy, validatePolicy } from './policy-document.ts';
import type { PolicyKind } from './policy-statement.ts';

const ALLOW = { Effect: 'Allow', Action: 'kafka-cluster:ReadData', Resource: '*' };

function problem(policy: unknown, kind: PolicyKind = 'identity'): string {
  const text = typeof policy === 'string' ? policy : JSON.stringify(policy);
  const read = validatePolicy(text, kind);
  return read instanceof MalformedPolicy ? read.message : 'valid';
}

const of = (...statements: unknown[]) => ({ Version: '2012-10-17', Statement: statements });

describe('a policy is valid', () => {
  test('with one statement or a list, in both versions, with single values or lists', () => {
    expect(problem({ Version: '2012-10-17', Statement: ALLOW })).toBe('valid');
    expect(problem({ Version: '2008-10-17', Id: 'a', Statement: [ALLOW] })).toBe('valid');
    expect(
      problem({
        Statement: [
          { ...ALLOW, Sid: 'A1' },
          { ...ALLOW, Sid: 'A2' },
        ],
      }),
    ).toBe('valid');
    expect(problem(of({ Effect: 'Deny', NotAction: ['kafka-cluster:*'], NotResource: ['*'] }))).toBe('valid');
  });

  test('as the guide of MSK shows it', () => {
    const guide = of(
      {
        Effect: 'Allow',
        Action: ['kafka-cluster:Connect', 'kafka-cluster:AlterCluster', 'kafka-cluster:DescribeCluster'],
        Resource: [
          'arn:aws:kafka:us-east-1:0123456789012:cluster/MyTestCluster/abcd1234-0123-abcd-5678-1234abcd-1',
        ],
      },
      {
        Effect: 'Allow',
        Action: ['kafka-cluster:*Topic*', 'kafka-cluster:WriteData', 'kafka-cluster:ReadData'],
        Resource: ['arn:aws:kafka:us-east-1:123456789012:topic/MyTestCluster/*'],
      },
    );
    expect(problem(guide)).toBe('valid');
  });

  test('with conditions of other services in statements about them', () => {
    const s3 = {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: 'arn:aws:s3:::bucket',
      Condition: { StringLike: { 's3:prefix': ['home/${aws:userid}/*'] } },
    };
    expect(problem(of(s3))).toBe('valid');
  });

  test('with white space that does not count, and numbers and booleans as values of conditions', () => {
    const condition = { Bool: { 'aws:SecureTransport': true }, NumericLessThan: { 'aws:EpochTime': 5 } };
    expect(problem(JSON.stringify(of({ ...ALLOW, Condition: condition }), null, 4))).toBe('valid');
  });
});

describe('a policy is refused with the sentence of IAM, and the place', () => {
  const S = 'Syntax errors in policy.';
  const cases: readonly (readonly [name: string, policy: unknown, message: string])[] = [
    ['no JSON', '{', `${S} It is no JSON.`],
    ['a list', [], `${S} It is no object with a Version and a Statement.`],
    ['a member twice', '{"Statement":[],"Statement":{}}', `${S} An object in it has "Statement" twice.`],
    ['an unknown member', { ...of(ALLOW), Conditions: {} }, `${S} It has "Conditions"`],
    ['another version', { Version: '2012-10-18', Statement: ALLOW }, `${S} Its Version is "2012-10-18"`],
    ['no statement', { Version: '2012-10-17' }, `${S} It has no Statement.`],
    ['an empty list of statements', of(), `${S} It has no Statement.`],
    ['a statement that is a string', of('a'), `${S} Statement 1 is no object.`],
    ['no Effect', of({ ...ALLOW, Effect: undefined }), `${S} Statement 1: its Effect is missing`],
    [
      'an Effect in small letters',
      of({ ...ALLOW, Effect: 'allow' }),
      `${S} Statement 1: its Effect is "allow"`,
    ],
    ['an unknown element', of({ ...ALLOW, Actions: [] }), `${S} Statement 1: it has "Actions"`],
    [
      'both kinds of actions',
      of({ ...ALLOW, NotAction: 'a:b' }),
      `${S} Statement 1: it has both Action and NotAction.`,
    ],
    [
      'no action',
      of({ Effect: 'Allow', Resource: '*' }),
      'Policy statement must contain actions. Statement 1:',
    ],
    ['an empty list of actions', of({ ...ALLOW, Action: [] }), 'Policy statement must contain actions.'],
    [
      'no resource',
      of({ Effect: 'Allow', Action: '*' }),
      'Policy statement must contain resources. Statement 1:',
    ],
    ['an action that is a number', of({ ...ALLOW, Action: 3 }), `${S} Statement 1: its Action is neither`],
    [
      'an action without its service',
      of({ ...ALLOW, Action: 'ReadData' }),
      'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. Statement 1: Action has "ReadData".',
    ],
    [
      'an action with two colons',
      of({ ...ALLOW, Action: 'a:b:c' }),
      'Actions/Condition can contain only one colon.',
    ],
    [
      'a wildcard in the service of an action',
      of({ ...ALLOW, Action: 'kafka*:ReadData' }),
      'Vendor kafka* is not valid.',
    ],
    [
      'a resource that is no ARN',
      of({ ...ALLOW, Resource: 'orders' }),
      'Resource orders must be in ARN format or "*".',
    ],
    [
      'an unknown partition',
      of({ ...ALLOW, Resource: 'arn:a:kafka:::x' }),
      'Partition "a" is not valid for resource "arn:a:kafka:::x".',
    ],
    [
      'a wildcard in the service of a resource',
      of({ ...ALLOW, Resource: 'arn:aws:*:x' }),
      'Resource vendor must be fully qualified and cannot contain regexes.',
    ],
    [
      'the same Sid twice',
      of({ ...ALLOW, Sid: 'A' }, { ...ALLOW, Sid: 'A' }),
      'Statement IDs (SID) in a single policy must be unique. Statement 2 (A):',
    ],
    ['a Sid with a space', of({ ...ALLOW, Sid: 'A b' }), 'Statement IDs (SID) must be alpha-numeric.'],
    [
      'a principal',
      of({ ...ALLOW, Principal: '*' }),
      'Policy document should not specify a principal. Statement 1:',
    ],
    [
      'an unknown operator',
      of({ ...ALLOW, Condition: { StringIs: { 'aws:username': 'a' } } }),
      `${S} Statement 1: its Condition or Resource asks for the operator StringIs`,
    ],
    [
      'an operator in small letters',
      of({ ...ALLOW, Condition: { stringequals: { 'aws:username': 'a' } } }),
      `${S} Statement 1: its Condition or Resource asks for the operator stringequals`,
    ],
    [
      'an unknown key',
      of(ALLOW, { ...ALLOW, Condition: { StringEquals: { 'aws:ResourceTag/a': 'b' } } }),
      `${S} Statement 2: its Condition or Resource asks for the key aws:resourcetag/a`,
    ],
    [
      'an unknown key in a statement about everything',
      of({ ...ALLOW, Action: '*', Condition: { StringEquals: { 's3:prefix': 'b' } } }),
      `${S} Statement 1: its Condition or Resource asks for the key s3:prefix`,
    ],
    [
      'an unknown variable in a resource',
      of({ ...ALLOW, Resource: 'arn:aws:kafka:::topic/${aws:PrincipalTag/team}' }),
      `${S} Statement 1: its Condition or Resource asks for the key aws:principaltag/team`,
    ],
    [
      'a variable without its end',
      of({ ...ALLOW, Resource: 'arn:aws:kafka:::topic/${aws:username' }),
      `${S} Statement 1: Resource: arn:aws:kafka:::topic/\${aws:username has a policy variable that cannot be read.`,
    ],
    [
      'a range of no address',
      of({ ...ALLOW, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/40' } } }),
      `${S} Statement 1: its Condition of aws:SourceIp: "10.0.0.0/40" is no value of IpAddress`,
    ],
    [
      'a date of no month',
      of({ ...ALLOW, Condition: { DateLessThan: { 'aws:CurrentTime': '2026-02-30' } } }),
      `${S} Statement 1: its Condition of aws:CurrentTime: "2026-02-30" is no value of DateLessThan`,
    ],
    [
      'a number that is a word',
      of({ ...ALLOW, Condition: { NumericEquals: { 'aws:EpochTime': 'x' } } }),
      `${S} Statement 1: its Condition of aws:EpochTime: "x" is no value`,
    ],
    [
      'Null with a name',
      of({ ...ALLOW, Condition: { Null: { 'aws:username': 'alice' } } }),
      `${S} Statement 1: its Condition of aws:username: "alice" is no value of Null`,
    ],
    [
      'a condition that is a list',
      of({ ...ALLOW, Condition: [] }),
      `${S} Statement 1: its Condition is no object.`,
    ],
    [
      'a value that is an object',
      of({ ...ALLOW, Condition: { Bool: { 'aws:SecureTransport': {} } } }),
      `${S} Statement 1: its Condition Bool of aws:SecureTransport`,
    ],
    ['a character beyond Latin-1', of({ ...ALLOW, Sid: 'Ω' }), `${S} It has a character above U+00FF`],
    [
      'more characters than IAM takes',
      `${' '.repeat(131_073)}{}`,
      `${S} It is longer than 131072 characters.`,
    ],
  ];
  test.each(cases)('%s', (_, policy, message) => {
    expect(problem(policy)).toContain(message);
  });
});

describe('a trust policy', () => {
  const trust = {
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { AWS: 'arn:aws:iam::123456789012:user/alice' },
  };

  test('has principals and no resources', () => {
    expect(problem(of(trust), 'trust')).toBe('valid');
    expect(problem(of({ ...trust, Principal: '*' }), 'trust')).toBe('valid');
    expect(
      problem(of({ ...trust, Principal: { AWS: ['123456789012'], Service: 'ec2.amazonaws.com' } }), 'trust'),
    ).toBe('valid');
    expect(problem(of({ ...trust, Resource: '*' }), 'trust')).toContain('Has prohibited field Resource.');
    expect(problem(of({ ...trust, Principal: undefined }), 'trust')).toContain('its Principal is missing');
    expect(problem(of({ ...trust, Principal: { AWS: 'alice' } }), 'trust')).toContain(
      'no ARN of a user, role or account',
    );
    expect(problem(of({ ...trust, Principal: { Aws: '*' } }), 'trust')).toContain(
      '"Aws", which is no kind of principal',
    );
  });
});

test('what is stored is read though it has a key that nobody knows', () => {
  const policy = of({ ...ALLOW, Condition: { StringEquals: { 'aws:Later': 'a' } } });
  expect(readPolicy(JSON.stringify(policy))).not.toBeInstanceOf(MalformedPolicy);
});
