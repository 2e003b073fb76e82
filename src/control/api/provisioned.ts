import { type ApiError, badRequest } from '../aws/api-error.ts';
import { wrongInstanceType } from '../aws/instance-types.ts';
import { isKraft, KAFKA_VERSIONS, unsupportedKafkaVersion } from '../aws/kafka-versions.ts';
import { type ProvisionedSpec, VOLUME_GIB } from '../state/provisioned-spec.ts';
import type { ProvisionedRequest } from './cluster-shapes.ts';
import { wrongMonitoring } from './monitoring-rules.ts';
import { notBuilt } from './not-built.ts';
import { wrongSecurity } from './security-rules.ts';

/** Brokers per cluster, by who keeps the metadata: MSK's quotas. */
const MOST_BROKERS = { kraft: 60, zookeeper: 30 };

type Check = (request: ProvisionedRequest, isClientCa: (arn: string) => boolean) => ApiError | null;

/**
 * MSK's rules for a new cluster beyond the types of its fields, in the order of the request. What is not
 * built yet is refused by name: a setting that would be stored and not obeyed is worse than a 400.
 */
const CHECKS: readonly Check[] = [
  ({ kafkaVersion }) =>
    KAFKA_VERSIONS.includes(kafkaVersion)
      ? null
      : badRequest(unsupportedKafkaVersion(kafkaVersion), 'kafkaVersion'),

  ({ brokerNodeGroupInfo: { instanceType }, kafkaVersion }) => {
    const wrong = wrongInstanceType(instanceType, kafkaVersion);
    return wrong === null ? null : badRequest(wrong, 'instanceType');
  },

  ({ brokerNodeGroupInfo: { clientSubnets } }) => {
    const field = 'brokerNodeGroupInfo.clientSubnets';
    const { length } = clientSubnets;
    const twice = clientSubnets.find((subnet, index) => clientSubnets.indexOf(subnet) !== index);
    if (twice !== undefined)
      return badRequest(
        `The subnet ${twice} is named twice: specify subnets in different Availability Zones.`,
        field,
      );
    return length === 2 || length === 3
      ? null
      : badRequest(
          `Specify two or three client subnets, each in a different Availability Zone, not ${length}.`,
          field,
        );
  },

  ({ numberOfBrokerNodes, brokerNodeGroupInfo: { clientSubnets }, kafkaVersion }) => {
    if (numberOfBrokerNodes % clientSubnets.length !== 0)
      return badRequest(
        'The number of broker nodes must be a multiple of Availability Zones in the Client Subnets parameter.',
        'numberOfBrokerNodes',
      );
    const most = isKraft(kafkaVersion) ? MOST_BROKERS.kraft : MOST_BROKERS.zookeeper;
    return numberOfBrokerNodes > most
      ? badRequest(
          `A cluster of Kafka ${kafkaVersion} can have up to ${most} broker nodes.`,
          'numberOfBrokerNodes',
        )
      : null;
  },

  ({ brokerNodeGroupInfo: { connectivityInfo } }) => {
    const type = connectivityInfo?.publicAccess?.type;
    if (type !== undefined && type !== 'DISABLED')
      return badRequest(
        'When creating a cluster, the only valid value for the Type parameter in PublicAccess is DISABLED.',
        'brokerNodeGroupInfo.connectivityInfo.publicAccess.type',
      );
    const schemes = connectivityInfo?.vpcConnectivity?.clientAuthentication;
    if (schemes?.sasl?.scram?.enabled || schemes?.sasl?.iam?.enabled || schemes?.tls?.enabled)
      return badRequest(
        "When creating a cluster, all vpcConnectivity auth schemes must be disabled ('enabled' : false). You can enable auth schemes after the cluster is created.",
        'vpcConnectivity.clientAuthentication',
      );
    return connectivityInfo?.networkType === 'DUAL'
      ? notBuilt('Dual-stack networking', 'brokerNodeGroupInfo.connectivityInfo.networkType')
      : null;
  },

  ({ brokerNodeGroupInfo: { storageInfo } }) =>
    storageInfo?.ebsStorageInfo?.provisionedThroughput?.enabled
      ? notBuilt(
          'Provisioned storage throughput',
          'brokerNodeGroupInfo.storageInfo.ebsStorageInfo.provisionedThroughput',
        )
      : null,

  (request, isClientCa) => wrongSecurity(request, isClientCa),

  (request) => wrongMonitoring(request),

  ({ storageMode }) => (storageMode === 'TIERED' ? notBuilt('Tiered storage', 'storageMode') : null),
];

/**
 * The request as a complete wish with MSK's defaults filled in, or the first rule it breaks. `isClientCa`:
 * whether the CA with this ARN is known here.
 */
export function provisionedSpec(
  asked: ProvisionedRequest,
  isClientCa: (arn: string) => boolean,
): ProvisionedSpec | ApiError {
  const request = {
    ...asked,
    clientAuthentication: completeSignIn(asked.clientAuthentication),
    encryptionInfo: encrypted(asked.encryptionInfo),
  };
  for (const check of CHECKS) {
    const wrong = check(request, isClientCa);
    if (wrong) return wrong;
  }
  return withDefaults(request);
}

/**
 * The defaults apart from encryption: a cluster that no request asked for stays in plaintext, and says
 * nothing of it.
 */
export function withDefaults(request: ProvisionedRequest): ProvisionedSpec {
  const { zoneIds: _, ...group } = request.brokerNodeGroupInfo;
  return {
    numberOfBrokerNodes: request.numberOfBrokerNodes,
    kafkaVersion: request.kafkaVersion,
    brokerNodeGroupInfo: {
      ...group,
      brokerAZDistribution: group.brokerAZDistribution ?? 'DEFAULT',
      storageInfo: {
        ebsStorageInfo: {
          ...group.storageInfo?.ebsStorageInfo,
          volumeSize: group.storageInfo?.ebsStorageInfo?.volumeSize ?? VOLUME_GIB,
        },
      },
      connectivityInfo: {
        ...group.connectivityInfo,
        publicAccess: { type: 'DISABLED' },
        networkType: 'IPV4',
      },
    },
    clientAuthentication: request.clientAuthentication,
    encryptionInfo: request.encryptionInfo,
    configurationInfo: request.configurationInfo,
    enhancedMonitoring: request.enhancedMonitoring ?? 'DEFAULT',
    loggingInfo: request.loggingInfo,
    openMonitoring: request.openMonitoring,
    storageMode: request.storageMode ?? 'LOCAL',
    rebalancing: { status: request.rebalancing?.status ?? 'ACTIVE' },
  };
}

/** MSK encrypts what clients say, and what brokers say to each other, unless the request says otherwise. */
function encrypted(asked: ProvisionedRequest['encryptionInfo']): ProvisionedSpec['encryptionInfo'] {
  const { clientBroker = 'TLS', inCluster = true } = asked?.encryptionInTransit ?? {};
  return { ...asked, encryptionInTransit: { clientBroker, inCluster } };
}

/**
 * As MSK describes it: SCRAM and IAM beside each other as soon as one of them was named, and mutual TLS
 * enabled by the CAs that are named, unless it is said not to be.
 */
export function completeSignIn(
  asked: ProvisionedRequest['clientAuthentication'],
): ProvisionedRequest['clientAuthentication'] {
  if (!asked) return asked;
  const { sasl, tls } = asked;
  return {
    ...asked,
    ...(sasl
      ? {
          sasl: {
            scram: { enabled: sasl.scram?.enabled ?? false },
            iam: { enabled: sasl.iam?.enabled ?? false },
          },
        }
      : {}),
    ...(tls
      ? { tls: { ...tls, enabled: tls.enabled ?? (tls.certificateAuthorityArnList ?? []).length > 0 } }
      : {}),
  };
}
