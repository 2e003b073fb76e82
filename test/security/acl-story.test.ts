import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import * as kafka from '@aws-sdk/client-kafka';
import * as kms from '@aws-sdk/client-kms';
import * as secrets from '@aws-sdk/client-secrets-manager';
import { Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { consoleSteps } from '../support/console-page.ts';
import { hasCommand, run } from '../support/kafka-tools.ts';
import { eventually, Millrace } from '../support/millrace.ts';
import { secret } from '../support/secrets/secret.ts';

/** Runs docs/acls.md command by command: the output is what the page shows. */

const ROOT = join(import.meta.dirname, '../..');
const PASSWORD = secret('of-three-users');
const USERS = ['alice', 'bob', 'carol'] as const;
type User = (typeof USERS)[number];

test('the page about ACLs does what it says', async () => {
  await using millrace = await Millrace.up(['--no-cluster']);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-acls-'));
  try {
    const connect = await shop(millrace.ready.api, folder);
    for (const [user, topic, value] of [
      ['alice', 'orders', '4711: one table'],
      ['alice', 'payments', '4711: 99.90'],
    ] as const)
      expect(await write(connect(user), topic, value)).toBe('written');

    const millraceScript = `#!/bin/sh\nexec "${process.execPath}" "${ROOT}/bin/millrace.mjs" "$@" --api ${millrace.ready.api}\n`;
    writeFileSync(join(folder, 'millrace'), millraceScript, { mode: 0o755 });
    const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
    for (const { command, output } of consoleSteps(readFileSync(join(ROOT, 'docs/acls.md'), 'utf8'))) {
      if (command.startsWith('kcat') && !hasCommand('kcat')) continue;
      const { stdout, stderr } = await run('sh', ['-c', command], { cwd: folder, env });
      const printed = (stdout + stderr).replace(/^% Reading configuration from file .*\n/m, '');
      expect(`$ ${command}\n${printed}`.trimEnd()).toBe(`$ ${command}\n${output}`.trimEnd());
    }

    expect(await write(connect('alice'), 'payments', 'more')).toBe('written');
    expect(await write(connect('bob'), 'payments', 'more')).toBe('written');
    expect(await write(connect('carol'), 'payments', 'more')).toContain('authorization failed');
    expect(await write(connect('carol'), 'orders', 'more')).toBe('written');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** The cluster of the page, with its users, its topics and its clients' configuration files. */
async function shop(api: string, folder: string): Promise<(user: User) => Kafka> {
  const options = {
    endpoint: api,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  };
  const msk = new kafka.KafkaClient(options);
  const manager = new secrets.SecretsManagerClient(options);
  const keys = new kms.KMSClient(options);
  const { ClusterArn } = await msk.send(
    new kafka.CreateClusterCommand({
      ClusterName: 'shop',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 2,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b'] },
      ClientAuthentication: { Sasl: { Scram: { Enabled: true } } },
    }),
  );
  const { KeyMetadata } = await keys.send(new kms.CreateKeyCommand({}));
  const SecretArnList: string[] = [];
  for (const username of USERS) {
    const { ARN = '' } = await manager.send(
      new secrets.CreateSecretCommand({
        Name: `AmazonMSK_${username}`,
        KmsKeyId: KeyMetadata?.KeyId,
        SecretString: JSON.stringify({ username, password: PASSWORD }),
      }),
    );
    SecretArnList.push(ARN);
  }
  await eventually('the cluster is ACTIVE', async () => {
    const { ClusterInfo } = await msk.send(new kafka.DescribeClusterCommand({ ClusterArn }));
    return ClusterInfo?.State === 'ACTIVE';
  });
  await msk.send(new kafka.BatchAssociateScramSecretCommand({ ClusterArn, SecretArnList }));
  const { BootstrapBrokerStringSaslScram: brokers = '' } = await msk.send(
    new kafka.GetBootstrapBrokersCommand({ ClusterArn }),
  );
  const ca = await (await fetch(`${api}/ca.pem`)).text();
  writeFileSync(join(folder, 'ca.pem'), ca);
  for (const user of USERS)
    writeFileSync(
      join(folder, `${user}.conf`),
      `bootstrap.servers=${brokers}\nsecurity.protocol=SASL_SSL\nssl.ca.location=ca.pem\nsasl.mechanism=SCRAM-SHA-512\nsasl.username=${user}\nsasl.password=${PASSWORD}\n`,
      { mode: 0o600 },
    );
  for (const client of [msk, manager, keys]) client.destroy();
  const connect = (username: User, to = brokers) =>
    new Kafka({
      brokers: to.split(','),
      logLevel: logLevel.NOTHING,
      connectionTimeout: 60_000,
      ssl: { ca: [ca] },
      sasl: { mechanism: 'scram-sha-512', username, password: PASSWORD },
    });
  // Each broker learns of a user by itself.
  for (const user of USERS)
    for (const broker of brokers.split(','))
      await eventually(`${user} signs in to ${broker}`, () => signsIn(connect(user, broker)));
  const admin = connect('alice').admin();
  await admin.connect();
  await admin.createTopics({
    waitForLeaders: true,
    topics: ['orders', 'payments'].map((topic) => ({ topic, numPartitions: 1 })),
  });
  await admin.disconnect();
  return connect;
}

async function signsIn(client: Kafka): Promise<boolean> {
  const admin = client.admin({ retry: { retries: 0 } });
  try {
    await admin.connect();
    return true;
  } catch {
    return false;
  } finally {
    await admin.disconnect();
  }
}

async function write(client: Kafka, topic: string, value: string): Promise<string> {
  const producer = client.producer({ allowAutoTopicCreation: false });
  try {
    await producer.connect();
    await producer.send({ topic, messages: [{ value }] });
    return 'written';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await producer.disconnect();
  }
}
