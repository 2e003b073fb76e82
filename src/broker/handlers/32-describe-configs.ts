import { inPortions } from '../../base/portions.ts';
import type { World } from '../../base/world.ts';
import { type ConfigResourceType, configResourceTypes } from '../../metadata/configs.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { checkTopicName } from '../../metadata/topic-name.ts';
import { type ErrorName, errorCode, errorMessage } from '../../protocol/errors.ts';
import {
  type DescribeConfigsRequest,
  type DescribeConfigsResponse,
  describeConfigs,
} from '../../protocol/messages/32-describe-configs.ts';
import { NO_MESSAGE } from '../../protocol/no-message.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle, type RequestInfo } from '../../server/handler.ts';
import type { BrokerSettings } from '../configs/broker-settings.ts';
import { ConfigDescriptions } from '../configs/config-descriptions.ts';

/**
 * Groups and client metrics subscriptions that one request may name. There need be none of a name, so nothing
 * else bounds the answer: it would be 240 MB for a request of 1 MB.
 */
const NAMED_MAX = 10_000;
const TOO_MANY_NAMED: Failure = {
  error: 'INVALID_REQUEST',
  message: `A request describes ${NAMED_MAX} groups and client metrics subscriptions at most: ask for further ones in other requests.`,
};

/** What of the broker this handler works with. */
export interface DescribeConfigsContext {
  readonly world: Pick<World, 'clock'>;
  readonly brokerId: number;
  image(): ClusterImage;
  readonly settings: Pick<BrokerSettings, 'properties'>;
}

type Resource = DescribeConfigsRequest['resources'][number];
type Result = DescribeConfigsResponse['results'][number];
type Config = Result['configs'][number];

type DescribeConfigsInfo = RequestInfo<
  'TOPIC:DESCRIBE_CONFIGS' | 'CLUSTER:DESCRIBE_CONFIGS' | 'GROUP:DESCRIBE_CONFIGS'
>;

/**
 * DescribeConfigs v1-4: every config of topics, of this broker, of the defaults of all brokers (a broker
 * resource without name), of groups and of client metrics subscriptions, with where its value comes from; on
 * request all levels at which it is set, and (v3) what it means. Secrets are never told. Another broker's
 * configs are known to that broker only, so asking for them here is INVALID_REQUEST. Configs that Kafka calls
 * internal are told only where somebody set them. Of groups and client metrics subscriptions it describes the
 * first 10,000 that a request names, and refuses the others.
 *
 * Not implemented: levels of single loggers; a broker resource of type BROKER_LOGGER has its root logger,
 * read-only.
 */
export const describeConfigsHandler = handle(
  describeConfigs,
  {
    versions: [1, 4],
    operations: ['TOPIC:DESCRIBE_CONFIGS', 'CLUSTER:DESCRIBE_CONFIGS', 'GROUP:DESCRIBE_CONFIGS'],
  },
  async (context: DescribeConfigsContext, request, info): Promise<DescribeConfigsResponse> => {
    let named = 0;
    const results = await inPortions(context.world.clock, distinct(request.resources), (resource) => {
      const isNamed = NEED_NOT_BE.has(resource.resourceType);
      if (isNamed) named++;
      const configs =
        isNamed && named > NAMED_MAX ? TOO_MANY_NAMED : describe(context, request, info, resource);
      return 'error' in configs
        ? failed(resource, configs)
        : {
            errorCode: 0,
            errorMessage: NO_MESSAGE,
            resourceType: resource.resourceType,
            resourceName: resource.resourceName,
            configs: asked(configs, resource),
          };
    });
    return { throttleTimeMs: 0, results };
  },
);

/**
 * Each resource once, with all keys that are asked for: a description is a hundred configs, and a request
 * of a megabyte can name one a hundred thousand times.
 */
function distinct(resources: readonly Resource[]): Resource[] {
  const known = new Map<string, Resource & { configurationKeys: string[] | null }>();
  for (const { configurationKeys: keys, ...resource } of resources) {
    const key = `${resource.resourceType} ${resource.resourceName}`;
    const before = known.get(key);
    const isAll = keys === null || keys.length === 0;
    if (!before) known.set(key, { ...resource, configurationKeys: isAll ? null : [...keys] });
    else if (isAll) before.configurationKeys = null;
    else for (const one of keys) before.configurationKeys?.push(one);
  }
  return [...known.values()];
}

interface Failure {
  readonly error: ErrorName;
  readonly message?: string | null;
}

function failed({ resourceType, resourceName }: Resource, { error, message }: Failure): Result {
  const text = message === undefined ? errorMessage(error) : message;
  return { errorCode: errorCode(error), errorMessage: text, resourceType, resourceName, configs: [] };
}

/** No keys at all asks for all of them. */
function asked(configs: readonly Config[], { configurationKeys }: Resource): Config[] {
  if (configurationKeys === null || configurationKeys.length === 0) return [...configs];
  const keys = new Set(configurationKeys);
  return configs.filter(({ name }) => keys.has(name));
}

function describe(
  context: DescribeConfigsContext,
  request: DescribeConfigsRequest,
  info: DescribeConfigsInfo,
  { resourceType, resourceName: name }: Resource,
): Config[] | Failure {
  const type = TYPES.get(resourceType);
  if (type === undefined) {
    return {
      error: 'INVALID_REQUEST',
      message: `Unexpected resource type ${resourceType} for resource ${name}`,
    };
  }
  const unauthorized = authorizationError(type, name, info);
  if (unauthorized) return { error: unauthorized };
  const image = context.image();
  const descriptions = new ConfigDescriptions(request, {
    configs: image.configs,
    brokerId: context.brokerId,
    properties: context.settings.properties,
  });
  switch (type) {
    case 'topic': {
      const badName = checkTopicName(name);
      if (badName !== null) return { error: 'INVALID_TOPIC_EXCEPTION', message: badName };
      if (!image.topics.byName(name)) return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: NO_MESSAGE };
      return descriptions.topic(name);
    }
    case 'broker':
      if (name === '') return descriptions.allBrokers();
      return wrongBroker(name, context.brokerId, 'or empty string, ') ?? descriptions.broker();
    case 'brokerLogger':
      if (name === '') return { error: 'INVALID_REQUEST', message: 'Broker id must not be empty' };
      return wrongBroker(name, context.brokerId, '') ?? descriptions.loggers();
    case 'clientMetrics':
      if (name !== '') return descriptions.clientMetrics(name);
      return { error: 'INVALID_REQUEST', message: 'Client metrics subscription name must not be empty' };
    case 'group':
      if (name !== '') return descriptions.group(name);
      return { error: 'INVALID_REQUEST', message: 'Group name must not be empty' };
  }
}

const TYPES: ReadonlyMap<number, ConfigResourceType> = new Map([
  [configResourceTypes.topic, 'topic'],
  [configResourceTypes.broker, 'broker'],
  [configResourceTypes.brokerLogger, 'brokerLogger'],
  [configResourceTypes.clientMetrics, 'clientMetrics'],
  [configResourceTypes.group, 'group'],
]);

/** Resources that are described whether or not there is one of the name. */
const NEED_NOT_BE: ReadonlySet<number> = new Set([
  configResourceTypes.group,
  configResourceTypes.clientMetrics,
]);

function authorizationError(
  type: ConfigResourceType,
  name: string,
  info: DescribeConfigsInfo,
): ErrorName | null {
  switch (type) {
    case 'topic':
      return info.authorize('DESCRIBE_CONFIGS', 'TOPIC', name) ? null : 'TOPIC_AUTHORIZATION_FAILED';
    case 'group':
      return info.authorize('DESCRIBE_CONFIGS', 'GROUP', name) ? null : 'GROUP_AUTHORIZATION_FAILED';
    case 'broker':
    case 'brokerLogger':
    case 'clientMetrics':
      return info.authorize('DESCRIBE_CONFIGS', 'CLUSTER', CLUSTER_NAME)
        ? null
        : 'CLUSTER_AUTHORIZATION_FAILED';
  }
}

function wrongBroker(name: string, brokerId: number, alternative: string): Failure | null {
  if (!/^[+-]?\d+$/.test(name)) {
    return { error: 'INVALID_REQUEST', message: `Broker id must be an integer, but it is: ${name}` };
  }
  if (Number(name) === brokerId) return null;
  return {
    error: 'INVALID_REQUEST',
    message: `Unexpected broker id, expected ${brokerId} ${alternative}but received ${name}`,
  };
}
