import { badRequest, isApiError } from '../aws/api-error.ts';
import { zoneId } from '../aws/zone-id.ts';
import type { Control } from '../control.ts';
import { type Blow, EngineError } from '../engine.ts';
import type { Cluster } from '../state/cluster.ts';
import { type ApiAnswer, ARN, operation } from './operation.ts';
import { integer, oneOf, optional, structure } from './shape.ts';

const BLOWS: readonly Blow[] = ['kill', 'pause', 'resume'];

/** A fault on purpose: `broker` (its id) with kill, pause or resume, or `zone` (1, 2, …) with down or up. */
export const injectFault = operation({
  name: 'InjectFault',
  input: structure({
    ClusterArn: ARN,
    broker: optional(integer({ min: 1, max: 10_000 })),
    zone: optional(integer({ min: 1, max: 100 })),
    action: oneOf('kill', 'pause', 'resume', 'down', 'up'),
  }),
  handle: async (control, { ClusterArn, broker, zone, action }) => {
    const cluster = control.store.clusters.get(ClusterArn);
    if (isApiError(cluster)) return cluster;
    if (['CREATING', 'FAILED', 'DELETING'].includes(cluster.state))
      return badRequest(`The cluster ${cluster.name} is ${cluster.state}: there is nothing to strike.`);
    const blow = BLOWS.find((one) => one === action);
    if (blow && broker !== undefined && zone === undefined) return strike(control, cluster, broker, blow);
    if (!blow && zone !== undefined && broker === undefined)
      return setZone(control, cluster, zone, action === 'down');
    return badRequest('Say a broker with kill, pause or resume, or a zone with down or up.', 'action');
  },
});

async function strike(control: Control, cluster: Cluster, broker: number, blow: Blow): Promise<ApiAnswer> {
  if (!cluster.brokers.some(({ id }) => id === broker))
    return badRequest(`The cluster ${cluster.name} has no broker ${broker}.`, 'broker');
  try {
    const did = await control.engine.strike(cluster, broker, blow);
    control.events.add({ kind: 'FAULT_INJECTED', cluster, message: did });
    return { did, undo: UNDO[blow](broker, cluster) };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return badRequest(error.message, 'broker');
  }
}

const UNDO: Readonly<Record<Blow, (broker: number, cluster: Cluster) => string>> = {
  kill: () => 'there is nothing to do; it is started again by itself.',
  pause: (broker, { name }) =>
    `"millrace fault broker ${broker} resume --cluster ${name}"; a broker that answers nothing for long is restarted by itself.`,
  resume: () => 'there is nothing to do; it goes on.',
};

async function setZone(control: Control, cluster: Cluster, zone: number, down: boolean): Promise<ApiAnswer> {
  const own = cluster.brokers.filter((broker) => broker.zone === zone - 1).map(({ id }) => id);
  if (own.length === 0) return badRequest(`The cluster ${cluster.name} has no zone ${zone}.`, 'zone');
  const changed = control.store.execute((clusters) => clusters.setZoneDown(cluster.arn, zone - 1, down));
  if (isApiError(changed)) return changed;
  await control.engine.applyZones(changed);
  const which = `zone ${zone} (${zoneId(cluster.region, zone - 1)}) of ${cluster.name}, which has ${own.length === 1 ? 'broker' : 'brokers'} ${own.join(', ')}`;
  const did = down
    ? `Killed ${which}. ${own.length === 1 ? 'It stays' : 'They stay'} down.`
    : `Started ${which}.`;
  control.events.add({ kind: 'FAULT_INJECTED', cluster, message: did });
  return down
    ? {
        did,
        undo: `"millrace fault zone ${zone} up --cluster ${cluster.name}" ends that.`,
      }
    : { did, undo: `"millrace fault zone ${zone} down --cluster ${cluster.name}" takes it down again.` };
}
