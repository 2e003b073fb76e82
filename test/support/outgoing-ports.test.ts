import { expect, test } from 'vitest';
import { FIRST_GIVEN, freePort, freePorts, freePortsOfTwo, LAST_GIVEN } from './free-port.ts';
import { overlapOf } from './outgoing-ports.ts';

test.each([
  // The kernel's own, and what it is often set to for many connections.
  ['32768\t60999\n', null],
  ['15000\t60999\n', /ports 15000 to 60999 to outgoing connections .*from 10000 to 32699/],
  ['1024 65535', /ip_local_port_range="32768 60999"/],
  ['1024 4999', null],
])('outgoing connections from ports %j', (range, told) => {
  if (told === null) expect(overlapOf(range)).toBeNull();
  else expect(overlapOf(range)).toMatch(told);
});

test('every port that a test is given is in the range that this compares', async () => {
  for (const port of [await freePort(), await freePorts(), await freePortsOfTwo()]) {
    expect(port).toBeGreaterThanOrEqual(FIRST_GIVEN);
    expect(port).toBeLessThanOrEqual(LAST_GIVEN);
  }
});
