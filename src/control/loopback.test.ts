import { expect, test } from 'vitest';
import { isLocalhost, isLoopback } from './loopback.ts';

test.each(['localhost', 'LocalHost', '127.0.0.1', '::1'])('%s is this machine for itself', (host) => {
  expect(isLocalhost(host)).toBe(true);
  expect(isLoopback(host)).toBe(true);
});

test('another loopback address is another place that nobody else reaches', () => {
  expect(isLocalhost('127.0.0.2')).toBe(false);
  expect(isLoopback('127.0.0.2')).toBe(true);
});

test.each([
  '127.example.org',
  '127.0.0.1.example.org',
  'localhost.example.org',
  '10.0.0.1',
  '0.0.0.0',
  '::',
  '',
])('others may reach %j', (host) => {
  expect(isLoopback(host)).toBe(false);
});
