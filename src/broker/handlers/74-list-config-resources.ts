import { type ConfigResourceType, configResourceTypes } from '../../metadata/configs.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import {
  type ListConfigResourcesResponse,
  listConfigResources,
} from '../../protocol/messages/74-list-config-resources.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';

/** What of the broker this handler works with. */
export interface ListConfigResourcesContext {
  image(): ClusterImage;
}

const ALL = Object.keys(configResourceTypes).filter(isType);

/**
 * ListConfigResources v0-1 (KIP-1142): the names of everything that has configs. v0 asked for client metrics
 * only. Topics, and brokers with their loggers, are there whether anything was set or not; groups and client
 * metrics are there because something was.
 */
export const listConfigResourcesHandler = handle(
  listConfigResources,
  { versions: [0, 1], operations: ['CLUSTER:DESCRIBE_CONFIGS'] },
  (context: ListConfigResourcesContext, request, info): ListConfigResourcesResponse => {
    if (!info.authorize('DESCRIBE_CONFIGS', 'CLUSTER', CLUSTER_NAME))
      return refused('CLUSTER_AUTHORIZATION_FAILED');
    const types = info.apiVersion === 0 ? (['clientMetrics'] as const) : wanted(request.resourceTypes);
    if (!types) return refused('UNSUPPORTED_VERSION');
    const image = context.image();
    return {
      errorCode: 0,
      configResources: types.flatMap((type) =>
        names(image, type).map((resourceName) => ({
          resourceName,
          resourceType: configResourceTypes[type],
        })),
      ),
    };
  },
);

/** Null when a type is asked for that has no configs; nothing asked for is everything. */
function wanted(numbers: readonly number[]): readonly ConfigResourceType[] | null {
  if (numbers.length === 0) return ALL;
  const types = ALL.filter((type) => numbers.includes(configResourceTypes[type]));
  return types.length === new Set(numbers).size ? types : null;
}

function names(image: ClusterImage, type: ConfigResourceType): string[] {
  switch (type) {
    case 'topic':
      return [...image.topics.all()].map(({ name }) => name);
    case 'broker':
    case 'brokerLogger':
      return [...image.brokers.all()].filter(({ fenced }) => !fenced).map(({ id }) => String(id));
    case 'group':
    case 'clientMetrics':
      return [...image.configs.all(type)].map(([name]) => name);
  }
}

function isType(name: string): name is ConfigResourceType {
  return name in configResourceTypes;
}

function refused(error: ErrorName): ListConfigResourcesResponse {
  return { errorCode: errorCode(error), configResources: [] };
}
