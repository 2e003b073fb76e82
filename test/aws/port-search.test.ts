import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { Clusters } from '../../src/control/state/clusters.ts';
import { busyPort } from '../../src/control/steps/port-probe.ts';
import { PortSearch } from '../../src/control/steps/port-search.ts';
import { freePorts } from '../support/free-port.ts';

const FIRST = await freePorts();
const probe = (base: number) => busyPort('127.0.0.1', { length: 1 }, base);

type Plan = Parameters<PortSearch['find']>[0];

/** A plan of a cluster that begins at `FIRST`, as creations make it. */
function plans(count: number): Plan {
  const clusters = new Clusters();
  return ({ busy, reserved }) =>
    clusters.planPorts({ count, firstPortBase: FIRST, busy: new Set(busy.keys()), reserved });
}

test('searches that go side by side find different ports', async () => {
  const search = new PortSearch(probe);
  const clusters = new Clusters();
  const owned: number[] = [];
  const plan: Plan = ({ busy, reserved }) =>
    clusters.planPorts({
      count: 2,
      firstPortBase: FIRST,
      busy: new Set(busy.keys()),
      reserved: [...reserved, ...owned],
    });
  await Promise.all(
    Array.from({ length: 5 }, () => search.find(plan, (inUse) => owned.push(...(plan(inUse) ?? [])))),
  );
  expect(new Set(owned).size).toBe(10);
});

test('a ten in which another process has a port is passed over and named', async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen({ host: '127.0.0.1', port: FIRST + 2 }, done));
  try {
    const search = new PortSearch(probe);
    const plan = plans(1);
    const found = await search.find(plan, (inUse) => ({ busy: [...inUse.busy], bases: plan(inUse) }));
    expect(found).toEqual({ busy: [[FIRST, FIRST + 2]], bases: [FIRST + 10] });
  } finally {
    await new Promise((done) => server.close(done));
  }
});

test('a search that failed gives back what it had reserved', async () => {
  const search = new PortSearch(probe);
  const plan = plans(1);
  const refused = search.find(plan, () => {
    throw new Error('refused');
  });
  await expect(refused).rejects.toThrow('refused');
  expect(await search.find(plan, (inUse) => inUse.reserved)).toEqual([]);
});
