import { hostOfBroker } from '../../control/broker-host.ts';
import { isLoopback } from '../../control/loopback.ts';
import type { Cluster } from '../../control/state/cluster.ts';
import { type ListenerKind, signsIn } from '../../control/state/listeners.ts';
import type { Given } from '../command.ts';
import { Failure } from '../failure.ts';

/** Where others than this machine reach Millrace. In `brokers`, `{id}` is the broker's number. */
interface Hosts {
  readonly api: string;
  readonly brokers: string;
}

type OpenOrNot = Pick<Cluster, 'name' | 'state'> & {
  readonly brokers: readonly { readonly listeners: readonly ListenerKind[] }[];
};

/**
 * Refuses addresses that others reach and where nobody signs in, unless `--insecure` says that this is meant.
 * Throws Failure.
 */
export function checkOpenAddresses(given: Given, { api, brokers }: Hosts): void {
  if (given.switched('insecure')) return;
  const haveToSignIn = given.maybe('scram') !== undefined || given.switched('iam');
  if (!isLoopback(api)) {
    const open = haveToSignIn
      ? 'the API, which asks nobody to sign in: whoever uses it changes clusters and reads secrets'
      : 'API and brokers without signing in';
    throw new Failure(
      `With the host ${api} anyone who reaches this machine could use ${open}. Open the brokers alone with --broker-host, or add --insecure if that is meant.`,
    );
  }
  if (!areLoopback(brokers) && !haveToSignIn)
    throw new Failure(
      `With the broker host ${brokers} anyone who reaches this machine could use the brokers without signing in: have clients sign in with --scram or --iam, or add --insecure if that is meant.`,
    );
}

/**
 * The same for the clusters that are there, whatever the command line says of the one that it makes. Throws
 * Failure.
 */
export function checkOpenClusters(
  given: Pick<Given, 'switched'>,
  { brokers }: Pick<Hosts, 'brokers'>,
  all: readonly OpenOrNot[],
): void {
  if (given.switched('insecure') || areLoopback(brokers)) return;
  const open = all.filter(
    ({ state, brokers: places }) =>
      state !== 'FAILED' &&
      state !== 'DELETING' &&
      places.some(({ listeners }) => listeners.some((kind) => !signsIn(kind))),
  );
  if (open.length > 0)
    throw new Failure(
      `With the broker host ${brokers} anyone who reaches this machine could use the brokers of ${open.map(({ name }) => name).join(', ')} without signing in: change that with "aws kafka update-security" first, or add --insecure if it is meant.`,
    );
}

/** Whether this is so of the host of any broker: with `{id}27.0.0.1` it is not. */
function areLoopback(brokers: string): boolean {
  return [1, 2].every((id) => isLoopback(hostOfBroker(brokers, id)));
}
