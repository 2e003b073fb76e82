import { kafkaRelease } from '../../metadata/kafka-releases.ts';
import { badRequest, isApiError } from '../aws/api-error.ts';
import { compatibleVersions, KAFKA_VERSIONS, releaseOf } from '../aws/kafka-versions.ts';
import { page } from '../aws/paging.ts';
import { currentVersion } from '../state/current-version.ts';
import { updateKafkaVersion } from '../state/kafka-version-update.ts';
import { upgradeCheck } from '../steps/upgrade-check.ts';
import { ARN, operation, PAGE } from './operation.ts';
import { optional, string, structure } from './shape.ts';
import { changeable } from './update-request.ts';

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

/** What an upgrade would change, and what speaks against it; nothing is changed. */
export const planKafkaVersion = operation({
  name: 'PlanKafkaVersion',
  input: structure({ ClusterArn: ARN, target: string({ min: 1, max: 128 }) }),
  handle: async (control, { ClusterArn, target }) => {
    const cluster = changeable(control, ClusterArn);
    if (isApiError(cluster)) return cluster;
    const asked = {
      clusterArn: cluster.arn,
      operationArn: '',
      now: 0,
      currentVersion: currentVersion(cluster),
    };
    const { answer } = updateKafkaVersion(control.store.clusters, { ...asked, target });
    if (isApiError(answer)) return answer;
    const check = await upgradeCheck(control, cluster);
    if (isApiError(check)) return check;
    const levels = (version: string) => kafkaRelease(releaseOf(version))?.levels ?? new Map<string, number>();
    const before = cluster.firstKafkaVersion === null ? levels(target) : levels(cluster.spec.kafkaVersion);
    return {
      restarts: answer.steps.flatMap(({ task }) => (task && 'broker' in task ? [task.broker] : [])),
      features: [...levels(target)].flatMap(([name, to]) => {
        const from = before.get(name) ?? 0;
        return from === to ? [] : [{ name, from, to }];
      }),
      refusal: check.refusal,
      warnings: check.warnings,
    };
  },
});
