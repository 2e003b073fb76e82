import { expect, test } from 'vitest';
import { Access } from './access.ts';

const access = new Access(['kafka.example.org', '10.1.2.3']);
const asked = (host: string | undefined, origin?: string, localAddress = '127.0.0.1') =>
  request('/v1/clusters', host === undefined ? [] : [host], { origin, localAddress });

function request(
  url: string,
  hosts: readonly string[],
  { origin, localAddress = '127.0.0.1' }: { origin?: string | undefined; localAddress?: string } = {},
): string {
  const rawHeaders = ['accept', '*/*', ...hosts.flatMap((host) => ['hOsT', host])];
  return access.refusal({ url, rawHeaders }, { origin, localAddress })?.error ?? 'allowed';
}

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
    'localhost.',
  ])
    expect(asked(host)).toBe('ForbiddenException');
  expect(asked(undefined)).toBe('BadRequestException');
  expect(asked('')).toBe('BadRequestException');
});

// RFC 9112, 3.2: a server must answer them with 400.
test.each([
  [['localhost:7070', 'localhost:7070']],
  [['localhost:7070', 'evil.example']],
  [['evil.example', 'localhost:7070']],
])('two Host headers (%j) are none', (hosts) => {
  expect(request('/v1/clusters', hosts)).toBe('BadRequestException');
});

// RFC 9112, 3.2.2: the host of the target counts, and not the Host header.
test('a target that is a whole URL is for the host of that URL', () => {
  expect(request('http://localhost:7070/v1/clusters', ['localhost:7070'])).toBe('allowed');
  expect(request('http://evil.example/v1/clusters', ['localhost:7070'])).toBe('ForbiddenException');
  expect(request('HTTPS://evil.example', ['localhost:7070'])).toBe('ForbiddenException');
  expect(request('http://localhost:7070/', ['localhost:7070', 'localhost:7070'])).toBe('BadRequestException');
  expect(request('http://localhost:7070/', [])).toBe('BadRequestException');
  for (const url of [
    'evil.example/v1/clusters',
    'ftp://localhost/v1/clusters',
    'http://x@localhost/',
    'http:/x',
  ])
    expect(request(url, ['localhost:7070']), url).toBe('BadRequestException');
});

test('a Host header is a name or an address and perhaps a port, not all that a URL may have', () => {
  for (const host of [
    'evil.example@localhost',
    'localhost/evil.example',
    'localhost\\evil.example',
    'localhost?evil',
    'localhost#evil',
    'localhost:port',
    'local host',
    '[::1',
  ])
    expect(asked(host), host).toBe('BadRequestException');
});

test('a page may call only the API that served it', () => {
  expect(asked('localhost:7070', 'http://localhost:7070')).toBe('allowed');
  for (const origin of ['http://localhost:3000', 'http://evil.example', 'null', ''])
    expect(asked('localhost:7070', origin)).toBe('ForbiddenException');
});
