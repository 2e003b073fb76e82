import type { KafkaResource } from './kafka-actions.ts';

const CLUSTER_ARN = /^(arn:[^:]+:kafka:[^:]*:[^:]*):cluster\/([^/]+)\/([^/]+)$/;

/**
 * The ARN of a cluster, or of a topic, group or transactional id in it, as policies name them. `name` may
 * hold any character, and of a cluster it is not used. `clusterArn`:
 * `arn:aws:kafka:REGION:ACCOUNT:cluster/NAME/UUID`.
 */
export function resourceArn(clusterArn: string, resource: KafkaResource, name: string): string {
  if (resource === 'cluster') return clusterArn;
  const [, service, cluster, uuid] = CLUSTER_ARN.exec(clusterArn) ?? [];
  if (service === undefined) throw new RangeError(`${clusterArn} is no ARN of a cluster`);
  return `${service}:${resource}/${cluster}/${uuid}/${name}`;
}

/**
 * The cluster that a resource's ARN is of, and the kind of resource; null where the text is no such ARN. A
 * name may hold slashes, and `*`.
 */
export function clusterOf(
  arn: string,
): { readonly clusterArn: string; readonly resource: KafkaResource; readonly name: string } | null {
  const pattern =
    /^(arn:[^:]+:kafka:[^:]*:[^:]*):(cluster|topic|group|transactional-id)\/([^/]+)\/([^/]+)(?:\/(.*))?$/s;
  const [, service, resource, cluster, uuid, name] = pattern.exec(arn) ?? [];
  if (service === undefined || (resource === 'cluster') !== (name === undefined)) return null;
  return {
    clusterArn: `${service}:cluster/${cluster}/${uuid}`,
    // One of the words of the pattern.
    resource: resource as KafkaResource,
    name: name ?? '',
  };
}
