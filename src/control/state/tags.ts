import { type Decision, refuse } from '../../base/decision.ts';
import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import type { Cluster } from './cluster.ts';
import type { Clusters } from './clusters.ts';
import type { ControlRecord } from './records.ts';

/** MSK's quota for one resource. */
const MOST_TAGS = 50;

type TagDecision = Decision<ControlRecord, null | ApiError>;

/**
 * Tags of a cluster. They are no change of the cluster itself: its version stays, so an update that was
 * prepared before still fits, and they can change while an operation is under way.
 */
export function addTags(
  clusters: Clusters,
  arn: string,
  tags: Readonly<Record<string, string>>,
): TagDecision {
  const cluster = clusters.get(arn);
  if (isApiError(cluster)) return refuse(cluster);
  const all = { ...cluster.tags, ...tags };
  const count = Object.keys(all).length;
  if (count > MOST_TAGS)
    return {
      records: [],
      answer: badRequest(
        `A resource can have at most ${MOST_TAGS} tags, and this would be ${count}.`,
        'tags',
      ),
    };
  return changed(cluster, all);
}

/** Keys that the cluster does not have are passed over. */
export function removeTags(clusters: Clusters, arn: string, keys: readonly string[]): TagDecision {
  const cluster = clusters.get(arn);
  if (isApiError(cluster)) return refuse(cluster);
  return changed(
    cluster,
    Object.fromEntries(Object.entries(cluster.tags).filter(([key]) => !keys.includes(key))),
  );
}

function changed(cluster: Cluster, tags: Readonly<Record<string, string>>): TagDecision {
  return { records: [{ type: 'ClusterRecord', cluster: { ...cluster, tags } }], answer: null };
}
