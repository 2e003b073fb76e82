import { createServer } from 'node:net';
import * as kafka from '@aws-sdk/client-kafka';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EngineError } from '../../src/control/engine.ts';
import { answered } from '../support/answered.ts';
import { freePorts } from '../support/free-port.ts';
import { eventually } from '../support/millrace.ts';
import { ApiHarness } from './api-harness.ts';
import { FakeAccess } from './fake-access.ts';

/** A cluster that has served gets other ports. */

let api: ApiHarness;
let arn: string;
beforeEach(async () => {
  api = await ApiHarness.start(() => new FakeAccess([]));
  const { ClusterArn = '' } = await api.aws.send(
    new kafka.CreateClusterCommand({
      ClusterName: 'orders',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b', 'c'] },
    }),
  );
  arn = ClusterArn;
  await api.control.settled();
});
afterEach(() => api[Symbol.asyncDispose]());

async function move(firstPort?: number): Promise<{ status: number; body: string }> {
  const answer = await fetch(`${api.control.url}/millrace/v1/clusters/${encodeURIComponent(arn)}/ports`, {
    method: 'PUT',
    body: JSON.stringify({ firstPort }),
  });
  return { status: answer.status, body: await answer.text() };
}

const bases = () => api.control.store.clusters.all()[0]?.brokers.map(({ portBase }) => portBase) ?? [];
const state = () => api.control.store.clusters.all()[0]?.state;

test('the processes stop, and start on the ports that were asked for; the next life finds it there', async () => {
  const first = await freePorts();
  const left = bases();
  api.engine.calls.length = 0;
  expect(await move(first)).toMatchObject({
    status: 200,
    body: expect.stringContaining(`"firstPort":${first}`),
  });
  await api.control.settled();
  expect(api.engine.calls).toEqual(['stop orders', 'start orders']);
  expect(bases()).toEqual([first, first + 10, first + 20]);
  expect(state()).toBe('ACTIVE');
  await api.restart();
  expect(bases()).toEqual([first, first + 10, first + 20]);
  // Clients of this cluster may remember its old ports, so another cluster does not get them.
  const next = api.control.store.clusters.planPorts({ count: 1, firstPortBase: left[0], busy: new Set() });
  expect(left).not.toContain(next?.[0]);
});

test('without a port they are the next free ones', async () => {
  const left = bases();
  await answered(200, move());
  await api.control.settled();
  for (const base of bases()) expect(left).not.toContain(base);
});

test('a cluster that does not start because another program has its port starts elsewhere', async () => {
  api.engine.failure = new EngineError('PORT_IN_USE', 'Broker 2 cannot start');
  await api.restart();
  await eventually('it is HEALING', () => state() === 'HEALING');
  api.engine.failure = null;
  await answered(200, move(await freePorts()));
  await eventually('it is ACTIVE', () => state() === 'ACTIVE');
});

test('ports that others have, its own and those that cannot be are refused, and nothing is stopped', async () => {
  const first = await freePorts();
  const server = createServer();
  await new Promise<void>((done) => server.listen({ host: '127.0.0.1', port: first + 12 }, done));
  const left = bases();
  api.engine.calls.length = 0;
  try {
    expect(await move(first)).toMatchObject({
      status: 409,
      body: expect.stringContaining(`Port ${first + 12} on 127.0.0.1 is in use by another process`),
    });
  } finally {
    await new Promise((done) => server.close(done));
  }
  expect(await move(left[1])).toMatchObject({ status: 409 });
  expect(await move(80)).toMatchObject({ status: 400 });
  expect(await move(65_530)).toMatchObject({ status: 503 });
  expect(bases()).toEqual(left);
  expect(api.engine.calls).toEqual([]);
});
