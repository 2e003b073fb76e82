import { expect, test } from 'vitest';
import { Iam } from '../../state/iam/iam.ts';
import type { IamRole } from '../../state/iam/identity.ts';
import { mayNotAssume } from './role-trust.ts';

/**
 * How IAM decides who may assume a role: "Policy evaluation for requests within a single account" and
 * "Session policies" in AWS's documentation.
 */
const ACCOUNT = '123456789012';
const arnOf = (role: string) => `arn:aws:iam::${ACCOUNT}:role/${role}`;
const ALLOW = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' };
const CONNECT = { Effect: 'Allow', Action: 'kafka-cluster:*', Resource: '*' };

function policy(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

function trusts(...principals: readonly string[]): string {
  return policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: principals } });
}

function role(
  name: string,
  its: { readonly own?: readonly object[]; readonly trustPolicy: string },
): IamRole {
  const named = {
    name,
    arn: arnOf(name),
    id: `AROA${name.toUpperCase()}`,
    path: '/',
    createdAt: 0,
    tags: {},
  };
  const policies: Record<string, string> = its.own ? { own: policy(...its.own) } : {};
  return {
    ...named,
    ...{ kind: 'role', description: null, maxSessionSeconds: 3_600 },
    ...{ trustPolicy: its.trustPolicy, policies, attached: [] },
  };
}

/** Why a session of the role `worker` may not assume `admin`. */
function refusal({
  trust,
  own = [CONNECT],
  session,
}: {
  readonly trust: string;
  readonly own?: readonly object[];
  readonly session: string | null;
}): string | null {
  const iam = new Iam();
  const admin = role('admin', { trustPolicy: trust });
  for (const identity of [admin, role('worker', { own, trustPolicy: trusts(ACCOUNT) })])
    iam.replay({ type: 'IdentityRecord', identity });
  const caller = {
    principalArn: `arn:aws:sts::${ACCOUNT}:assumed-role/worker/nightly`,
    identityArn: arnOf('worker'),
    ...{ sessionPolicy: session, userId: 'AROAWORKER:nightly', isTemporary: true },
  };
  const place = { region: 'us-east-1', account: ACCOUNT };
  return mayNotAssume(admin, caller, { iam, place, host: '203.0.113.9', now: 0 });
}

test('a role that the trust policy names may assume it without a policy of its own', () => {
  expect(refusal({ trust: trusts(arnOf('worker')), session: null })).toBeNull();
});

test('a session that is limited does not come out of its limits by a role that trusts its role', () => {
  expect(refusal({ trust: trusts(arnOf('worker')), session: policy(CONNECT) })).toContain('session policy');
  expect(refusal({ trust: trusts(arnOf('worker')), session: policy(ALLOW) })).toBeNull();
});

test('where the trust policy names the account, policies of the role and of the session have to allow it', () => {
  const trust = trusts(ACCOUNT);
  expect(refusal({ trust, session: null })).toContain('no statement allows it');
  expect(refusal({ trust, session: policy(ALLOW) })).toContain('no statement allows it');
  expect(refusal({ trust, own: [ALLOW], session: policy(CONNECT) })).toContain('session policy');
  expect(refusal({ trust, own: [ALLOW], session: policy(ALLOW) })).toBeNull();
});

test('a Deny of the caller wins over a trust policy that names it', () => {
  const deny = { ...ALLOW, Effect: 'Deny' };
  expect(refusal({ trust: trusts(arnOf('worker')), own: [deny], session: null })).toContain('statement 1');
  expect(refusal({ trust: trusts(arnOf('worker')), session: policy(ALLOW, deny) })).toContain('statement 2');
});

test('a trust policy is not passed for a connection that is encrypted where the API is not', () => {
  const condition = { Bool: { 'aws:SecureTransport': 'true' } };
  const trust = policy({
    ...{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: arnOf('worker') } },
    Condition: condition,
  });
  expect(refusal({ trust, session: null })).toContain('does not name the caller');
});
