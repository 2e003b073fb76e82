import { expect, test } from 'vitest';
import { type LogFields, type Logger, silent } from '../../base/log.ts';
import { IamDenials } from './iam-denials.ts';
import { arnOf, userIdentity } from './testing/directory-of.ts';

const ALICE = { identity: userIdentity('alice'), host: '203.0.113.9' };
const denied = (name: string) => ({
  allowed: false,
  action: 'kafka-cluster:ReadData',
  resource: arnOf('topic', name),
  rule: { kind: 'no statement' } as const,
});

function watched() {
  const lines: LogFields[] = [];
  const log: Logger = { ...silent, warn: (_, fields = {}) => lines.push(fields) };
  const clock = { ms: 0 };
  return { lines, clock, denials: new IamDenials(log, () => clock.ms) };
}

test('a denial says who asked for what, and what decided', () => {
  const { lines, denials } = watched();
  denials.denied(ALICE, denied('paid'));
  expect(lines).toEqual([
    {
      principal: 'IAM:arn:aws:iam::123456789012:user/alice',
      identity: 'arn:aws:iam::123456789012:user/alice',
      host: '203.0.113.9',
      action: 'kafka-cluster:ReadData',
      resource: arnOf('topic', 'paid'),
      rule: { kind: 'no statement' },
    },
  ]);
});

test('the same denial is logged once a minute, and each one is counted', () => {
  const { lines, clock, denials } = watched();
  for (let i = 0; i < 5; i++) denials.denied(ALICE, denied('paid'));
  denials.denied(ALICE, denied('other'));
  expect(lines.map(({ resource, deniedUnlogged }) => [resource, deniedUnlogged])).toEqual([
    [arnOf('topic', 'paid'), undefined],
    [arnOf('topic', 'other'), 4],
  ]);
  clock.ms = 60_000;
  denials.denied(ALICE, denied('paid'));
  expect(lines).toHaveLength(3);
  expect([...denials.counts]).toEqual([['no statement', 7]]);
});

test('a client that asks for ever other names fills no log', () => {
  const { lines, denials } = watched();
  for (let i = 0; i < 5000; i++) denials.denied(ALICE, denied(`${'x'.repeat(1000)}${i}`));
  for (let i = 0; i < 5000; i++) denials.denied(ALICE, denied(`name-${i}`));
  expect(lines.length).toBeLessThanOrEqual(1000);
  expect(Math.max(...lines.map(({ resource }) => String(resource).length))).toBeLessThanOrEqual(500);
  expect(denials.counts.get('no statement')).toBe(10_000);
});
