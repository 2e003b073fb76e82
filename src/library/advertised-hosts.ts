import { assert } from '../base/assert.ts';
import type { AdvertisedHosts } from '../control/endpoints/endpoint.ts';
import { MOST_ADVERTISED_HOSTS } from '../control/state/ports.ts';
import type { ClientListener } from './listener-option.ts';

/**
 * What clients of clusters that are made through the API of `startCluster` are told: the names of its
 * listeners, the first one's first and each once, as far as such clusters have ports for them.
 */
export function advertisedHosts(
  listeners: readonly Pick<ClientListener, 'host' | 'advertise'>[],
): AdvertisedHosts {
  const [first, ...others] = listeners
    .filter(({ advertise }, index) => listeners.findIndex((one) => one.advertise === advertise) === index)
    .map(({ host, advertise: name }) => ({ host, name }));
  assert(first, 'a cluster has a listener');
  return [first, ...others.slice(0, MOST_ADVERTISED_HOSTS - 1)];
}
