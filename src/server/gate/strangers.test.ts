import { expect, test } from 'vitest';
import { FAILURES_PER_SECOND, STRANGERS_MAX, Strangers } from './strangers.ts';

interface Comer {
  isIn: boolean;
}

function strangers() {
  return new Strangers<Comer>(({ isIn }) => isIn);
}

const HOST = '10.0.0.1';

test('of too many connections that have not come in, the first that came is to be closed for each new one', () => {
  const known = strangers();
  const comers = Array.from({ length: STRANGERS_MAX }, (): Comer => ({ isIn: false }));
  for (const comer of comers) expect(known.came(HOST, comer)).toBe(null);
  const next = { isIn: false };
  expect(known.came('10.0.0.2', { isIn: false })).toBe(null);
  const first = known.came(HOST, next);
  expect(first).toBe(comers[0]);
  // The first is not gone yet when the next one comes.
  expect(known.came(HOST, { isIn: false })).toBe(comers[1]);
  known.left(HOST, comers[0] ?? next, { signsIn: false, now: 0 });
  expect(known.came(HOST, { isIn: false })).toBe(comers[2]);
});

test('those that have come in are not counted', () => {
  const known = strangers();
  const comers = Array.from({ length: STRANGERS_MAX }, (): Comer => ({ isIn: false }));
  for (const comer of comers) known.came(HOST, comer);
  for (const comer of comers.slice(10)) comer.isIn = true;
  for (let i = 0; i < STRANGERS_MAX - 10; i++) expect(known.came(HOST, { isIn: false })).toBe(null);
  expect(known.came(HOST, { isIn: false })).toBe(comers[0]);
});

test('an address fails too often when it does so for long, and no longer when it stops', () => {
  const known = strangers();
  let now = 0;
  let failed = 0;
  const fail = (host: string, isIn = false) => {
    const comer = { isIn };
    known.came(host, comer);
    known.left(host, comer, { signsIn: true, now });
  };
  for (let second = 0; second < 60; second++)
    for (let i = 0; i < 1000; i++, now++) {
      fail('10.0.0.2', true);
      if (known.failsTooOften(HOST, now)) continue;
      fail(HOST);
      failed++;
    }
  expect(failed).toBeGreaterThan(59 * FAILURES_PER_SECOND);
  expect(failed).toBeLessThan(75 * FAILURES_PER_SECOND);
  expect(known.failsTooOften('10.0.0.2', now)).toBe(false);
  expect(known.failsTooOften(HOST, now + 12_000)).toBe(false);
});

test('of an address that fails, those that are under way count as well: they do not fail by the thousand', () => {
  const known = strangers();
  const fail = () => {
    const comer = { isIn: false };
    known.came(HOST, comer);
    known.left(HOST, comer, { signsIn: true, now: 0 });
  };
  const come = () => {
    let came = 0;
    for (; came < 1000 && !known.failsTooOften(HOST, 0); came++) known.came(HOST, { isIn: false });
    return came;
  };
  for (let i = 0; i < 40; i++) fail();
  expect(come()).toBe(60);
  expect(known.failsTooOften('10.0.0.2', 0)).toBe(false);
});

test('an address that has not failed has as many under way as there may be', () => {
  const known = strangers();
  for (let i = 0; i < STRANGERS_MAX; i++) {
    expect(known.failsTooOften(HOST, 0)).toBe(false);
    known.came(HOST, { isIn: false });
  }
});

test('clients that have come in do not count against others of their address that fail', () => {
  const known = strangers();
  for (let i = 0; i < 1000; i++) known.came(HOST, { isIn: true });
  const comer = { isIn: false };
  known.came(HOST, comer);
  known.left(HOST, comer, { signsIn: true, now: 0 });
  expect(known.failsTooOften(HOST, 0)).toBe(false);
});

test('who leaves where nobody signs in has not failed', () => {
  const known = strangers();
  for (let i = 0; i < 10_000; i++) {
    const comer = { isIn: false };
    known.came(HOST, comer);
    known.left(HOST, comer, { signsIn: false, now: i });
  }
  expect(known.failsTooOften(HOST, 10_000)).toBe(false);
});
