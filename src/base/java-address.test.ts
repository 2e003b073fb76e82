import { expect, test } from 'vitest';
import { javaAddress, networkOf } from './java-address.ts';

test('addresses are those that InetAddress.getHostAddress prints', () => {
  expect(javaAddress('127.0.0.1')).toBe('127.0.0.1');
  expect(javaAddress('::ffff:10.1.2.3')).toBe('10.1.2.3');
  expect(javaAddress('::1')).toBe('0:0:0:0:0:0:0:1');
  expect(javaAddress('2001:0db8::ff00:42:8329')).toBe('2001:db8:0:0:0:ff00:42:8329');
  expect(javaAddress('fe80::1%eth0')).toBe('fe80:0:0:0:0:0:0:1%eth0');
  expect(javaAddress('::')).toBe('0:0:0:0:0:0:0:0');
});

test('addresses of IPv6 that one client can have are one network', () => {
  const network = (address: string) => networkOf(javaAddress(address));
  expect(network('2001:db8::1')).toBe(network('2001:db8::ffff:0:0:2'));
  expect(network('2001:db8::1')).not.toBe(network('2001:db8:0:1::1'));
  expect(network('127.0.0.1')).not.toBe(network('127.0.0.2'));
  expect(network('::ffff:127.0.0.1')).toBe('127.0.0.1');
});
