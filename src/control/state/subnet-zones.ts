import { type ApiError, badRequest } from '../aws/api-error.ts';
import { zoneId } from '../aws/zone-id.ts';
import type { Cluster } from './cluster.ts';

export interface SubnetZone {
  readonly subnet: string;
  readonly zone: number;
}

/**
 * The zone of each subnet of a new cluster, by zone. A subnet is in the zone in which the clusters of this
 * installation have it already; others take the zones that are left in the order of their names, whatever the
 * order in which the request has them. Two of one zone are refused as AWS refuses them.
 */
export function subnetZones(
  clusters: readonly Cluster[],
  subnets: readonly string[],
  region: string,
): readonly SubnetZone[] | ApiError {
  const known = knownZones(clusters);
  const taken = new Map<number, string>();
  const places: SubnetZone[] = [];
  const sorted = [...new Set(subnets)].sort();
  for (const subnet of sorted) {
    const zone = known.get(subnet);
    if (zone === undefined) continue;
    const other = taken.get(zone);
    if (other !== undefined)
      return badRequest(
        `The subnets ${other} and ${subnet} are both in the Availability Zone ${zoneId(region, zone)}: specify subnets in different Availability Zones.`,
        'brokerNodeGroupInfo.clientSubnets',
      );
    taken.set(zone, subnet);
    places.push({ subnet, zone });
  }
  let next = 0;
  for (const subnet of sorted) {
    if (known.has(subnet)) continue;
    while (taken.has(next)) next++;
    taken.set(next, subnet);
    places.push({ subnet, zone: next });
  }
  return places.sort((a, b) => a.zone - b.zone);
}

/** An earlier release went by the order of each request: where two clusters differ, the older one counts. */
function knownZones(clusters: readonly Cluster[]): Map<string, number> {
  const known = new Map<string, number>();
  for (const { brokers } of clusters)
    for (const { subnet, zone } of brokers) if (!known.has(subnet)) known.set(subnet, zone);
  return known;
}
