import { isDeepStrictEqual } from 'node:util';
import { type Decision, refuse } from '../../base/decision.ts';
import { type ApiError, badRequest, isApiError, notFound } from '../aws/api-error.ts';
import type { Cluster } from './cluster.ts';
import type { ClusterPolicy } from './cluster-policy.ts';
import type { Clusters } from './clusters.ts';
import { currentVersion } from './current-version.ts';
import type { ControlRecord } from './records.ts';

type PolicyDecision = Decision<ControlRecord, ClusterPolicy | ApiError>;

/** The version that a change of the policy must name: one of its own, beside that of the cluster. */
export function policyVersion({ uuid }: Cluster, { revision }: ClusterPolicy): string {
  return currentVersion({ uuid: `${uuid}/policy`, revision });
}

/**
 * A policy that says the same as the one that is there changes nothing, whatever version is named. It is no
 * change of the cluster itself, whose version stays.
 */
export function putPolicy(
  clusters: Clusters,
  arn: string,
  asked: { readonly text: string; readonly expectedVersion: string | undefined },
): PolicyDecision {
  const cluster = clusters.get(arn);
  if (isApiError(cluster)) return refuse(cluster);
  const { policy, policyRevision } = cluster;
  if (policy && saysTheSame(policy.text, asked.text)) return { records: [], answer: policy };
  if (policy && asked.expectedVersion === undefined)
    return {
      records: [],
      answer: badRequest('Current cluster policy version needed for Update', 'currentVersion'),
    };
  if (asked.expectedVersion !== undefined && asked.expectedVersion !== versionOf(cluster))
    return {
      records: [],
      answer: badRequest(
        policy
          ? 'The version of the cluster policy is not current. Read it again and try again.'
          : 'The cluster has no policy: name no version to make one.',
        'currentVersion',
      ),
    };
  const made: ClusterPolicy = { text: asked.text, revision: policyRevision + 1 };
  return { records: [changed(cluster, made)], answer: made };
}

export function deletePolicy(clusters: Clusters, arn: string): PolicyDecision {
  const cluster = clusters.get(arn);
  if (isApiError(cluster)) return refuse(cluster);
  const { policy } = cluster;
  return policy ? { records: [changed(cluster, null)], answer: policy } : refuse(noPolicy(cluster));
}

export function noPolicy({ name }: Cluster): ApiError {
  return notFound(`The cluster ${name} has no policy.`);
}

function versionOf(cluster: Cluster): string | null {
  return cluster.policy && policyVersion(cluster, cluster.policy);
}

function changed(cluster: Cluster, policy: ClusterPolicy | null): ControlRecord {
  const policyRevision = policy?.revision ?? cluster.policyRevision;
  return { type: 'ClusterRecord', cluster: { ...cluster, policy, policyRevision } };
}

/** Both are JSON: what is not is refused before. */
function saysTheSame(one: string, other: string): boolean {
  return isDeepStrictEqual(JSON.parse(one), JSON.parse(other));
}
