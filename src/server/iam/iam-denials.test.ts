import { expect, onTestFinished, test } from 'vitest';
import { ManualClock } from '../../../test/coordinator/manual-clock.ts';
import { type LogFields, type Logger, silent } from '../../base/log.ts';
import { arnOf, userIdentity } from '../../security/iam/testing/directory-of.ts';
import { IamDenials } from './iam-denials.ts';

const ALICE = { identity: userIdentity('alice'), host: '203.0.113.9' };
const denied = (name: string) => ({
  allowed: false,
  action: 'kafka-cluster:ReadData',
  resource: arnOf('topic', name),
  rule: { kind: 'statement', policy: 'readers', number: 2, sid: 'Secret' } as const,
});

function watched() {
  const lines: LogFields[] = [];
  const log: Logger = { ...silent, warn: (_, fields = {}) => lines.push(fields) };
  const denials = new IamDenials({ clock: new ManualClock(), log });
  onTestFinished(() => denials.stop());
  return { lines, denials };
}

test('a denial says who asked for what from where, and what decided', () => {
  const { lines, denials } = watched();
  denials.denied(ALICE, denied('paid'));
  expect(lines).toEqual([
    {
      principal: 'IAM:arn:aws:iam::123456789012:user/alice',
      action: 'kafka-cluster:ReadData',
      resource: arnOf('topic', 'paid'),
      because: 'statement Secret of the policy readers',
      from: '203.0.113.9',
    },
  ]);
});

test('a client that asks again and again, or for ever other names, fills no log and is counted', () => {
  const { lines, denials } = watched();
  for (let i = 0; i < 1000; i++) denials.denied(ALICE, denied('paid'));
  expect(lines).toHaveLength(1);
  for (let i = 0; i < 1000; i++) denials.denied(ALICE, denied(`${'x'.repeat(i)}${i}`));
  expect(lines.length).toBeLessThan(50);
  expect(Math.max(...lines.map(({ resource }) => String(resource).length))).toBeLessThanOrEqual(500);
  expect([...denials.counts]).toEqual([['statement', 2000]]);
});
