import { expect, test } from 'vitest';
import { advertisedHosts } from './advertised-hosts.ts';

const at = (host: string, advertise: string) => ({ host, advertise });

test('the first listener is the default, also when another one has its name', () => {
  const hosts = advertisedHosts([
    at('127.0.0.1', '127.0.0.1'),
    at('0.0.0.0', 'host.docker.internal'),
    at('0.0.0.0', '127.0.0.1'),
  ]);
  expect(hosts).toEqual([
    { host: '127.0.0.1', name: '127.0.0.1' },
    { host: '0.0.0.0', name: 'host.docker.internal' },
  ]);
});

test('there are no more than clusters have ports for', () => {
  expect(advertisedHosts(['a', 'b', 'c', 'd'].map((name) => at('0.0.0.0', name)))).toHaveLength(3);
});
