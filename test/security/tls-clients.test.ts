import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as kafka from '@aws-sdk/client-kafka';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { type StartedCluster, startCluster } from '../../src/index.ts';
import { NodeRandom } from '../../src/platform/node-random.ts';
import { createCa, issue } from '../../src/security/certificates/certificate.ts';
import { succeed } from '../clients/program.ts';
import { hasCommand, kcat } from '../support/kafka-tools.ts';
import { eventually } from '../support/millrace.ts';
import { secret } from '../support/secrets/secret.ts';

/**
 * Which unmodified clients connect by TLS and which are refused: each client gets the same cases on one
 * cluster.
 */
const ROOT = join(import.meta.dirname, '../..');
const PYTHON = join(ROOT, '.test-tools/python/bin/python');
const GO = join(ROOT, '.test-tools/go-clients');
const PASSWORD = `${secret('alice')}, the first = 1`;
const DAY_MS = 86_400_000;
const LONG_MS = 60_000;
const SHORT_MS = 5000;
/** Cases in which a Java client is told the refusal or finds it by itself, and does not retry. */
const TOLD = ['wrong-password', 'foreign-ca', 'wrong-name', 'no-certificate', 'msk-no-certificate'];

/** Paths of PEM files, and the other settings of a client. */
interface Case {
  readonly name: string;
  readonly bootstrap: string;
  readonly protocol: 'SSL' | 'SASL_SSL';
  readonly ca: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly user?: string;
  readonly password?: string;
  readonly goesIn: boolean;
}

let cluster: StartedCluster;
/** Has the API, and so a cluster that was made with it. */
let plane: StartedCluster & { readonly api: string };
let folder: string;
let cases: Case[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-tls-clients-'));
  const clients = createCa(worldFromNow(0), { commonName: 'clients' });
  const clientOf = (days: number) =>
    issue(worldFromNow(days), clients, { commonName: 'alice', purposes: ['client'] });
  plane = await startCluster({ api: true });
  cluster = await startCluster({
    tls: { clientAuth: 'required', clientCa: clients.certificate },
    listeners: { SCRAM: { tls: true, signIn: 'scram' } },
    users: { alice: PASSWORD },
    topics: ['orders'],
  });
  const bootstrap = cluster.bootstrap;
  const scram = { bootstrap: cluster.bootstrapOf('SCRAM'), protocol: 'SASL_SSL', user: 'alice' } as const;
  const ca = file('ca.pem', cluster.ca ?? '');
  const foreign = createCa(worldFromNow(0), { commonName: 'somebody else' });
  const foreignCa = file('foreign-ca.pem', foreign.certificate);
  const valid = files('valid', clientOf(0));
  const over = files('over', clientOf(-400));
  const stranger = files(
    'stranger',
    issue(worldFromNow(0), foreign, { commonName: 'alice', purposes: ['client'] }),
  );
  const byAddress = bootstrap.replace('localhost', '127.0.0.1');
  cases = [
    { name: 'certificate', bootstrap, protocol: 'SSL', ca, ...valid, goesIn: true },
    { name: 'password', ...scram, ca, password: PASSWORD, goesIn: true },
    { name: 'wrong-password', ...scram, ca, password: 'wrong', goesIn: false },
    { name: 'no-certificate', bootstrap, protocol: 'SSL', ca, goesIn: false },
    { name: 'certificate-over', bootstrap, protocol: 'SSL', ca, ...over, goesIn: false },
    { name: 'foreign-certificate', bootstrap, protocol: 'SSL', ca, ...stranger, goesIn: false },
    { name: 'foreign-ca', bootstrap, protocol: 'SSL', ca: foreignCa, ...valid, goesIn: false },
    { name: 'wrong-name', bootstrap: byAddress, protocol: 'SSL', ca, ...valid, goesIn: false },
  ];
  const msk = { ...(await mskCluster(clients.certificate)), protocol: 'SSL' } as const;
  cases.push(
    { name: 'msk-certificate', ...msk, ...valid, goesIn: true },
    { name: 'msk-no-certificate', ...msk, goesIn: false },
    { name: 'msk-certificate-over', ...msk, ...over, goesIn: false },
    { name: 'msk-foreign-certificate', ...msk, ...stranger, goesIn: false },
  );
});

afterAll(async () => {
  await cluster?.stop();
  await plane?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

describe('each case ends as it should', () => {
  test.skipIf(!hasCommand('kcat')).concurrent('with kcat', async () => {
    const outcomes = await Promise.all(
      cases.map(async (one) => {
        const { status } = await kcat([...kcatArgs(one), '-L', '-m', String(patienceMs(one) / 1000)]);
        return `${one.name} ${status === 0 ? 'in' : 'refused'}`;
      }),
    );
    expectOutcomes(outcomes);
  });

  test.skipIf(!kafkaJars('tools')).concurrent('with Java', async () => {
    const lines: string[] = [];
    const program = join(ROOT, 'test/clients/java/SignIn.java');
    const jvm = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m', '-cp', `${kafkaJars('tools')}/*`];
    const configs = cases.map((one) => file(one.name, javaProperties(one)));
    await succeed('java', [...jvm, program, ...configs], { onLine: (line) => lines.push(line) });
    expectOutcomes(lines);
    // A client that is told the reason at once does not wait.
    for (const name of ['wrong-password', 'foreign-ca', 'wrong-name', 'no-certificate'])
      expect(lines.find((line) => line.startsWith(`${name} `))).toMatch(
        /SslAuthentication|SaslAuthentication/,
      );
  });

  test.skipIf(!existsSync(PYTHON)).concurrent('with librdkafka and kafka-python from Python', async () => {
    const lines: string[] = [];
    const program = join(ROOT, 'test/clients/python/sign_in.py');
    await succeed(PYTHON, [program, casesFile()], { onLine: (line) => lines.push(line) });
    for (const client of ['confluent', 'kafka_python'])
      expectOutcomes(
        lines.filter((line) => line.startsWith(`${client} `)).map((line) => line.slice(client.length + 1)),
      );
  });

  test.skipIf(!existsSync(GO)).concurrent('with franz-go', async () => {
    const lines: string[] = [];
    await succeed(GO, [casesFile(), 'franz-go/sign-in'], { onLine: (line) => lines.push(line) });
    expectOutcomes(lines);
  });
});

/** A cluster of the MSK API whose clients sign in by certificates of this CA. */
async function mskCluster(certificates: string): Promise<Pick<Case, 'bootstrap' | 'ca'>> {
  const aws = new kafka.KafkaClient({
    endpoint: plane.api,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  const imported = await fetch(`${plane.api}/millrace/v1/client-cas`, {
    method: 'POST',
    body: JSON.stringify({ name: 'clients', certificates }),
  });
  const arn = /"arn":"([^"]+)"/.exec(await imported.text())?.[1] ?? '';
  const { ClusterArn } = await aws.send(
    new kafka.CreateClusterCommand({
      ClusterName: 'msk',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 2,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b'] },
      ClientAuthentication: { Tls: { CertificateAuthorityArnList: [arn], Enabled: true } },
    }),
  );
  await eventually('the cluster is ACTIVE', async () => {
    const { ClusterInfo } = await aws.send(new kafka.DescribeClusterCommand({ ClusterArn }));
    return ClusterInfo?.State === 'ACTIVE';
  });
  const { BootstrapBrokerStringTls: bootstrap = '' } = await aws.send(
    new kafka.GetBootstrapBrokersCommand({ ClusterArn }),
  );
  aws.destroy();
  const ca = file('msk-ca.pem', await (await fetch(`${plane.api}/ca.pem`)).text());
  return { bootstrap, ca };
}

function expectOutcomes(lines: readonly string[]): void {
  const outcomes = cases.map(
    ({ name }) => lines.find((line) => line.startsWith(`${name} `)) ?? `${name} is missing`,
  );
  const short = outcomes.map((line) => line.split(':')[0]);
  const expected = cases.map(({ name, goesIn }) => `${name} ${goesIn ? 'in' : 'refused'}`);
  expect(short, outcomes.join('\n')).toEqual(expected);
}

/**
 * Milliseconds that a client may try. Accepted clients connect within this on a busy machine too; most
 * refused clients retry until then.
 */
function patienceMs({ goesIn }: Case): number {
  return goesIn ? LONG_MS : SHORT_MS;
}

function casesFile(): string {
  const told = cases.map((one) => ({ ...one, patienceS: patienceMs(one) / 1000 }));
  return file('cases.json', JSON.stringify(told));
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function files(name: string, { certificate, key }: { certificate: string; key: string }) {
  return { certificate: file(`${name}.pem`, certificate), key: file(`${name}.key`, key) };
}

function kcatArgs({ bootstrap, protocol, ca, certificate, key, user, password }: Case): string[] {
  const settings = [
    `security.protocol=${protocol}`,
    `ssl.ca.location=${ca}`,
    ...(certificate ? [`ssl.certificate.location=${certificate}`, `ssl.key.location=${key}`] : []),
    ...(password
      ? ['sasl.mechanism=SCRAM-SHA-512', `sasl.username=${user}`, `sasl.password=${password}`]
      : []),
  ];
  return ['-b', bootstrap, ...settings.flatMap((setting) => ['-X', setting])];
}

function javaProperties({
  name,
  bootstrap,
  protocol,
  ca,
  certificate,
  key,
  user,
  password,
  goesIn,
}: Case): string {
  const patience = goesIn || TOLD.includes(name) ? LONG_MS : SHORT_MS;
  const login = 'org.apache.kafka.common.security.scram.ScramLoginModule required';
  return [
    `bootstrap.servers=${bootstrap}`,
    `security.protocol=${protocol}`,
    'ssl.truststore.type=PEM',
    `ssl.truststore.location=${ca}`,
    ...(certificate && key
      ? ['ssl.keystore.type=PEM', `ssl.keystore.location=${keystore(certificate, key)}`]
      : []),
    ...(password
      ? [
          'sasl.mechanism=SCRAM-SHA-512',
          `sasl.jaas.config=${login} username="${user}" password="${password}";`,
        ]
      : []),
    `request.timeout.ms=${patience}`,
    `default.api.timeout.ms=${patience}`,
  ].join('\n');
}

/** Java needs the key and the certificate in one file. */
function keystore(certificate: string, key: string): string {
  return file(
    `${basename(certificate)}.keystore`,
    readFileSync(key, 'utf8') + readFileSync(certificate, 'utf8'),
  );
}

function worldFromNow(days: number) {
  const now = Date.now() + days * DAY_MS;
  return {
    random: new NodeRandom(),
    clock: { now: () => now, monotonic: () => 0, after: () => ({ cancel() {} }), soon: () => {} },
  };
}
