import { expect, test } from 'vitest';
import { ConnectionGate } from './connection-gate.ts';
import { type ConnectionLimits, NO_CONNECTION_LIMITS } from './connection-limits.ts';

const client = (clientHost = '10.0.0.1') => ({ listenerName: 'CLIENT', clientHost, isPeer: false });
const broker = { listenerName: 'REPLICATION', clientHost: '10.0.0.1', isPeer: true };

function gate(changes: Partial<ConnectionLimits>) {
  const limits = { ...NO_CONNECTION_LIMITS, ...changes };
  return { limits, gate: new ConnectionGate(() => limits) };
}

test('of 40 connections from one address 12 enter when 12 may, and the rest are closed', () => {
  const { gate: entrance } = gate({ perIpMax: (host) => (host === '10.0.0.1' ? 12 : 100) });
  const verdicts = Array.from({ length: 40 }, () => entrance.enter(client(), 0));
  expect(verdicts.filter((verdict) => verdict === 'enters')).toHaveLength(12);
  expect(verdicts.filter((verdict) => verdict === 'closed')).toHaveLength(28);
  expect(entrance.enter(client('10.0.0.2'), 0)).toBe('enters');
  entrance.leave(client());
  expect(entrance.enter(client(), 0)).toBe('enters');
});

test('40 connections at two a second take 20 seconds', () => {
  const { gate: entrance } = gate({ creationRate: 2 });
  let entered = 0;
  let now = 0;
  for (; entered < 40; now += 50) if (entrance.enter(client(), now) === 'enters') entered++;
  expect(now).toBeGreaterThan(19_000);
  expect(now).toBeLessThan(20_500);
});

test('a changed limit is in force at once, also a rate of nothing', () => {
  const { gate: entrance, limits } = gate({ max: 1 });
  entrance.enter(client(), 0);
  expect(entrance.enter(client(), 0)).toBe('waits');
  Object.assign(limits, { max: 3, creationRate: 0 });
  expect(entrance.enter(client(), 1)).toBe('waits');
  Object.assign(limits, { creationRate: 1000 });
  expect(entrance.enter(client(), 1)).toBe('enters');
});

test('brokers come in whatever clients have taken, and then there are too many', () => {
  const { gate: entrance } = gate({ max: 2, perIpMax: () => 2, creationRate: 1000 });
  entrance.enter(client(), 0);
  entrance.enter(client(), 10);
  expect(entrance.enter(client(), 20)).toBe('waits');
  expect(entrance.enter(broker, 20)).toBe('enters');
  expect(entrance.excess('CLIENT')).toBe(1);
});

test('a listener has a limit of its own', () => {
  const { gate: entrance } = gate({ listenerMax: 1 });
  expect(entrance.enter(broker, 0)).toBe('enters');
  expect(entrance.enter(broker, 0)).toBe('waits');
  expect(entrance.enter(client(), 0)).toBe('enters');
});

test('an address whose connections come faster than its quota is refused, as long as its mean is above it', () => {
  const { gate: entrance } = gate({ perIpCreationRate: (host) => (host === '10.0.0.1' ? 2 : null) });
  const verdicts = (count: number, now: number, host?: string) =>
    Array.from({ length: count }, () => entrance.enter(client(host), now)).filter(
      (verdict) => verdict === 'enters',
    ).length;
  // Ten seconds' worth at once, as with Kafka's eleven windows of a second.
  expect(verdicts(40, 0)).toBe(20);
  expect(verdicts(40, 0, '10.0.0.2')).toBe(40);
  expect(verdicts(1, 400)).toBe(0);
  expect(verdicts(40, 11_000)).toBe(20);
});
