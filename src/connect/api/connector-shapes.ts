import { ARN } from '../../control/api/operation.ts';
import { boolean, integer, list, map, oneOf, optional, string, structure } from '../../control/api/shape.ts';
import { DESCRIPTION, NAME, TAGS } from './common-shapes.ts';

/** All workers share this machine. */
const MOST_WORKERS = 10;
/** Far more than the workers of one machine can run. */
const MOST_TASKS = 1_000;
const REVISION = integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

const PROVISIONED = structure({
  mcuCount: integer({ min: 1, max: 8 }),
  workerCount: integer({ min: 1, max: MOST_WORKERS }),
});

const POLICY = structure({ cpuUtilizationPercentage: integer({ min: 1, max: 100 }) });

const AUTO_SCALING = structure({
  mcuCount: integer({ min: 1, max: 8 }),
  minWorkerCount: integer({ min: 1, max: MOST_WORKERS }),
  maxWorkerCount: integer({ min: 1, max: MOST_WORKERS }),
  scaleInPolicy: optional(POLICY),
  scaleOutPolicy: optional(POLICY),
  maxAutoscalingTaskCount: optional(integer({ min: 1, max: MOST_TASKS })),
});

export const CAPACITY = structure({
  autoScaling: optional(AUTO_SCALING),
  provisionedCapacity: optional(PROVISIONED),
});

export const CONFIGURATION = map(string({ min: 1, max: 1024 }), string({ max: 65_536 }), { max: 1_000 });

/** Without one, the connector is one of those that are built in. */
export const PLUGINS = list(
  structure({ customPlugin: structure({ customPluginArn: ARN, revision: REVISION }) }),
  {
    max: 1,
  },
);

export const WORKER_CONFIGURATION = structure({ workerConfigurationArn: ARN, revision: REVISION });

const TARGET = string({ max: 2048 });
const LOG_DELIVERY = structure({
  workerLogDelivery: structure({
    cloudWatchLogs: optional(structure({ enabled: boolean, logGroup: optional(TARGET) })),
    firehose: optional(structure({ enabled: boolean, deliveryStream: optional(TARGET) })),
    s3: optional(structure({ enabled: boolean, bucket: optional(TARGET), prefix: optional(TARGET) })),
  }),
});

export const CREATE_CONNECTOR = structure({
  connectorName: NAME,
  connectorDescription: DESCRIPTION,
  capacity: CAPACITY,
  connectorConfiguration: CONFIGURATION,
  kafkaCluster: structure({
    apacheKafkaCluster: structure({
      bootstrapServers: string({ min: 1, max: 4096 }),
      vpc: structure({
        subnets: list(string({ min: 1, max: 256 }), { min: 1, max: 16 }),
        securityGroups: optional(list(string({ min: 1, max: 256 }), { max: 16 })),
      }),
    }),
  }),
  kafkaClusterClientAuthentication: structure({
    // AWS's API has the first two.
    authenticationType: oneOf('NONE', 'IAM', 'SCRAM', 'TLS'),
    secretArn: optional(string({ min: 1, max: 2048 })),
  }),
  kafkaClusterEncryptionInTransit: structure({ encryptionType: oneOf('PLAINTEXT', 'TLS') }),
  kafkaConnectVersion: string({ min: 1, max: 64 }),
  logDelivery: optional(LOG_DELIVERY),
  networkType: optional(oneOf('IPV4', 'DUAL')),
  plugins: PLUGINS,
  serviceExecutionRoleArn: string({ min: 1, max: 2048 }),
  workerConfiguration: optional(WORKER_CONFIGURATION),
  tags: optional(TAGS),
});
