import { expect, test } from 'vitest';
import { aclHost, invalidAclHost } from './acl-host.ts';

test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['::1', '0:0:0:0:0:0:0:1'],
  ['2001:DB8::00a', '2001:db8:0:0:0:0:0:a'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['*', '*'],
])('an ACL from %s is from %s for a broker', (given, known) => {
  expect(invalidAclHost(given)).toBeNull();
  expect(aclHost(given)).toBe(known);
});

test.each(['localhost', '10.0.0.0/8', '10.0.0', '10.0.0.*', '::1/64', ''])(
  'no client comes from %j, so an ACL from it is refused',
  (host) => {
    expect(invalidAclHost(host)).toMatch(/^".*" is no IP address/);
  },
);
