import { expect, test } from 'vitest';
import { Access } from './access.ts';

const access = new Access(['kafka.example.org', '10.1.2.3']);
const asked = (host: string | undefined, origin?: string, localAddress = '127.0.0.1') =>
  access.refusal({ host, origin, localAddress })?.error ?? 'allowed';

test('the API answers to loopback names, its own names, and the address it was reached at', () => {
  for (const host of [
    'localhost',
    'LOCALHOST:7070',
    '127.0.0.1:7070',
    '[::1]:1',
    'Kafka.example.org',
    '10.1.2.3',
  ])
    expect(asked(host)).toBe('allowed');
  expect(asked('192.168.0.7:7070', undefined, '::ffff:192.168.0.7')).toBe('allowed');
  expect(asked('[fe80::1]:7070', undefined, 'fe80::1')).toBe('allowed');
});

test('any other name is foreign: it may be one that a web page points at this machine', () => {
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '192.168.0.8',
    'x@localhost.',
  ])
    expect(asked(host)).toBe('ForbiddenException');
  expect(asked(undefined)).toBe('BadRequestException');
  expect(asked('')).toBe('BadRequestException');
});

test('a page may call only the API that served it', () => {
  expect(asked('localhost:7070', 'http://localhost:7070')).toBe('allowed');
  for (const origin of ['http://localhost:3000', 'http://evil.example', 'null', ''])
    expect(asked('localhost:7070', origin)).toBe('ForbiddenException');
});
