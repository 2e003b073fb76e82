import { expect, test } from 'vitest';
import { ipRange, isInRange } from './ip-range.ts';

function isIn(address: string, range: string): boolean {
  const [one, other] = [ipRange(address), ipRange(range)];
  if (!one || !other) throw new Error(`${address} or ${range} is no address`);
  return isInRange(one, other);
}

test('an address is in the ranges whose first bits it has', () => {
  expect(isIn('203.0.113.77', '203.0.113.0/24')).toBe(true);
  expect(isIn('203.0.114.0', '203.0.113.0/24')).toBe(false);
  expect(isIn('10.64.0.1', '10.64.0.0/10')).toBe(true);
  expect(isIn('10.128.0.1', '10.64.0.0/10')).toBe(false);
  expect(isIn('192.0.2.1', '0.0.0.0/0')).toBe(true);
  expect(isIn('192.0.2.1', '192.0.2.1')).toBe(true);
  expect(isIn('192.0.2.2', '192.0.2.1/32')).toBe(false);
  expect(isIn('2001:db8:1234:5678::1', '2001:DB8:1234:5678::/64')).toBe(true);
  expect(isIn('2001:db8:1234:5679:0:0:0:1', '2001:DB8:1234:5678::/64')).toBe(false);
});

test('the two families are never in each other, but an IPv4 address that came through an IPv6 socket', () => {
  expect(isIn('192.0.2.1', '::/0')).toBe(false);
  expect(isIn('2001:db8::1', '0.0.0.0/0')).toBe(false);
  expect(isIn('::ffff:10.1.2.3', '10.0.0.0/8')).toBe(true);
  expect(isIn('0:0:0:0:0:ffff:a01:203', '10.0.0.0/8')).toBe(true);
});

test('what is no address is none', () => {
  for (const text of [
    '',
    '10.0.0',
    '10.0.0.256',
    '010.0.0.1',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/08',
  ])
    expect({ text, range: ipRange(text) }).toEqual({ text, range: null });
  for (const text of [
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '::g',
    '1:2:3:4:5:6:7::8',
    '::/129',
  ])
    expect({ text, range: ipRange(text) }).toEqual({ text, range: null });
});
