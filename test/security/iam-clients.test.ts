import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { iamClientConfig } from '../../src/cli/clusters/iam-client-config.ts';
import { directoryText } from '../../src/security/iam/directory-file.ts';
import * as known from '../../src/security/iam/testing/known-identities.ts';
import { type IamBroker, kafkaOf, startIamBroker } from '../support/iam-broker.ts';
import { hasCommand } from '../support/kafka-tools.ts';
import { secret } from '../support/secrets/secret.ts';

/** Unmodified clients sign in by IAM with AWS's own libraries for them, and write and read. */

const ROOT = join(import.meta.dirname, '../..');
const JAVA = join(ROOT, '.test-tools/iam-java');
const PYTHON = join(ROOT, '.test-tools/iam-python/bin/python');
const SIGNER = join(ROOT, '.test-tools/iam-js/node_modules/aws-msk-iam-sasl-signer-js');
const GO = join(ROOT, '.test-tools/go-clients');
const TOPIC = 'orders';
/** Nobody makes these before their clients write to them. */
const JAVAS_TOPIC = 'orders-java';
const PYTHONS_TOPIC = 'orders-python';
const DENIED = /\[[0-9a-f-]{36}\]: Access denied/;
const TIMEOUT_MS = 300_000;
const LOGGED_CHARACTERS = 5000;
const run = promisify(execFile);

const SECRET = secret('alice');
const CLUSTER_ARN = known.identities().clusterArn;
let broker: IamBroker;
let folder: string;

/** What a policy for an application says on AWS. */
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['kafka-cluster:Connect', 'kafka-cluster:WriteDataIdempotently'],
      Resource: CLUSTER_ARN,
    },
    {
      Effect: 'Allow',
      Action: [
        'kafka-cluster:CreateTopic',
        'kafka-cluster:DescribeTopic',
        'kafka-cluster:ReadData',
        'kafka-cluster:WriteData',
      ],
      Resource: `${CLUSTER_ARN.replace(':cluster/', ':topic/')}/${TOPIC}*`,
    },
    {
      Effect: 'Allow',
      Action: ['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'],
      Resource: `${CLUSTER_ARN.replace(':cluster/', ':group/')}/*`,
    },
  ],
});

interface Case {
  readonly name: string;
  readonly outcome: RegExp;
  readonly key: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly region?: string;
}

const KEY = { accessKeyId: known.KEY.accessKeyId, secretAccessKey: SECRET };
const CASES: readonly Case[] = [
  { name: 'an access key', outcome: /^in$/, key: KEY },
  {
    name: 'temporary credentials of a role',
    outcome: /^in$/,
    key: known.temporaryKey(Date.now() + 3_600_000),
  },
  { name: 'a wrong secret', outcome: DENIED, key: { ...KEY, secretAccessKey: `${SECRET}x` } },
  { name: 'temporary credentials that are over', outcome: DENIED, key: known.temporaryKey(Date.now() - 1) },
  { name: 'another region', outcome: DENIED, key: KEY, region: 'us-west-2' },
  {
    name: 'a session that may only describe',
    outcome: DENIED,
    key: known.temporaryKey(Date.now() + 3_600_000, {
      sessionPolicy: POLICY.replace('kafka-cluster:Connect', 'kafka-cluster:DescribeCluster'),
    }),
  },
];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-iam-clients-'));
  const file = known.identities(POLICY);
  const users = file.users.map((user) => ({
    ...user,
    accessKeys: user.accessKeys.map((key) => ({ ...key, secret: SECRET })),
  }));
  broker = await startIamBroker(directoryText({ ...file, users }), {
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '1',
    'group.initial.rebalance.delay.ms': '0',
  });
  writeFileSync(join(folder, 'ca.pem'), broker.ca);
  const admin = new Kafka({ brokers: [broker.open], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 1, replicationFactor: 1 }] });
  await admin.disconnect();
});

afterAll(async () => {
  await broker?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Where AWS's libraries look for credentials and the region. */
function environment({ key, region = known.REGION }: Case): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: folder,
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    ...(key.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: key.sessionToken }),
    AWS_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** What a program says last is the outcome; what it logged is shown where that is another one. */
async function expectOutcome(command: string, args: readonly string[], one: Case): Promise<void> {
  const { stdout, stderr } = await run(command, args, { env: environment(one), timeout: TIMEOUT_MS });
  expect(stdout.trim().split('\n').at(-1), stderr.slice(-LOGGED_CHARACTERS)).toMatch(one.outcome);
}

const isThereJava = kafkaJars('tools') !== null && existsSync(JAVA) && hasCommand('java');

describe.each(CASES)('with $name', (one) => {
  const value = `of ${one.name}`;

  test.skipIf(!isThereJava)('Java, by aws-msk-iam-auth', { timeout: TIMEOUT_MS }, async () => {
    const properties = join(folder, 'java.properties');
    const place = { bootstrap: broker.bootstrap, ca: join(folder, 'ca.pem'), region: known.REGION };
    const lines = iamClientConfig('java', place) ?? [];
    writeFileSync(properties, lines.join('\n'));
    const jvm = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m'];
    const program = join(ROOT, 'test/clients/java/IamClient.java');
    const args = [
      ...jvm,
      '-cp',
      `${kafkaJars('tools')}/*:${JAVA}/*`,
      program,
      JAVAS_TOPIC,
      properties,
      value,
    ];
    await expectOutcome('java', args, one);
  });

  test.skipIf(!existsSync(PYTHON))(
    'Python, by aws-msk-iam-sasl-signer-python and librdkafka',
    { timeout: TIMEOUT_MS },
    async () => {
      const program = join(ROOT, 'test/clients/python/iam_client.py');
      const args = [
        program,
        broker.bootstrap,
        join(folder, 'ca.pem'),
        PYTHONS_TOPIC,
        one.region ?? known.REGION,
        value,
      ];
      await expectOutcome(PYTHON, args, one);
    },
  );

  test.skipIf(!existsSync(GO))('Go, by franz-go', { timeout: TIMEOUT_MS }, async () => {
    const config = join(folder, 'go.json');
    const place = { bootstrap: broker.bootstrap, ca: join(folder, 'ca.pem'), topic: TOPIC, value };
    writeFileSync(config, JSON.stringify({ ...place, ...one.key }));
    await expectOutcome(GO, [config, 'franz-go/iam'], one);
  });

  test.skipIf(!existsSync(SIGNER))(
    'JavaScript, by aws-msk-iam-sasl-signer-js and kafkajs',
    { timeout: TIMEOUT_MS },
    async () => {
      const { generateAuthTokenFromCredentialsProvider: tokenOf } = createRequire(import.meta.url)(SIGNER);
      const kafka = kafkaOf(broker, {
        mechanism: 'oauthbearer',
        oauthBearerProvider: async () => ({
          value: (
            await tokenOf({
              region: one.region ?? known.REGION,
              awsCredentialsProvider: async () => one.key,
            })
          ).token,
        }),
      });
      expect(await writtenAndRead(kafka, value)).toMatch(one.outcome);
    },
  );
});

async function writtenAndRead(kafka: Kafka, value: string): Promise<string> {
  const producer = kafka.producer();
  const consumer = kafka.consumer({ groupId: 'javascript' });
  try {
    await producer.connect();
    await producer.send({ topic: TOPIC, messages: [{ value }] });
    await consumer.connect();
    await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const eachMessage = async ({ message }: { message: { value: Buffer | null } }) => {
        if (String(message.value) === value) resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    return 'in';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await consumer.disconnect();
    await producer.disconnect();
  }
}
