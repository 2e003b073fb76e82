import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import * as kafka from '@aws-sdk/client-kafka';
import * as kms from '@aws-sdk/client-kms';
import * as secrets from '@aws-sdk/client-secrets-manager';
import { Kafka, logLevel, type SASLOptions } from 'kafkajs';
import { expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { hasCommand, kafkaTool, kcat, run } from '../support/kafka-tools.ts';
import { filesWith } from '../support/live-folder.ts';
import { eventually, Millrace, processesOf } from '../support/millrace.ts';
import { secret } from '../support/secrets/secret.ts';

/**
 * A cluster of MSK's API whose clients sign in by SCRAM: real processes, an unmodified client, and secrets
 * that no file and no process shows.
 */

const PROGRAM = join(import.meta.dirname, '../../bin/millrace.mjs');

const PASSWORDS = { alice: secret('the-first-of-alice'), changed: secret('the-second-of-alice') };

function login(username: string, password: string): string {
  return JSON.stringify({ username, password });
}

/** The topics that a client sees, or its error. */
async function topics(
  brokers: string,
  ca: string | ConnectionOptions | undefined,
  sasl?: SASLOptions,
): Promise<string[] | string> {
  const admin = new Kafka({
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 60_000,
    retry: { retries: 0 },
    ...(ca === undefined ? {} : { ssl: typeof ca === 'string' ? { ca: [ca] } : ca }),
    ...(sasl ? { sasl } : {}),
  }).admin();
  try {
    await admin.connect();
    return await admin.listTopics();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await admin.disconnect();
  }
}

test('clients of an API-made cluster sign in with secrets, over TLS, and UpdateSecurity changes how', async () => {
  await using millrace = await Millrace.up(['--no-cluster']);
  const options = {
    endpoint: millrace.ready.api,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  };
  const msk = new kafka.KafkaClient(options);
  const manager = new secrets.SecretsManagerClient(options);
  const keys = new kms.KMSClient(options);
  const millraceTells = (...words: string[]) =>
    run(process.execPath, [PROGRAM, ...words, '--api', millrace.ready.api]);
  const { ClusterArn } = await msk.send(
    new kafka.CreateClusterCommand({
      ClusterName: 'guarded',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 2,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b'] },
      ClientAuthentication: { Sasl: { Scram: { Enabled: true } } },
    }),
  );
  const describe = async () => (await msk.send(new kafka.DescribeClusterCommand({ ClusterArn }))).ClusterInfo;
  const isActive = async () => (await describe())?.State === 'ACTIVE';
  await eventually('the cluster is ACTIVE', isActive);
  const bootstrap = () => msk.send(new kafka.GetBootstrapBrokersCommand({ ClusterArn }));
  const ca = await (await fetch(`${millrace.ready.api}/ca.pem`)).text();

  const { KeyMetadata } = await keys.send(new kms.CreateKeyCommand({}));
  const { ARN: SecretId = '' } = await manager.send(
    new secrets.CreateSecretCommand({
      Name: 'AmazonMSK_alice',
      KmsKeyId: KeyMetadata?.KeyId,
      SecretString: login('alice', PASSWORDS.alice),
    }),
  );
  const associated = await msk.send(
    new kafka.BatchAssociateScramSecretCommand({ ClusterArn, SecretArnList: [SecretId] }),
  );
  expect(associated.UnprocessedScramSecrets).toEqual([]);

  const {
    BootstrapBrokerString,
    BootstrapBrokerStringTls,
    BootstrapBrokerStringSaslScram = '',
  } = await bootstrap();
  expect([BootstrapBrokerString, BootstrapBrokerStringTls]).toEqual([undefined, undefined]);
  expect(BootstrapBrokerStringSaslScram).toMatch(/^localhost:\d+,localhost:\d+$/);
  const alice = (password: string, to = BootstrapBrokerStringSaslScram): Promise<string[] | string> =>
    topics(to, ca, { mechanism: 'scram-sha-512', username: 'alice', password });
  /** Each broker learns of a password by itself. */
  const comesIn = async (password: string): Promise<void> => {
    for (const broker of BootstrapBrokerStringSaslScram.split(','))
      await eventually(`alice signs in to ${broker}`, async () =>
        Array.isArray(await alice(password, broker)),
      );
  };
  await comesIn(PASSWORDS.alice);
  expect(await alice('wrong')).toMatch(/invalid credentials/);
  const weaker = { mechanism: 'scram-sha-256', username: 'alice', password: PASSWORDS.alice } as const;
  expect(await topics(BootstrapBrokerStringSaslScram, ca, weaker)).toMatch(
    /does not support the requested SASL mechanism/,
  );

  // A user is not one of the nodes, whatever certificate it shows to their listener.
  const [broker = ''] = globSync(join(millrace.data, 'clusters', '*', 'broker-1'));
  const { options: node } = JSON.parse(readFileSync(join(broker, 'process.json'), 'utf8'));
  const inside = node.listeners.find(({ name }: { readonly name: string }) => name === 'REPLICATION');
  const pem = readFileSync(join(broker, 'peer.pem'), 'utf8');
  const asNode = {
    ca: [readFileSync(node.peerTls.ca, 'utf8')],
    cert: pem,
    key: pem,
    servername: `node-1.${node.peerTls.domain}`,
  };
  const password = { mechanism: 'scram-sha-512', username: 'alice', password: PASSWORDS.alice } as const;
  expect(await topics(`${inside.host}:${inside.port}`, asNode, password)).toMatch(/invalid credentials/);

  // Now only alice may change the cluster, and the control plane, which no ACL can lock out.
  const alter = ['guarded', '--allow-principal', 'User:alice', '--operation', 'Alter', '--cluster'];
  expect(await millraceTells('acl', 'add', ...alter)).toMatchObject({ status: 0 });
  await manager.send(
    new secrets.PutSecretValueCommand({ SecretId, SecretString: login('alice', PASSWORDS.changed) }),
  );
  await comesIn(PASSWORDS.changed);
  expect(await alice(PASSWORDS.alice)).toMatch(/invalid credentials/);

  await msk.send(
    new kafka.UpdateSecurityCommand({
      ClusterArn,
      CurrentVersion: (await describe())?.CurrentVersion,
      ClientAuthentication: { Sasl: { Scram: { Enabled: true } }, Unauthenticated: { Enabled: true } },
    }),
  );
  await eventually('the cluster has its new listeners', isActive);
  const open = await bootstrap();
  expect(open.BootstrapBrokerString).toBeUndefined();
  expect(await topics(open.BootstrapBrokerStringTls ?? '', ca)).toEqual(expect.any(Array));
  expect(await alice(PASSWORDS.changed)).toEqual(expect.any(Array));

  // The output of the command line is all that a client needs except the password.
  const { stdout: exported } = await millraceTells('ca', 'export');
  expect(exported).toBe(ca);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-client-'));
  writeFileSync(join(folder, 'ca.pem'), exported);
  for (const tool of ['kcat', 'console'] as const) {
    const words = ['clusters', 'client-config', 'guarded', '--tool', tool, '--listener', 'scram'];
    const { stdout } = await millraceTells(...words, '--ca', join(folder, 'ca.pem'));
    writeFileSync(join(folder, tool), stdout.replace('PASSWORD', PASSWORDS.changed), { mode: 0o600 });
  }
  if (hasCommand('kcat')) {
    const listed = await kcat(['-F', join(folder, 'kcat'), '-L']);
    expect(listed.stdout + listed.stderr).toContain('2 brokers');
  }
  if (kafkaJars('tools')) {
    const server = ['--bootstrap-server', BootstrapBrokerStringSaslScram];
    const listed = await kafkaTool('kafka-topics', [
      ...server,
      '--command-config',
      join(folder, 'console'),
      '--list',
    ]);
    expect(listed).toMatchObject({ status: 0 });
  }
  rmSync(folder, { recursive: true });

  // Neither passwords nor the CA's key are stored in plaintext.
  for (const password of Object.values(PASSWORDS)) expect(filesWith(millrace.data, password)).toEqual([]);
  for (const { pid, command } of processesOf(millrace.data)) {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    for (const password of Object.values(PASSWORDS)) expect(command + environment).not.toContain(password);
  }
  for (const client of [msk, manager, keys]) client.destroy();
});
