import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as kafka from '@aws-sdk/client-kafka';
import { Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { hasCommand, kafkaTool, kcat, run } from '../support/kafka-tools.ts';
import { eventually, Millrace } from '../support/millrace.ts';
import { secret } from '../support/secrets/secret.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/millrace.mjs');

/**
 * Clients that sign in by certificates to a cluster of the MSK API: real processes, and the commands that
 * people type.
 */

test('clients sign in by certificates of the CAs that their cluster names, and of no other', async () => {
  await using millrace = await Millrace.up(['--no-cluster']);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-mutual-tls-'));
  const path = (name: string) => join(folder, name);
  const msk = new kafka.KafkaClient({
    endpoint: millrace.ready.api,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  const millraceTells = async (...words: string[]): Promise<string> => {
    const told = await run(process.execPath, [PROGRAM, ...words, '--api', millrace.ready.api]);
    expect(told, `${words.join(' ')}: ${told.stderr}`).toMatchObject({ status: 0 });
    return told.stdout.trim();
  };

  const tests = await millraceTells('ca', 'create', 'tests');
  const { ClusterArn } = await msk.send(
    new kafka.CreateClusterCommand({
      ClusterName: 'guarded',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 2,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b'] },
      ClientAuthentication: { Tls: { CertificateAuthorityArnList: [tests] } },
    }),
  );
  const describe = async () => (await msk.send(new kafka.DescribeClusterCommand({ ClusterArn }))).ClusterInfo;
  const isActive = async () => (await describe())?.State === 'ACTIVE';
  await eventually('the cluster is ACTIVE', isActive);
  const { BootstrapBrokerStringTls = '', ...others } = await msk.send(
    new kafka.GetBootstrapBrokersCommand({ ClusterArn }),
  );
  expect(Object.keys(others)).toEqual(['$metadata']);

  writeFileSync(path('ca.pem'), await millraceTells('ca', 'export'));
  await millraceTells('ca', 'issue', 'tests', 'alice', '--out', path('client.pem'));
  expect(statSync(path('client.pem')).mode & 0o777).toBe(0o600);
  const comesIn = async (certificate: string | null): Promise<boolean> => {
    const own = certificate === null ? undefined : readFileSync(certificate, 'utf8');
    const admin = new Kafka({
      brokers: BootstrapBrokerStringTls.split(','),
      logLevel: logLevel.NOTHING,
      connectionTimeout: 60_000,
      retry: { retries: 0 },
      ssl: { ca: [readFileSync(path('ca.pem'), 'utf8')], ...(own ? { cert: own, key: own } : {}) },
    }).admin();
    try {
      await admin.connect();
      await admin.listTopics();
      return true;
    } catch {
      return false;
    } finally {
      await admin.disconnect();
    }
  };
  expect(await comesIn(path('client.pem'))).toBe(true);
  expect(await comesIn(null)).toBe(false);
  // A broker's own certificate, whose CA the client trusts, and a node's are no client certificates.
  for (const name of ['listeners.pem', 'peer.pem']) {
    const [file = ''] = globSync(join(millrace.data, 'clusters', '*', 'broker-1', name));
    expect(await comesIn(file), name).toBe(false);
  }

  // The same as PKCS#12.
  const password = secret('store');
  writeFileSync(path('password'), `${password}\n`);
  const sealed = ['--format', 'pkcs12', '--password-file', path('password')];
  await millraceTells('ca', 'export', ...sealed, '--out', path('trusted.p12'));
  await millraceTells('ca', 'issue', 'tests', 'alice', ...sealed, '--out', path('client.p12'));
  for (const name of ['trusted.p12', 'client.p12'])
    expect(statSync(path(name)).mode & 0o777, name).toBe(0o600);
  if (hasCommand('keytool')) {
    const listed = (name: string) =>
      run('keytool', ['-list', '-keystore', path(name), '-storepass:file', path('password')]);
    const [trusted, own] = await Promise.all([listed('trusted.p12'), listed('client.p12')]);
    expect(trusted.stdout).toMatch(/^millrace-ca, .*trustedCertEntry/m);
    expect(own.stdout).toMatch(/^alice, .*PrivateKeyEntry/m);
    for (const { stdout } of [trusted, own]) expect(stdout).toContain('contains 1 entry');
  }
  if (hasCommand('openssl')) {
    const read = ['pkcs12', '-in', path('trusted.p12'), '-passin', `file:${path('password')}`];
    expect((await run('openssl', read)).stdout).toContain('friendlyName: millrace-ca');
  }

  // The output of the command line is all that a client needs.
  const configOf = (tool: string, ca: string, certificate: string): Promise<string> =>
    millraceTells(
      ...['clusters', 'client-config', 'guarded', '--tool', tool],
      ...['--ca', path(ca), '--certificate', path(certificate)],
    );
  for (const tool of ['kcat', 'console'])
    writeFileSync(path(tool), await configOf(tool, 'ca.pem', 'client.pem'));
  const byPkcs12 = await configOf('console', 'trusted.p12', 'client.p12');
  writeFileSync(path('console-pkcs12'), byPkcs12.replaceAll(/(TRUST|KEY)STORE_PASS/g, password));
  if (hasCommand('kcat')) {
    const listed = await kcat(['-F', path('kcat'), '-L']);
    expect(listed.stdout + listed.stderr).toContain('2 brokers');
  }
  if (kafkaJars('tools')) {
    const by = (config: string) => [
      ...['--bootstrap-server', BootstrapBrokerStringTls],
      ...['--command-config', path(config)],
    ];
    const acl = ['--add', '--allow-principal', 'User:CN=alice', '--operation', 'all', '--cluster'];
    expect(await kafkaTool('kafka-acls', [...by('console'), ...acl])).toMatchObject({ status: 0 });
    // Only alice has the right now, and she still has it: the brokers identify her.
    expect(await kafkaTool('kafka-acls', [...by('console-pkcs12'), '--list'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('User:CN=alice'),
    });
  }

  // Another CA replaces the first, whose clients are refused from then on.
  await millraceTells('ca', 'create', 'others');
  const issued = await millraceTells('ca', 'issue', 'others', 'bob', '--out', path('bob.pem'));
  expect(issued).toContain('User:CN=bob');
  expect(await comesIn(path('bob.pem'))).toBe(false);
  await msk.send(
    new kafka.UpdateSecurityCommand({
      ClusterArn,
      CurrentVersion: (await describe())?.CurrentVersion,
      ClientAuthentication: { Tls: { CertificateAuthorityArnList: [tests.replace(/tests$/, 'others')] } },
    }),
  );
  await eventually('the cluster believes the other CA', isActive);
  expect(await comesIn(path('bob.pem'))).toBe(true);
  expect(await comesIn(path('client.pem'))).toBe(false);
  await millraceTells('ca', 'remove', 'tests');
  expect(await millraceTells('ca', 'list')).toMatch(/^arn:\S+\/others {2}signs here$/);

  // No key of a CA is stored in plaintext.
  const plain = globSync(join(millrace.data, '**', '*'), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => /client-cas-/.test(file) && readFileSync(file).includes('PRIVATE KEY'));
  expect(plain).toEqual([]);
  msk.destroy();
  rmSync(folder, { recursive: true });
});
