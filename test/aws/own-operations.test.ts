import { afterEach, beforeEach, expect, test } from 'vitest';
import { BUILT } from '../../src/control/api/built-operations.ts';
import { openApi } from '../../src/control/api/openapi.ts';
import { OWN_SHAPES } from '../../src/control/api/own-answers.ts';
import { OWN_OPERATIONS, type OwnOperationName } from '../../src/control/api/own-operations.ts';
import type { JsonSchema } from '../../src/control/api/shape.ts';
import { EngineError } from '../../src/control/engine.ts';
import { ApiHarness } from './api-harness.ts';
import { FakeAccess } from './fake-access.ts';

/**
 * Calls every operation under /millrace/v1, and checks that its answers have exactly the members that
 * /openapi.json describes.
 */

let api: ApiHarness;
let access: FakeAccess;
let clusterArn: string;

beforeEach(async () => {
  // Enough partitions that three more brokers get some.
  access = new FakeAccess(Array.from({ length: 6 }, () => [1, 2, 3]));
  api = await ApiHarness.start(() => access);
  clusterArn = await created('orders');
});
afterEach(() => api[Symbol.asyncDispose]());

async function created(clusterName: string): Promise<string> {
  const request = {
    clusterName,
    kafkaVersion: '3.9.x.kraft',
    numberOfBrokerNodes: 3,
    brokerNodeGroupInfo: { instanceType: 'kafka.m5.large', clientSubnets: ['a', 'b', 'c'] },
  };
  const answer = await fetch(`${api.control.url}/v1/clusters`, {
    method: 'POST',
    body: JSON.stringify(request),
  });
  const made: { readonly clusterArn: string } = JSON.parse(await answer.text());
  await api.control.settled();
  return made.clusterArn;
}

type Members = Readonly<Record<string, unknown>>;

/** Sends an operation to its path; members that are not in the path go into the query or the body. */
async function call(name: OwnOperationName, members: Members): Promise<{ status: number; answer: unknown }> {
  const [, method, path] = OWN_OPERATIONS.find(([own]) => own === name) ?? [];
  if (method === undefined || path === undefined) throw new Error(`there is no ${name}`);
  const rest = { ...members };
  const url = path.replaceAll(/\{(\w+)\}/g, (_, label: string) => {
    const value = String(rest[label]);
    delete rest[label];
    return encodeURIComponent(value);
  });
  const isInQuery = method === 'GET' || method === 'DELETE';
  const texts = Object.entries(rest).map(([key, value]): [string, string] => [key, String(value)]);
  const query = isInQuery ? `?${new URLSearchParams(texts)}` : '';
  const response = await fetch(`${api.control.url}${url}${query}`, {
    method,
    ...(isInQuery ? {} : { body: JSON.stringify(rest) }),
  });
  const text = await response.text();
  return { status: response.status, answer: text === '' ? null : JSON.parse(text) };
}

const DOCUMENT = openApi(BUILT) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
};
interface Described {
  readonly responses: Readonly<
    Record<string, { readonly content?: { readonly 'application/json': { readonly schema: JsonSchema } } }>
  >;
}

/** The schema of an operation's answer; null: 204 without a body. */
function shapeOf(name: OwnOperationName): JsonSchema | null {
  const [, method = '', path = ''] = OWN_OPERATIONS.find(([own]) => own === name) ?? [];
  const responses = DOCUMENT.paths[path]?.[method.toLowerCase()]?.responses;
  const content = responses?.['2XX']?.content;
  if (content) return content['application/json'].schema;
  expect(responses, name).toHaveProperty('204');
  return null;
}

/**
 * The places where a value does not match a schema; members that it does not name are wrong too. `seen`
 * collects the members that occurred.
 */
function problems(schema: JsonSchema, value: unknown, at: string, seen: Set<string>): string[] {
  const { $ref, anyOf, type } = schema;
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1) ?? '';
    for (const member of Object.keys(Object(value))) seen.add(`${name}.${member}`);
    return problems(DOCUMENT.components.schemas[name] ?? {}, value, at, seen);
  }
  if (Array.isArray(anyOf)) {
    const found = anyOf.map((one: JsonSchema) => problems(one, value, at, seen));
    return found.find((one) => one.length === 0) ?? found.flat();
  }
  if (type === 'null') return value === null ? [] : [`${at} is not null`];
  if (type === 'array') {
    if (!Array.isArray(value)) return [`${at} is no list`];
    const { items = {} } = schema as { readonly items?: JsonSchema };
    return value.flatMap((item) => problems(items, item, `${at}[]`, seen));
  }
  // The rest is string, number or boolean: JSON Schema and typeof have the same names for these.
  if (type !== 'object') return typeof value === type ? [] : [`${at} is ${typeof value}, not ${type}`];
  if (typeof value !== 'object' || value === null) return [`${at} is no object`];
  const { properties = {}, required = [] } = schema as {
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly required?: readonly string[];
  };
  return [
    ...required.filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const known = properties[name];
      return known ? problems(known, member, `${at}.${name}`, seen) : [`${at}.${name} is not described`];
    }),
  ];
}

test('every operation of ours answers what /openapi.json says, and each member that it says comes', async () => {
  const seen = new Set<string>();
  const called = new Set<OwnOperationName>();
  const found: string[] = [];
  const ask = async (name: OwnOperationName, members: Members = {}): Promise<Members> => {
    const { status, answer } = await call(name, members);
    expect(status, `${name}: ${JSON.stringify(answer)}`).toBeLessThan(300);
    called.add(name);
    const shape = shapeOf(name);
    if (shape === null) expect(status, name).toBe(204);
    else found.push(...problems(shape, answer, name, seen));
    return { ...(answer as Members | null) };
  };
  const ClusterArn = clusterArn;

  await ask('DescribeServer');
  await ask('DescribeDisk');
  access.volumes = [{ broker: 1, totalBytes: 10, usableBytes: 5 }];
  await ask('DescribeHealth', { ClusterArn });

  const acl = {
    ...{ resourceType: 'TOPIC', resourceName: 'orders', patternType: 'LITERAL' },
    ...{ principal: 'User:alice', host: '*', operation: 'READ', permissionType: 'ALLOW' },
  };
  access.users.set('alice', 'unused').set('bob', 'unused');
  access.acls.behind = [3];
  await ask('AddAcls', { ClusterArn, acls: [acl], dryRun: true });
  // Gives one user the right, which takes it from all others, and names a user that does not exist.
  await ask('AddAcls', { ClusterArn, acls: [acl, { ...acl, principal: 'User:nobody' }] });
  await ask('ListAcls', { ClusterArn });
  const question = { ClusterArn, operation: 'READ', resourceType: 'TOPIC', resourceName: 'orders' };
  await ask('ExplainAcl', { ...question, principal: 'User:alice' });
  await ask('ExplainAcl', { ...question, principal: 'User:bob' });
  await ask('RemoveAcls', { ClusterArn, filters: [{ principal: 'User:alice' }], dryRun: true });
  await ask('RemoveAcls', { ClusterArn, filters: [{ resourceName: 'orders' }] });

  const form = new URLSearchParams({ Action: 'CreateUser', UserName: 'alice' });
  const made = await fetch(api.control.url, { method: 'POST', body: form });
  expect(made.status, await made.text()).toBe(200);
  const topic = `${ClusterArn.replace(':cluster/', ':topic/')}/orders`;
  await ask('SimulateIamAccess', {
    ...{ principal: 'arn:aws:iam::000000000000:user/alice', action: 'ReadData', resource: topic },
  });

  await ask('AddClientCa', { name: 'team' });
  await ask('ListClientCas');
  await ask('IssueClientCertificate', { name: 'team', commonName: 'alice' });
  await ask('RemoveClientCa', { name: 'team' });
  await ask('RenewCa');

  access.grow(1, 100);
  await ask('PlanBrokerCount', { ClusterArn, brokers: 6 });
  await ask('PlanKafkaVersion', { ClusterArn, target: '4.0.x.kraft' });
  await ask('UpdateThrottle', { ClusterArn, bytesPerSecond: 1000 });
  await ask('UpdateThrottle', { ClusterArn });
  await ask('UpdatePorts', { ClusterArn });
  await api.control.settled();

  const configuration = await fetch(`${api.control.url}/v1/configurations`, {
    method: 'POST',
    body: JSON.stringify({
      name: 'c',
      serverProperties: Buffer.from('message.max.bytes=2000000\nnum.partitions=3\n').toString('base64'),
    }),
  });
  const { arn }: { readonly arn: string } = JSON.parse(await configuration.text());
  await ask('PlanClusterConfiguration', { ClusterArn, arn, revision: 1 });
  const { clusterOperationArn: ClusterOperationArn } = await ask('QueueChange', {
    ClusterArn,
    operation: 'UpdateClusterConfiguration',
    request: { configurationInfo: { arn, revision: 1 } },
  });
  await ask('DescribeActivity', { ClusterOperationArn });
  await api.control.settled();
  // First nothing is in progress; then moves are, and do not end.
  await ask('DescribeActivity', { ClusterOperationArn });
  access.stuck = true;
  const scaling = await ask('QueueChange', {
    ClusterArn,
    operation: 'UpdateBrokerCount',
    request: { targetNumberOfBrokerNodes: 6 },
  });
  const moves = { ClusterOperationArn: scaling.clusterOperationArn };
  await expect.poll(async () => (await ask('DescribeActivity', moves)).moved).not.toBeNull();
  await ask('CancelClusterOperation', moves);
  access.stuck = false;
  await api.control.settled();

  await ask('InjectFault', { ClusterArn, broker: 1, action: 'kill' });
  await ask('ListEvents');
  api.engine.failure = new EngineError('CRASH_LOOP', 'it does not start');
  const failed = await created('failed');
  await ask('RetryCluster', { ClusterArn: failed });

  expect(found).toEqual([]);
  expect(OWN_OPERATIONS.map(([name]) => name).filter((name) => !called.has(name))).toEqual([]);
  const described = Object.entries(OWN_SHAPES).flatMap(([shape, members]) =>
    Object.keys(members).map((name) => `${shape}.${name.replace('?', '')}`),
  );
  expect(described.filter((member) => !seen.has(member))).toEqual([]);
});
