import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import { page } from '../aws/paging.ts';
import { mskBrokerDefaults } from '../broker-config.ts';
import type { Control } from '../control.ts';
import type { Cluster } from '../state/cluster.ts';
import { clusterInfo, clusterV2 } from './cluster-description.ts';
import { createClusterBody, createClusterV2Body, type ProvisionedRequest } from './cluster-shapes.ts';
import { type ApiAnswer, ARN, operation, PAGE } from './operation.ts';
import { provisionedSpec } from './provisioned.ts';
import { withoutTlsName } from './security-rules.ts';
import { optional, string, structure } from './shape.ts';

export const createCluster = operation({
  name: 'CreateCluster',
  input: createClusterBody,
  handle: async (control, { clusterName, tags, ...request }) => {
    const made = await create(control, { clusterName, tags, request });
    return isApiError(made) ? made : { clusterArn: made.arn, clusterName: made.name, state: made.state };
  },
});

export const createClusterV2 = operation({
  name: 'CreateClusterV2',
  input: createClusterV2Body,
  handle: async (control, { clusterName, tags, provisioned, serverless }) => {
    if (provisioned && serverless)
      return badRequest('Exactly one of provisioned and serverless must be given.', 'serverless');
    if (serverless) return badRequest('Serverless clusters are not built yet.', 'serverless');
    if (!provisioned) return badRequest('provisioned is required', 'provisioned');
    const made = await create(control, { clusterName, tags, request: provisioned });
    if (!isApiError(made))
      return {
        clusterArn: made.arn,
        clusterName: made.name,
        state: made.state,
        clusterType: 'PROVISIONED',
      };
    // The fields that are wrong stand one level deeper here.
    return made.invalidParameter === undefined
      ? made
      : { ...made, invalidParameter: `provisioned.${made.invalidParameter}` };
  },
});

export const describeCluster = operation({
  name: 'DescribeCluster',
  input: structure({ ClusterArn: ARN }),
  handle: (control, { ClusterArn }) => described(control, ClusterArn, clusterInfo),
});

export const describeClusterV2 = operation({
  name: 'DescribeClusterV2',
  input: structure({ ClusterArn: ARN }),
  handle: (control, { ClusterArn }) => described(control, ClusterArn, clusterV2),
});

export const listClusters = operation({
  name: 'ListClusters',
  input: structure({ clusterNameFilter: optional(string({ max: 64 })), ...PAGE }),
  handle: (control, input) => listed(control.store.clusters.all(), input, clusterInfo),
});

export const listClustersV2 = operation({
  name: 'ListClustersV2',
  input: structure({
    clusterNameFilter: optional(string({ max: 64 })),
    clusterTypeFilter: optional(
      string({
        pattern: /^(PROVISIONED|SERVERLESS|ALL)$/i,
        says: 'must be PROVISIONED or SERVERLESS',
      }),
    ),
    ...PAGE,
  }),
  handle: (control, input) => {
    const serverless = input.clusterTypeFilter?.toUpperCase() === 'SERVERLESS';
    return listed(serverless ? [] : control.store.clusters.all(), input, clusterV2);
  },
});

export const deleteCluster = operation({
  name: 'DeleteCluster',
  input: structure({ ClusterArn: ARN, currentVersion: optional(string({ min: 1, max: 128 })) }),
  handle: (control, { ClusterArn, currentVersion }) => {
    const cluster = control.store.execute((clusters) => clusters.delete(ClusterArn, currentVersion));
    return isApiError(cluster) ? cluster : { clusterArn: cluster.arn, state: cluster.state };
  },
});

async function create(
  control: Control,
  wish: {
    clusterName: string;
    tags: Readonly<Record<string, string>> | undefined;
    request: ProvisionedRequest;
  },
): Promise<Cluster | ApiError> {
  const spec = provisionedSpec(wish.request, (arn) => control.clientAuthorities.has(arn));
  if (isApiError(spec)) return spec;
  const nameless = withoutTlsName(spec, control.options.advertised);
  if (nameless) return nameless;
  return control.createCluster({
    name: wish.clusterName,
    spec,
    tags: wish.tags ?? {},
    brokerConfig: mskBrokerDefaults(spec.brokerNodeGroupInfo.clientSubnets.length),
  });
}

function described(control: Control, arn: string, show: (cluster: Cluster) => object): ApiAnswer {
  const cluster = control.store.clusters.get(arn);
  return isApiError(cluster) ? cluster : { clusterInfo: show(cluster) };
}

function listed(
  clusters: readonly Cluster[],
  input: {
    readonly clusterNameFilter?: string | undefined;
    readonly maxResults?: number | undefined;
    readonly nextToken?: string | undefined;
  },
  show: (cluster: Cluster) => object,
): ApiAnswer {
  const prefix = input.clusterNameFilter ?? '';
  const paged = page(
    clusters.filter((cluster) => cluster.name.startsWith(prefix)),
    {
      ...input,
      key: ({ createdAt, name }) => `${String(createdAt).padStart(16, '0')}/${name}`,
      scope: `clusters/${prefix}`,
    },
  );
  if (isApiError(paged)) return paged;
  return { clusterInfoList: paged.items.map(show), nextToken: paged.nextToken };
}
