import { deepStrictEqual } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as msk from '@aws-sdk/client-kafka';
import * as kms from '@aws-sdk/client-kms';
import * as secrets from '@aws-sdk/client-secrets-manager';
import { Kafka, logLevel } from 'kafkajs';
import { eventually, Millrace } from '../support/millrace.ts';
import { secret } from '../support/secrets/secret.ts';
import { Load, read } from './load.ts';

const CLUSTER = 'life';
const USER = 'alice';
const PASSWORD = secret('alice');
const LARGE_BYTES = 8 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;
/** Milliseconds for a change on a busy machine. */
const CHANGE_MS = 600_000;
/** Milliseconds after each step, so that the load meets it. */
const BETWEEN_MS = 2_000;

/**
 * One cluster from its creation to its deletion, with TLS, SCRAM, and a producer that never pauses for long.
 * `say` is told of each step when it is done. Rejects if a step does not end as it should, or an acknowledged
 * record is missing at the end.
 */
export async function life(say: (line: string) => void): Promise<void> {
  await using millrace = await Millrace.up(['--no-cluster']);
  const owner = new Owner(millrace.ready.api);
  await owner.create();
  const kafka = await owner.client();
  say('created with revision 1, TLS and SCRAM');
  const load = await Load.start(kafka);
  const told = (step: string) =>
    say(`${step} (${load.acknowledged} records acknowledged, ${load.refused} requests not)`);
  try {
    await owner.change(
      'scaled out',
      { type: 'INCREASE_BROKER_COUNT', steps: ['START_BROKERS', 'MOVE_PARTITIONS'] },
      (aws, at) => aws.send(new msk.UpdateBrokerCountCommand({ ...at, TargetNumberOfBrokerNodes: 6 })),
    );
    told('scaled out to 6 brokers');

    const Arn = await owner.revise(`message.max.bytes=${LARGE_BYTES + MEGABYTE}\nnum.partitions=4`);
    await owner.change(
      'given revision 2',
      {
        type: 'UPDATE_CLUSTER_CONFIGURATION',
        // The number of partitions is read when a node starts, the size of messages at once.
        steps: [...eachOf(6), 'UPDATE_CONTROLLER', 'UPDATE_LIVE_CONFIGS'],
      },
      (aws, at) =>
        aws.send(
          new msk.UpdateClusterConfigurationCommand({ ...at, ConfigurationInfo: { Arn, Revision: 2 } }),
        ),
    );
    await sendLarge(kafka);
    told('given revision 2, and messages of 8 MB');

    const filler = await Filler.start(kafka);
    await filler.fill();
    told('filled a volume: the broker refuses records');
    await filler.remove();
    await owner.change(
      'given larger volumes',
      { type: 'UPDATE_STORAGE', steps: ['RESIZE_VOLUMES'] },
      (aws, at) => aws.send(new msk.UpdateStorageCommand({ ...at, VolumeSizeGB: 11 })),
    );
    await eventually('records are taken again', () => grows(load), CHANGE_MS);
    told('given larger volumes, and room');

    await owner.change(
      'upgraded',
      { type: 'UPDATE_CLUSTER_KAFKA_VERSION', steps: [...eachOf(6), 'FINALIZE_FEATURES'] },
      (aws, at) =>
        aws.send(new msk.UpdateClusterKafkaVersionCommand({ ...at, TargetKafkaVersion: '4.1.x.kraft' })),
    );
    told('upgraded from Kafka 3.9 to 4.1');

    await owner.change(
      'scaled in',
      { type: 'DECREASE_BROKER_COUNT', steps: ['MOVE_PARTITIONS', 'REMOVE_BROKERS'] },
      (aws, at) => aws.send(new msk.UpdateBrokerCountCommand({ ...at, TargetNumberOfBrokerNodes: 3 })),
    );
    told('scaled in to 3 brokers');

    await owner.tagAndPolicy();
    told('tagged, and given a policy');
  } finally {
    await load.stop();
  }
  const lost = await load.lost();
  if (lost.length > 0)
    throw new Error(`${lost.length} acknowledged records are lost: ${lost.slice(0, 5).join(', ')} …`);
  const large = await read(kafka, 'large');
  if (large.length !== 3 || large.some(({ length }) => length !== LARGE_BYTES))
    throw new Error(`of three messages of 8 MB there are ${large.map(({ length }) => length).join(', ')}`);
  say(`all ${load.acknowledged} acknowledged records are there`);
  await owner.remove();
  say('deleted');
}

/** The owner of the cluster, who uses MSK's API. */
class Owner {
  readonly #api: string;
  readonly #kafka: msk.KafkaClient;
  readonly #secrets: secrets.SecretsManagerClient;
  readonly #keys: kms.KMSClient;
  #configuration: string | undefined;
  #arn = '';

  constructor(api: string) {
    this.#api = api;
    const options = {
      endpoint: api,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    };
    this.#kafka = new msk.KafkaClient(options);
    this.#secrets = new secrets.SecretsManagerClient(options);
    this.#keys = new kms.KMSClient(options);
  }

  async create(): Promise<void> {
    const { Arn } = await this.#kafka.send(
      new msk.CreateConfigurationCommand({
        Name: CLUSTER,
        ServerProperties: Buffer.from('message.max.bytes=1048588\nnum.partitions=2'),
      }),
    );
    this.#configuration = Arn;
    const { ClusterArn = '' } = await this.#kafka.send(
      new msk.CreateClusterCommand({
        ClusterName: CLUSTER,
        KafkaVersion: '3.9.x.kraft',
        NumberOfBrokerNodes: 3,
        BrokerNodeGroupInfo: {
          InstanceType: 'kafka.m5.large',
          ClientSubnets: ['a', 'b', 'c'],
          StorageInfo: { EbsStorageInfo: { VolumeSize: 1 } },
        },
        ClientAuthentication: { Sasl: { Scram: { Enabled: true } } },
        ConfigurationInfo: { Arn, Revision: 1 },
      }),
    );
    this.#arn = ClusterArn;
    await eventually('it is ACTIVE', async () => (await this.#info()).State === 'ACTIVE', CHANGE_MS);
    const { KeyMetadata } = await this.#keys.send(new kms.CreateKeyCommand({}));
    const { ARN = '' } = await this.#secrets.send(
      new secrets.CreateSecretCommand({
        Name: `AmazonMSK_${USER}`,
        // Any key but the default one, which MSK refuses.
        KmsKeyId: KeyMetadata?.KeyId,
        SecretString: JSON.stringify({ username: USER, password: PASSWORD }),
      }),
    );
    const { UnprocessedScramSecrets = [] } = await this.#kafka.send(
      new msk.BatchAssociateScramSecretCommand({ ClusterArn, SecretArnList: [ARN] }),
    );
    if (UnprocessedScramSecrets.length > 0) throw new Error(JSON.stringify(UnprocessedScramSecrets));
  }

  async client(): Promise<Kafka> {
    const bootstrap = await this.#kafka.send(new msk.GetBootstrapBrokersCommand({ ClusterArn: this.#arn }));
    const ca = await (await fetch(`${this.#api}/ca.pem`)).text();
    return new Kafka({
      brokers: (bootstrap.BootstrapBrokerStringSaslScram ?? '').split(','),
      logLevel: logLevel.NOTHING,
      connectionTimeout: 60_000,
      ssl: { ca: [ca] },
      sasl: { mechanism: 'scram-sha-512', username: USER, password: PASSWORD },
    });
  }

  /** Makes another revision of the configuration; resolves with its ARN. */
  async revise(text: string): Promise<string | undefined> {
    const Arn = this.#configuration;
    await this.#kafka.send(new msk.UpdateConfigurationCommand({ Arn, ServerProperties: Buffer.from(text) }));
    return Arn;
  }

  /**
   * Requests a change with the current version, and waits until it is complete, with exactly the documented
   * steps.
   */
  async change(
    what: string,
    { type, steps }: { readonly type: string; readonly steps: readonly string[] },
    ask: (
      aws: msk.KafkaClient,
      at: { ClusterArn: string; CurrentVersion: string | undefined },
    ) => Promise<{ ClusterOperationArn?: string | undefined }>,
  ): Promise<void> {
    const ClusterArn = this.#arn;
    const { CurrentVersion } = await this.#info();
    const { ClusterOperationArn } = await ask(this.#kafka, { ClusterArn, CurrentVersion });
    let told: msk.ClusterOperationInfo = {};
    await eventually(
      `it is ${what}`,
      async () => {
        const { ClusterOperationInfo: info = {} } = await this.#kafka.send(
          new msk.DescribeClusterOperationCommand({ ClusterOperationArn }),
        );
        told = info;
        if (info.OperationState === 'UPDATE_FAILED')
          throw new Error(`It was not ${what}: ${JSON.stringify(info.ErrorInfo)}`);
        return info.OperationState === 'UPDATE_COMPLETE';
      },
      CHANGE_MS,
    );
    const stepsTold = (told.OperationSteps ?? []).map(
      ({ StepName, StepInfo }) => `${StepName} ${StepInfo?.StepStatus}`,
    );
    deepStrictEqual(
      { type: told.OperationType, steps: stepsTold },
      { type, steps: ['INITIALIZE_UPDATE', ...steps, 'FINALIZE_UPDATE'].map((name) => `${name} COMPLETED`) },
    );
    await sleep(BETWEEN_MS);
  }

  async tagAndPolicy(): Promise<void> {
    const ClusterArn = this.#arn;
    await this.#kafka.send(new msk.TagResourceCommand({ ResourceArn: ClusterArn, Tags: { stage: 'old' } }));
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: '*' },
          Action: 'kafka:GetBootstrapBrokers',
          Resource: ClusterArn,
        },
      ],
    });
    await this.#kafka.send(new msk.PutClusterPolicyCommand({ ClusterArn, Policy }));
    const { Tags } = await this.#info();
    if (Tags?.stage !== 'old') throw new Error(`the tags are ${JSON.stringify(Tags)}`);
  }

  async remove(): Promise<void> {
    await this.#kafka.send(new msk.DeleteClusterCommand({ ClusterArn: this.#arn }));
    await eventually(
      'it is gone',
      async () =>
        ((await this.#kafka.send(new msk.ListClustersCommand({}))).ClusterInfoList ?? []).length === 0,
      CHANGE_MS,
    );
  }

  async #info(): Promise<msk.ClusterInfo> {
    const answer = await this.#kafka.send(new msk.DescribeClusterCommand({ ClusterArn: this.#arn }));
    return answer.ClusterInfo ?? {};
  }
}

/** One step for each of this many brokers, in which the broker is restarted. */
function eachOf(brokers: number): string[] {
  return Array.from({ length: brokers }, (_, index) => `UPDATE_BROKER_${index + 1}`);
}

async function sendLarge(kafka: Kafka): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    waitForLeaders: true,
    topics: [{ topic: 'large', numPartitions: 1, replicationFactor: 3 }],
  });
  await admin.disconnect();
  const producer = kafka.producer();
  await producer.connect();
  for (let i = 0; i < 3; i++)
    await producer.send({ topic: 'large', acks: -1, messages: [{ value: Buffer.alloc(LARGE_BYTES, i) }] });
  await producer.disconnect();
}

/** Fills the volume of the one broker that has its topic. */
class Filler {
  readonly #kafka: Kafka;

  static async start(kafka: Kafka): Promise<Filler> {
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({
      waitForLeaders: true,
      topics: [
        {
          topic: 'filler',
          numPartitions: 1,
          replicationFactor: 1,
          configEntries: [{ name: 'min.insync.replicas', value: '1' }],
        },
      ],
    });
    await admin.disconnect();
    return new Filler(kafka);
  }

  private constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  /** Writes until a record is refused; rejects if twice the volume fits. */
  async fill(): Promise<void> {
    const producer = this.#kafka.producer({ retry: { retries: 0 } });
    await producer.connect();
    const value = randomBytes(4 * MEGABYTE);
    try {
      for (let sent = 0; sent < 2 * 1024; sent += 4)
        await producer.send({ topic: 'filler', acks: 1, messages: [{ value }] });
    } catch {
      return;
    } finally {
      await producer.disconnect();
    }
    throw new Error('a volume of 1 GiB takes 2 GiB');
  }

  async remove(): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: ['filler'] });
    await admin.disconnect();
  }
}

/** Whether another record is acknowledged within a second. */
async function grows(load: Load): Promise<boolean> {
  const before = load.acknowledged;
  await sleep(1_000);
  return load.acknowledged > before;
}
