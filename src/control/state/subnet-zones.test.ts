import { expect, test } from 'vitest';
import { isApiError } from '../aws/api-error.ts';
import type { Cluster } from './cluster.ts';
import { subnetZones } from './subnet-zones.ts';

function zones(subnets: readonly string[], existing: Readonly<Record<string, number>>[] = []): object {
  const clusters = existing.map((own) => ({
    brokers: Object.entries(own).map(([subnet, zone]) => ({ subnet, zone })),
  }));
  // What is read of a cluster is where its brokers are.
  const places = subnetZones(clusters as unknown as Cluster[], subnets, 'us-east-1');
  return isApiError(places)
    ? { refused: places.message }
    : Object.fromEntries(places.map(({ subnet, zone }) => [subnet, zone]));
}

test('the zones do not follow from the order of a request, which is a hash order in Terraform', () => {
  const wanted = { a: 0, b: 1, c: 2 };
  expect(zones(['a', 'b', 'c'])).toEqual(wanted);
  expect(zones(['c', 'a', 'b'])).toEqual(wanted);
});

test('a subnet has one zone in all clusters', () => {
  expect(zones(['a', 'c'], [{ b: 0, c: 1 }])).toEqual({ a: 0, c: 1 });
  expect(zones(['x', 'y', 'b'], [{ a: 0, b: 1, c: 2 }])).toEqual({ x: 0, y: 2, b: 1 });
});

test('two subnets of one zone are refused, and named with the zone', () => {
  expect(
    zones(
      ['b', 'e'],
      [
        { a: 0, b: 1 },
        { d: 0, e: 1 },
      ],
    ),
  ).toEqual({
    refused:
      'The subnets b and e are both in the Availability Zone use1-az2: specify subnets in different Availability Zones.',
  });
});

test('where clusters of an earlier release differ, the older one counts', () => {
  expect(
    zones(
      ['a', 'b'],
      [
        { a: 1, b: 0 },
        { a: 0, b: 1 },
      ],
    ),
  ).toEqual({ b: 0, a: 1 });
});
