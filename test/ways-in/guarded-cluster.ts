import * as kafka from '@aws-sdk/client-kafka';
import * as kms from '@aws-sdk/client-kms';
import * as secrets from '@aws-sdk/client-secrets-manager';
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { eventually } from '../support/millrace.ts';
import { secret } from '../support/secrets/secret.ts';
import { type SecurityState, securityOf, type Way } from './ways-in.ts';

const ACTIVE_MS = 180_000;
const CONNECTION_MS = 10_000;
const USER = 'alice';
const STRINGS = {
  plaintext: 'BootstrapBrokerString',
  tls: 'BootstrapBrokerStringTls',
  certificate: 'BootstrapBrokerStringTls',
  scram: 'BootstrapBrokerStringSaslScram',
} as const;

/** A cluster of the API with a user and a client certificate, and how clients are configured for each way. */
export class GuardedCluster {
  readonly #msk: kafka.KafkaClient;
  readonly #arn: string;
  readonly #clientCa: string;
  readonly #ca: string;
  readonly #identity: { readonly cert: string; readonly key: string };

  /** Three brokers, in this state, which has SCRAM. */
  static async create(api: string, state: SecurityState): Promise<GuardedCluster> {
    const options = {
      endpoint: api,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    };
    const msk = new kafka.KafkaClient(options);
    const { arn: clientCa } = await post(`${api}/millrace/v1/client-cas`, { name: 'tests' });
    const { certificate, privateKey } = await post(`${api}/millrace/v1/client-cas/tests/certificates`, {
      commonName: USER,
    });
    const { ClusterArn: arn = '' } = await msk.send(
      new kafka.CreateClusterCommand({
        ClusterName: 'guarded',
        KafkaVersion: '4.1.x.kraft',
        NumberOfBrokerNodes: 3,
        BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b', 'c'] },
        ...securityOf(state, String(clientCa)),
      }),
    );
    await isActive(msk, arn);
    const keys = new kms.KMSClient(options);
    const manager = new secrets.SecretsManagerClient(options);
    const { KeyMetadata } = await keys.send(new kms.CreateKeyCommand({}));
    const { ARN = '' } = await manager.send(
      new secrets.CreateSecretCommand({
        Name: `AmazonMSK_${USER}`,
        KmsKeyId: KeyMetadata?.KeyId,
        SecretString: JSON.stringify({ username: USER, password: secret(USER) }),
      }),
    );
    await msk.send(new kafka.BatchAssociateScramSecretCommand({ ClusterArn: arn, SecretArnList: [ARN] }));
    keys.destroy();
    manager.destroy();
    const identity = { cert: String(certificate), key: String(privateKey) };
    const ca = await (await fetch(`${api}/ca.pem`)).text();
    const cluster = new GuardedCluster(msk, arn, String(clientCa), ca, identity);
    await eventually('the user signs in', async () => (await cluster.config('scram').then(refusal)) === null);
    return cluster;
  }

  private constructor(
    msk: kafka.KafkaClient,
    arn: string,
    clientCa: string,
    ca: string,
    identity: { readonly cert: string; readonly key: string },
  ) {
    this.#msk = msk;
    this.#arn = arn;
    this.#clientCa = clientCa;
    this.#ca = ca;
    this.#identity = identity;
  }

  /** Resolves when every broker has the listeners of the state. */
  async change(state: SecurityState): Promise<void> {
    const { ClusterInfo } = await this.#msk.send(new kafka.DescribeClusterCommand({ ClusterArn: this.#arn }));
    await this.#msk.send(
      new kafka.UpdateSecurityCommand({
        ClusterArn: this.#arn,
        CurrentVersion: ClusterInfo?.CurrentVersion,
        ...securityOf(state, this.#clientCa),
      }),
    );
    await isActive(this.#msk, this.#arn);
  }

  /** What a client needs that comes in so; rejects where there is no such listener. */
  async config(way: Way): Promise<KafkaConfig> {
    const strings = await this.#msk.send(new kafka.GetBootstrapBrokersCommand({ ClusterArn: this.#arn }));
    const bootstrap = strings[STRINGS[way]];
    if (bootstrap === undefined) throw new Error(`nobody can come in by ${way}`);
    return {
      brokers: bootstrap.split(','),
      ...(way === 'plaintext'
        ? {}
        : { ssl: { ca: [this.#ca], ...(way === 'certificate' ? this.#identity : {}) } }),
      ...(way === 'scram'
        ? { sasl: { mechanism: 'scram-sha-512', username: USER, password: secret(USER) } }
        : {}),
    };
  }

  close(): void {
    this.#msk.destroy();
  }
}

/** Why a client does not come in at its first attempt; null when it does. A busy broker may take its time. */
export async function refusal(config: KafkaConfig): Promise<string | null> {
  const client = new Kafka({
    ...config,
    connectionTimeout: CONNECTION_MS,
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  });
  const admin = client.admin();
  try {
    await admin.connect();
    await admin.listTopics();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await admin.disconnect();
  }
}

async function post(url: string, body: object): Promise<{ readonly [member: string]: unknown }> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const members: unknown = await answer.json();
  if (!answer.ok || typeof members !== 'object' || members === null)
    throw new Error(`${url}: ${answer.status} ${JSON.stringify(members)}`);
  return { ...members };
}

async function isActive(msk: kafka.KafkaClient, ClusterArn: string): Promise<void> {
  await eventually(
    'the cluster is ACTIVE',
    async () => {
      const { ClusterInfo } = await msk.send(new kafka.DescribeClusterCommand({ ClusterArn }));
      if (ClusterInfo?.State === 'FAILED') throw new Error(JSON.stringify(ClusterInfo.StateInfo));
      return ClusterInfo?.State === 'ACTIVE';
    },
    ACTIVE_MS,
  );
}
