import { boolean, integer, list, oneOf, optional, string, structure, type TypeOf } from './shape.ts';
import { tags } from './tag-shapes.ts';

/**
 * What CreateCluster and CreateClusterV2 take, field by field. The brokers' count has the quota as its
 * maximum: the model's 15 is not what AWS enforces.
 */

const MOST_BROKERS = 60;
/** Beyond any real id of AWS; bounds what is stored and echoed. */
const ID = string({ min: 1, max: 256 });
const enabledFlag = optional(structure({ enabled: optional(boolean) }));
const logTargets = structure({
  cloudWatchLogs: optional(structure({ enabled: boolean, logGroup: optional(string({ max: 512 })) })),
  firehose: optional(structure({ enabled: boolean, deliveryStream: optional(string({ max: 1024 })) })),
  s3: optional(
    structure({
      enabled: boolean,
      bucket: optional(string({ max: 1024 })),
      prefix: optional(string({ max: 1024 })),
    }),
  ),
});

const provisionedThroughput = structure({
  enabled: optional(boolean),
  volumeThroughput: optional(integer({ min: 0, max: 1_000_000 })),
});

const vpcConnectivity = structure({
  clientAuthentication: optional(
    structure({
      sasl: optional(structure({ scram: enabledFlag, iam: enabledFlag })),
      tls: enabledFlag,
    }),
  ),
});

export const connectivityInfo = structure({
  publicAccess: optional(structure({ type: optional(string({ max: 64 })) })),
  vpcConnectivity: optional(vpcConnectivity),
  networkType: optional(oneOf('IPV4', 'DUAL')),
});

const brokerNodeGroupInfo = structure({
  brokerAZDistribution: optional(oneOf('DEFAULT')),
  clientSubnets: list(ID, { min: 1, max: 16 }),
  instanceType: string({ min: 5, max: 32 }),
  securityGroups: optional(list(ID, { max: 16 })),
  /** They follow from the subnets, whatever a request says. */
  zoneIds: optional(list(ID, { max: 16 })),
  storageInfo: optional(
    structure({
      ebsStorageInfo: optional(
        structure({
          provisionedThroughput: optional(provisionedThroughput),
          volumeSize: optional(integer({ min: 1, max: 16_384 })),
        }),
      ),
    }),
  ),
  connectivityInfo: optional(connectivityInfo),
});

export const clientAuthentication = structure({
  sasl: optional(structure({ scram: enabledFlag, iam: enabledFlag })),
  tls: optional(
    structure({ certificateAuthorityArnList: optional(list(ID, { max: 32 })), enabled: optional(boolean) }),
  ),
  unauthenticated: enabledFlag,
});

export const encryptionInfo = structure({
  encryptionAtRest: optional(structure({ dataVolumeKMSKeyId: string({ min: 1, max: 2048 }) })),
  encryptionInTransit: optional(
    structure({
      clientBroker: optional(oneOf('TLS', 'TLS_PLAINTEXT', 'PLAINTEXT')),
      inCluster: optional(boolean),
    }),
  ),
});

export const configurationInfo = structure({
  arn: string({ min: 1, max: 2048 }),
  revision: integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
});

const exporter = optional(structure({ enabledInBroker: boolean }));

export const openMonitoring = structure({
  prometheus: structure({ jmxExporter: exporter, nodeExporter: exporter }),
});

export const enhancedMonitoring = oneOf(
  'DEFAULT',
  'PER_BROKER',
  'PER_TOPIC_PER_BROKER',
  'PER_TOPIC_PER_PARTITION',
);

export const loggingInfo = structure({ brokerLogs: logTargets, authorizerLogs: optional(logTargets) });

const provisionedFields = {
  brokerNodeGroupInfo,
  kafkaVersion: string({ min: 1, max: 128 }),
  numberOfBrokerNodes: integer({ min: 1, max: MOST_BROKERS }),
  rebalancing: optional(structure({ status: optional(oneOf('PAUSED', 'ACTIVE')) })),
  clientAuthentication: optional(clientAuthentication),
  configurationInfo: optional(configurationInfo),
  encryptionInfo: optional(encryptionInfo),
  enhancedMonitoring: optional(enhancedMonitoring),
  openMonitoring: optional(openMonitoring),
  loggingInfo: optional(loggingInfo),
  storageMode: optional(oneOf('LOCAL', 'TIERED')),
} as const;

export const clusterName = string({
  min: 1,
  max: 64,
  // It becomes part of the ARN, of a folder's name and of host names.
  pattern: /^[A-Za-z0-9][A-Za-z0-9-]*$/,
  says: 'may have letters, digits and hyphens, and begins with a letter or digit',
});

const provisionedRequest = structure(provisionedFields);
export type ProvisionedRequest = TypeOf<typeof provisionedRequest>;

export const createClusterBody = structure({ clusterName, tags: optional(tags), ...provisionedFields });

export const createClusterV2Body = structure({
  clusterName,
  tags: optional(tags),
  provisioned: optional(provisionedRequest),
  serverless: optional(structure({})),
});
