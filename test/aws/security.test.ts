import * as kafka from '@aws-sdk/client-kafka';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApiHarness } from './api-harness.ts';
import { FakeAccess } from './fake-access.ts';

/** How clients of a cluster connect: what MSK allows, which listeners there are then, and how that is changed. */

let api: ApiHarness;
let access: FakeAccess;
beforeEach(async () => {
  access = new FakeAccess([]);
  api = await ApiHarness.start(() => access);
});
afterEach(() => api[Symbol.asyncDispose]());

type Security = Pick<kafka.CreateClusterCommandInput, 'ClientAuthentication' | 'EncryptionInfo'>;

const transit = (ClientBroker: kafka.ClientBroker, InCluster?: boolean): Security => ({
  EncryptionInfo: { EncryptionInTransit: { ClientBroker, InCluster } },
});
const inCluster = (InCluster: boolean): Security => ({
  EncryptionInfo: { EncryptionInTransit: { InCluster } },
});
const signIn = (scram: boolean, open?: boolean): Security => ({
  ClientAuthentication: {
    Sasl: { Scram: { Enabled: scram } },
    ...(open === undefined ? {} : { Unauthenticated: { Enabled: open } }),
  },
});

async function create(security: Security): Promise<string> {
  const { ClusterArn = '' } = await api.aws.send(
    new kafka.CreateClusterCommand({
      ClusterName: 'orders',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b', 'c'] },
      ...security,
    }),
  );
  await api.control.settled();
  return ClusterArn;
}

/** The listeners with the last digits of their ports, as GetBootstrapBrokers names them. */
async function listeners(ClusterArn: string): Promise<Record<string, string>> {
  const { $metadata: _, ...strings } = await api.aws.send(
    new kafka.GetBootstrapBrokersCommand({ ClusterArn }),
  );
  return Object.fromEntries(
    Object.entries(strings)
      .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
      .map(([name, brokers]) => [
        name.replace('BootstrapBrokerString', ''),
        brokers.split(',')[0]?.replace(/\d+(?=\d$)/, '*') ?? '',
      ]),
  );
}

async function clusterInfo(ClusterArn: string): Promise<kafka.ClusterInfo> {
  const { ClusterInfo } = await api.aws.send(new kafka.DescribeClusterCommand({ ClusterArn }));
  return ClusterInfo ?? {};
}

async function update(ClusterArn: string, security: Security): Promise<string | undefined> {
  const { CurrentVersion } = await clusterInfo(ClusterArn);
  const { ClusterOperationArn } = await api.aws.send(
    new kafka.UpdateSecurityCommand({ ClusterArn, CurrentVersion, ...security }),
  );
  return ClusterOperationArn;
}

const PLAIN = { '': '127.0.0.1:*2' };
const TLS = { Tls: 'localhost:*4' };
const SCRAM = { SaslScram: 'localhost:*6' };

describe('the listeners of a new cluster', () => {
  test.each<[string, Security, Record<string, string>]>([
    ['that says nothing', {}, TLS],
    ['that says only whether brokers encrypt', inCluster(false), TLS],
    ['with PLAINTEXT', transit('PLAINTEXT', false), PLAIN],
    ['with TLS', transit('TLS'), TLS],
    ['with TLS_PLAINTEXT, encrypted between brokers', transit('TLS_PLAINTEXT', true), { ...PLAIN, ...TLS }],
    ['with PLAINTEXT, encrypted between brokers', transit('PLAINTEXT', true), PLAIN],
    ['with SCRAM, encrypted between brokers', { ...signIn(true), ...transit('TLS', true) }, SCRAM],
    ['with TLS_PLAINTEXT', transit('TLS_PLAINTEXT', false), { ...PLAIN, ...TLS }],
    ['with SCRAM', signIn(true), SCRAM],
    ['with SCRAM and TLS', { ...signIn(true), ...transit('TLS') }, SCRAM],
    ['with SCRAM and unauthenticated access', signIn(true, true), { ...TLS, ...SCRAM }],
    ['with SCRAM switched off', signIn(false), TLS],
  ])('%s', async (_, security, expected) => {
    expect(await listeners(await create(security))).toEqual(expected);
  });
});

describe('brokers of a new cluster encrypt what they say to each other', () => {
  test.each<[string, Security, boolean | undefined]>([
    ['when it is asked for', transit('PLAINTEXT', true), true],
    ['when encryption in transit is named without it, as on MSK', transit('TLS'), true],
    ['not when it is switched off', transit('TLS', false), false],
    ['when no encryption is named, as on MSK', {}, true],
  ])('%s', async (_, security, inCluster) => {
    const { EncryptionInfo } = await clusterInfo(await create(security));
    expect(EncryptionInfo?.EncryptionInTransit?.InCluster).toBe(inCluster);
  });
});

describe('a cluster cannot be made', () => {
  test.each<[string, Security, string]>([
    [
      'with SCRAM in plaintext',
      { ...signIn(true), ...transit('PLAINTEXT') },
      'encryptionInfo.encryptionInTransit.clientBroker',
    ],
    [
      'with SCRAM where clients may speak plaintext',
      { ...signIn(true), ...transit('TLS_PLAINTEXT') },
      'encryptionInfo.encryptionInTransit.clientBroker',
    ],
    [
      'with SCRAM and plaintext between brokers',
      { ...signIn(true), ...transit('TLS', false) },
      'encryptionInfo.encryptionInTransit.inCluster',
    ],
    ['that lets nobody in', signIn(false, false), 'clientAuthentication.unauthenticated'],
  ])('%s', async (_, security, InvalidParameter) => {
    await expect(create(security)).rejects.toMatchObject({ name: 'BadRequestException', InvalidParameter });
  });
});

describe('UpdateSecurity', () => {
  test('gives broker after broker the new listeners, and shows the new settings when all have them', async () => {
    const arn = await create(transit('PLAINTEXT', true));
    api.engine.calls.length = 0;
    let open = (): void => {};
    api.engine.gate = new Promise((done) => {
      open = done;
    });
    const operation = await update(arn, { ...signIn(true, true), ...transit('TLS') });
    expect(await listeners(arn)).toEqual(PLAIN);
    open();
    await api.control.settled();
    expect(api.engine.calls.filter((call) => call.startsWith('restart'))).toHaveLength(3);
    expect(await listeners(arn)).toEqual({ ...TLS, ...SCRAM });
    const { ClusterOperationInfo } = await api.aws.send(
      new kafka.DescribeClusterOperationCommand({ ClusterOperationArn: operation }),
    );
    expect(ClusterOperationInfo).toMatchObject({
      OperationType: 'UPDATE_SECURITY',
      OperationState: 'UPDATE_COMPLETE',
      TargetClusterInfo: { EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'TLS' } } },
    });
    expect(await clusterInfo(arn)).toMatchObject({
      ClientAuthentication: { Sasl: { Scram: { Enabled: true } }, Unauthenticated: { Enabled: true } },
      EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'TLS' } },
    });
  });

  test('leaves encryption as it is when it changes how clients sign in', async () => {
    const guarded = await create(signIn(true));
    await update(guarded, signIn(false, true));
    await api.control.settled();
    expect(await listeners(guarded)).toEqual(TLS);
    await api.aws.send(new kafka.DeleteClusterCommand({ ClusterArn: guarded }));
    await api.control.settled();
    const open = await create(transit('PLAINTEXT', true));
    await expect(update(open, signIn(true, true))).rejects.toMatchObject({
      InvalidParameter: 'encryptionInfo.encryptionInTransit.clientBroker',
    });
  });

  test('takes what it gave', async () => {
    const arn = await create(transit('PLAINTEXT', true));
    await update(arn, transit('TLS', true));
    await api.control.settled();
    expect(await listeners(arn)).toEqual(TLS);
    await update(arn, transit('PLAINTEXT'));
    await api.control.settled();
    expect(await listeners(arn)).toEqual(PLAIN);
  });

  test.each<[string, Security, string]>([
    ['nothing', {}, 'clientAuthentication'],
    ['what is so already', transit('PLAINTEXT', false), 'clientAuthentication'],
    ['what is so already between brokers', inCluster(false), 'clientAuthentication'],
    [
      'encryption between brokers',
      transit('PLAINTEXT', true),
      'encryptionInfo.encryptionInTransit.inCluster',
    ],
    [
      'encryption at rest',
      { EncryptionInfo: { EncryptionAtRest: { DataVolumeKMSKeyId: 'key' } } },
      'encryptionInfo',
    ],
    ['SCRAM where brokers speak plaintext', signIn(true), 'encryptionInfo.encryptionInTransit.inCluster'],
    ['nobody', signIn(false, false), 'clientAuthentication.unauthenticated'],
    ['IAM', { ClientAuthentication: { Sasl: { Iam: { Enabled: true } } } }, 'clientAuthentication.sasl.iam'],
  ])('refuses %s', async (_, security, InvalidParameter) => {
    const arn = await create(transit('PLAINTEXT', false));
    await expect(update(arn, security)).rejects.toMatchObject({
      name: 'BadRequestException',
      InvalidParameter,
    });
    expect(await clusterInfo(arn)).toMatchObject({ State: 'ACTIVE' });
  });

  test('never changes encryption between brokers', async () => {
    const arn = await create(transit('TLS', true));
    await expect(update(arn, transit('TLS', false))).rejects.toMatchObject({
      InvalidParameter: 'encryptionInfo.encryptionInTransit.inCluster',
      message: 'Updating in-cluster encryption settings on your cluster is not currently supported.',
    });
    await update(arn, transit('TLS_PLAINTEXT'));
    await api.control.settled();
    const { EncryptionInfo } = await clusterInfo(arn);
    expect(EncryptionInfo?.EncryptionInTransit).toEqual({ ClientBroker: 'TLS_PLAINTEXT', InCluster: true });
  });

  test('refuses an old version', async () => {
    const arn = await create({});
    await expect(
      api.aws.send(
        new kafka.UpdateSecurityCommand({ ClusterArn: arn, CurrentVersion: 'K0', ...transit('TLS') }),
      ),
    ).rejects.toMatchObject({ InvalidParameter: 'currentVersion' });
  });
});
