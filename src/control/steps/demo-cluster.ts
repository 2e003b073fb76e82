import { invalidAtStart, validateBrokerProperties } from '../../metadata/configs/broker-configs.ts';
import { clusterName } from '../api/cluster-shapes.ts';
import { withDefaults } from '../api/provisioned.ts';
import { Invalid } from '../api/shape.ts';
import { type ApiError, badRequest } from '../aws/api-error.ts';
import { DEFAULT_INSTANCE_TYPE } from '../aws/instance-types.ts';
import { DEFAULT_KAFKA_VERSION } from '../aws/kafka-versions.ts';
import { demoBrokerDefaults } from '../broker-config.ts';
import type { NewCluster } from '../control.ts';
import type { ProvisionedSpec } from '../state/provisioned-spec.ts';

const MOST_ZONES = 3;

/**
 * The cluster that `millrace up` makes. Unlike one made through the API it may have any number of brokers
 * (one is enough to try things), creates topics by itself, and insists on its ports: they are what people
 * type. It is in plaintext unless `tls`, `scram` or `iam` is wanted.
 */
export function demoCluster(wish: {
  readonly name: string;
  readonly brokers: number;
  readonly firstPortBase: number;
  readonly tls: boolean;
  /** Over TLS, as `iam`. */
  readonly scram: boolean;
  readonly iam: boolean;
  /** Configs of its brokers, before the defaults. */
  readonly config: Readonly<Record<string, string>>;
}): NewCluster | ApiError {
  const name = clusterName.parse(wish.name, '--cluster');
  if (name instanceof Invalid) return name.error;
  const wrong = invalidAtStart(wish.config);
  if (wrong !== null) return badRequest(`--config: ${wrong}`);
  const zones = Math.min(wish.brokers, MOST_ZONES);
  return {
    name,
    spec: withDefaults({
      kafkaVersion: DEFAULT_KAFKA_VERSION,
      numberOfBrokerNodes: wish.brokers,
      brokerNodeGroupInfo: {
        instanceType: DEFAULT_INSTANCE_TYPE,
        clientSubnets: Array.from({ length: zones }, (_, zone) => `subnet-${zone + 1}`),
      },
      ...security(wish),
    }),
    tags: {},
    brokerConfig: { ...demoBrokerDefaults(zones, wish.scram || wish.iam), ...wish.config },
    firstPortBase: wish.firstPortBase,
    exactPorts: true,
  };
}

/**
 * Why a new cluster cannot have these configs; null where it can. A cluster that is there is not judged: an
 * older release may have taken its configs, and its brokers start with a warning.
 */
export function demoConfigProblem({ brokerConfig }: NewCluster): string | null {
  const wrong = validateBrokerProperties(brokerConfig);
  return wrong && `--config: ${wrong}`;
}

function security({
  tls,
  scram,
  iam,
}: {
  readonly tls: boolean;
  readonly scram: boolean;
  readonly iam: boolean;
}): Pick<ProvisionedSpec, 'clientAuthentication' | 'encryptionInfo'> {
  return {
    clientAuthentication:
      scram || iam ? { sasl: { scram: { enabled: scram }, iam: { enabled: iam } } } : undefined,
    encryptionInfo:
      tls || scram || iam ? { encryptionInTransit: { clientBroker: 'TLS', inCluster: true } } : undefined,
  };
}
