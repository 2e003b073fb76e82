import { expect, test } from 'vitest';
import { FairTurns } from './fair-turns.ts';
import { busyFor, turnsUntil } from './testing/turns.ts';

test('an address with one step does not wait for all those of another', async () => {
  const turns = new FairTurns();
  const ran: string[] = [];
  for (let i = 0; i < 10; i++) turns.add('flood', () => ran.push('flood'));
  turns.add('healthy', () => ran.push('healthy'));
  await turnsUntil(() => ran.length === 11);
  expect(ran.indexOf('healthy')).toBe(1);
});

test('steps that take long are done in many turns of the loop', async () => {
  const turns = new FairTurns();
  let ran = 0;
  for (let i = 0; i < 20; i++)
    turns.add('flood', () => {
      busyFor(1);
      ran++;
    });
  expect(await turnsUntil(() => ran === 20)).toBeGreaterThanOrEqual(19);
});

test('whoever has a network of IPv6 has one turn for all of its addresses', async () => {
  const turns = new FairTurns();
  const order: string[] = [];
  for (const host of ['1', '2', '3']) turns.add(`2001:db8::${host}`, () => order.push('flood'));
  turns.add('2001:db8:0:1::1', () => order.push('other'));
  while (order.length < 4) await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual(['flood', 'other', 'flood', 'flood']);
});

test('what was begun goes on before the same address begins more, and other addresses have their turn', async () => {
  const turns = new FairTurns();
  const order: string[] = [];
  const says = (what: string) => () => order.push(what);
  for (const what of ['begins', 'begins']) turns.add('flood', says(what));
  for (const what of ['goes on', 'goes on']) turns.addUnderWay('flood', says(what));
  turns.add('healthy', says('healthy'));
  await turnsUntil(() => order.length === 5);
  expect(order).toEqual(['goes on', 'healthy', 'goes on', 'begins', 'begins']);
});

test('the work that a step leaves to promises is part of its time', async () => {
  const turns = new FairTurns();
  let ran = 0;
  const step = async () => {
    for (let hop = 0; hop < 10; hop++) await undefined;
    busyFor(1);
    ran++;
  };
  for (let i = 0; i < 20; i++) turns.add('flood', () => void step());
  expect(await turnsUntil(() => ran === 20)).toBeGreaterThanOrEqual(19);
});
