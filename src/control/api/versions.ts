import { badRequest, isApiError } from '../aws/api-error.ts';
import { compatibleVersions, KAFKA_VERSIONS } from '../aws/kafka-versions.ts';
import { page } from '../aws/paging.ts';
import { ARN, operation, PAGE } from './operation.ts';
import { optional, structure } from './shape.ts';

export const listKafkaVersions = operation({
  name: 'ListKafkaVersions',
  input: structure(PAGE),
  handle: (_control, input) => {
    const all = KAFKA_VERSIONS.map((version, index) => ({ version, key: String(index).padStart(3, '0') }));
    const paged = page(all, { ...input, key: ({ key }) => key, scope: 'kafka-versions' });
    if (isApiError(paged)) return paged;
    return {
      kafkaVersions: paged.items.map(({ version }) => ({ version, status: 'ACTIVE' })),
      nextToken: paged.nextToken,
    };
  },
});

export const getCompatibleKafkaVersions = operation({
  name: 'GetCompatibleKafkaVersions',
  input: structure({ clusterArn: optional(ARN) }),
  handle: (control, { clusterArn }) => {
    let sources = KAFKA_VERSIONS;
    if (clusterArn !== undefined) {
      const cluster = control.store.clusters.get(clusterArn);
      if (isApiError(cluster)) return cluster;
      if (cluster.state === 'DELETING') return badRequest(`The cluster ${cluster.name} is DELETING.`);
      sources = [cluster.spec.kafkaVersion];
    }
    return {
      compatibleKafkaVersions: sources.map((sourceVersion) => ({
        sourceVersion,
        targetVersions: compatibleVersions(sourceVersion),
      })),
    };
  },
});
