import type { Cluster } from '../state/cluster.ts';
import { CLIENT_LISTENERS, clientAuthOf, type ListenerKind, listenersOf } from '../state/listeners.ts';
import { isPublic } from '../state/provisioned-spec.ts';
import { clientEndpoints } from './client-endpoints.ts';
import { type AdvertisedHost, type ClientEndpoint, hostInAddress, namedEndpoint } from './endpoint.ts';

/** MSK names at most three brokers, one of each zone: enough to find the others. */
const MOST_BROKERS = 3;

/**
 * What GetBootstrapBrokers answers: `host:port,…` of each listener that the cluster has, by the name of its
 * member. `calledBy`: the host by which the API was called; who calls it by an advertised name gets the
 * endpoints of that name, all others get those of the first.
 */
export function bootstrapStrings(
  cluster: Cluster,
  advertised: readonly AdvertisedHost[],
  calledBy: string | null = null,
): Record<string, string> {
  const own = listenersOf(cluster.spec);
  const called = calledBy === null ? undefined : namedEndpoint(endpointsOf(cluster, advertised), calledBy);
  return Object.fromEntries(
    own.flatMap((kind) => {
      const brokers = bootstrapBrokers(cluster, advertised, { kind, nth: called?.nth ?? 0 });
      return membersOf(cluster, kind).map((member) => [member, brokers]);
    }),
  );
}

/**
 * The members that name the listener. Whoever MSK gives other addresses, outside of the cluster's VPC,
 * reaches the same ones here.
 */
function membersOf({ spec }: Cluster, kind: ListenerKind): string[] {
  const { bootstrap } = CLIENT_LISTENERS[kind];
  const { connectivityInfo } = spec.brokerNodeGroupInfo;
  const { sasl, tls } = connectivityInfo?.vpcConnectivity?.clientAuthentication ?? {};
  const fromVpcs =
    kind === 'scram' || kind === 'iam'
      ? sasl?.[kind]?.enabled
      : clientAuthOf(kind) !== 'none' && tls?.enabled;
  const outside = [
    ...(isPublic(connectivityInfo) ? ['Public'] : []),
    ...(fromVpcs ? ['VpcConnectivity'] : []),
  ];
  return [bootstrap, ...outside.map((whose) => bootstrap.replace(OWN_MEMBER, `${OWN_MEMBER}${whose}`))];
}

const OWN_MEMBER = 'bootstrapBrokerString';

/**
 * `host:port,…` of a listener under one of the advertised hosts; by default of the listener that asks least
 * of clients, under the first.
 */
export function bootstrapBrokers(
  cluster: Cluster,
  advertised: readonly AdvertisedHost[],
  wanted: { readonly kind?: ListenerKind; readonly nth?: number } = {},
): string {
  const { kind = listenersOf(cluster.spec)[0], nth = 0 } = wanted;
  const zones = new Set<number>();
  const addresses: string[] = [];
  for (const broker of cluster.brokers) {
    if (zones.has(broker.zone) || addresses.length === MOST_BROKERS) continue;
    const endpoint = endpointsOf({ ...cluster, brokers: [broker] }, advertised).find(
      (one) => one.kind === kind && one.nth === nth,
    );
    if (!endpoint) continue;
    zones.add(broker.zone);
    addresses.push(`${hostInAddress(endpoint.advertisedHost)}:${endpoint.port}`);
  }
  return addresses.join(',');
}

/** With the listeners that the cluster is to have: during a change of them, brokers have others. */
function endpointsOf(
  { spec, brokers }: Cluster,
  advertised: readonly AdvertisedHost[],
): readonly ClientEndpoint[] {
  return brokers.flatMap((broker) =>
    clientEndpoints({ ...broker, listeners: listenersOf(spec) }, advertised),
  );
}
