import { badRequest, isApiError } from '../aws/api-error.ts';
import { deletePolicy, noPolicy, policyVersion, putPolicy } from '../state/cluster-policies.ts';
import { ARN, operation } from './operation.ts';
import { optional, string, structure } from './shape.ts';

/** As large as AWS lets a policy of a resource be. */
const POLICY = string({ min: 1, max: 20_480 });

export const putClusterPolicy = operation({
  name: 'PutClusterPolicy',
  input: structure({
    ClusterArn: ARN,
    currentVersion: optional(string({ max: 128 })),
    policy: POLICY,
  }),
  handle: (control, { ClusterArn, currentVersion, policy }) => {
    if (!isPolicy(policy)) return badRequest('The policy is not a valid JSON policy document.', 'policy');
    const asked = { text: policy, expectedVersion: currentVersion || undefined };
    const put = control.store.execute((clusters) => putPolicy(clusters, ClusterArn, asked));
    if (isApiError(put)) return put;
    const cluster = control.store.clusters.get(ClusterArn);
    return isApiError(cluster) ? cluster : { currentVersion: policyVersion(cluster, put) };
  },
});

export const getClusterPolicy = operation({
  name: 'GetClusterPolicy',
  input: structure({ ClusterArn: ARN }),
  handle: (control, { ClusterArn }) => {
    const cluster = control.store.clusters.get(ClusterArn);
    if (isApiError(cluster)) return cluster;
    const { policy } = cluster;
    return policy
      ? { currentVersion: policyVersion(cluster, policy), policy: policy.text }
      : noPolicy(cluster);
  },
});

export const deleteClusterPolicy = operation({
  name: 'DeleteClusterPolicy',
  input: structure({ ClusterArn: ARN }),
  handle: (control, { ClusterArn }) => {
    const deleted = control.store.execute((clusters) => deletePolicy(clusters, ClusterArn));
    return isApiError(deleted) ? deleted : {};
  },
});

/** A JSON object with statements; what they say is not judged. */
function isPolicy(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return (
      typeof value === 'object' &&
      value !== null &&
      'Statement' in value &&
      typeof value.Statement === 'object'
    );
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
