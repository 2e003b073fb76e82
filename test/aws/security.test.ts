import * as kafka from '@aws-sdk/client-kafka';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ListenerKind } from '../../src/control/state/listeners.ts';
import { answered } from '../support/answered.ts';
import { everyChange, type SecurityState, STATES, securityOf } from '../ways-in/ways-in.ts';
import { ApiHarness } from './api-harness.ts';
import { FakeAccess } from './fake-access.ts';

/**
 * How clients of a cluster connect: what MSK allows, which listeners there are then, and how that is changed.
 */

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
const clientCa = (...CertificateAuthorityArnList: string[]): Security => ({
  ClientAuthentication: { Tls: { CertificateAuthorityArnList } },
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

const iam = (scram = false, open?: boolean): Security => ({
  ClientAuthentication: {
    Sasl: { Scram: { Enabled: scram }, Iam: { Enabled: true } },
    ...(open === undefined ? {} : { Unauthenticated: { Enabled: open } }),
  },
});

/** Resolves with its ARN. */
async function addClientCa(name: string): Promise<string> {
  const answer = await fetch(`${api.control.url}/millrace/v1/client-cas`, {
    method: 'POST',
    body: JSON.stringify({ name }),
  });
  return /"arn":"([^"]+)"/.exec(await answer.text())?.[1] ?? '';
}

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

/** The listeners with the last digits of their ports, by the names of GetBootstrapBrokers. */
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

/** As the states of `STATES`, and none of MSK's. */
const NOT_ALLOWED: readonly SecurityState[] = [
  { clientBroker: 'PLAINTEXT', scram: true } as const,
  { clientBroker: 'TLS_PLAINTEXT', scram: true } as const,
  { clientBroker: 'PLAINTEXT', certificates: true } as const,
  { clientBroker: 'TLS_PLAINTEXT', scram: true, certificates: true } as const,
  { clientBroker: 'TLS_PLAINTEXT', certificates: true, unauthenticated: false } as const,
  ...(['TLS', 'TLS_PLAINTEXT', 'PLAINTEXT'] as const).map((clientBroker) => ({
    clientBroker,
    unauthenticated: false,
  })),
].map((state) => ({ ...state, name: 'not allowed', listeners: [] }));

const COMPANY = 'arn:aws:acm-pca:us-east-1:000000000000:certificate-authority/company';
const PLAIN = { '': '127.0.0.1:*2' };
const TLS = { Tls: 'localhost:*4' };
const SCRAM = { SaslScram: 'localhost:*6' };
const IAM = { SaslIam: 'localhost:*8' };

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
    [
      'with SCRAM, unauthenticated access and TLS_PLAINTEXT',
      { ...signIn(true, true), ...transit('TLS_PLAINTEXT') },
      { ...PLAIN, ...TLS, ...SCRAM },
    ],
    ['with SCRAM switched off', signIn(false), TLS],
    ['with IAM', iam(), IAM],
    ['with IAM and SCRAM', iam(true), { ...SCRAM, ...IAM }],
    [
      'with IAM, unauthenticated access and TLS_PLAINTEXT',
      { ...iam(false, true), ...transit('TLS_PLAINTEXT') },
      { ...PLAIN, ...TLS, ...IAM },
    ],
  ])('%s', async (_, security, expected) => {
    expect(await listeners(await create(security))).toEqual(expected);
  });
});

describe('the listeners of a new cluster with client certificates', () => {
  test.each<[string, Security, Record<string, string>, ListenerKind[]]>([
    ['alone', {}, TLS, ['mutualTls']],
    ['beside plaintext', transit('TLS_PLAINTEXT'), { ...PLAIN, ...TLS }, ['plaintext', 'mutualTls']],
    ['beside SCRAM', signIn(true), { ...TLS, ...SCRAM }, ['mutualTls', 'scram']],
    ['and with unauthenticated access', signIn(false, true), TLS, ['optionalMutualTls']],
    [
      'with unauthenticated access beside plaintext',
      { ...signIn(false, true), ...transit('TLS_PLAINTEXT') },
      { ...PLAIN, ...TLS },
      ['plaintext', 'optionalMutualTls'],
    ],
  ])('%s', async (_, security, expected, kinds) => {
    const arn = await addClientCa('company');
    const { ClientAuthentication: more, EncryptionInfo } = security;
    const { ClientAuthentication } = clientCa(arn);
    const made = await create({
      ClientAuthentication: { ...more, ...ClientAuthentication },
      ...(EncryptionInfo ? { EncryptionInfo } : {}),
    });
    expect(await listeners(made)).toEqual(expected);
    const { ClientAuthentication: described } = await clusterInfo(made);
    // Naming CAs enables mutual TLS, as in AWS's examples.
    expect(described?.Tls).toEqual({ CertificateAuthorityArnList: [arn], Enabled: true });
    const [cluster] = api.control.store.clusters.all();
    for (const broker of cluster?.brokers ?? [])
      expect(broker).toMatchObject({ listeners: kinds, clientCas: [arn] });
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
      'with SCRAM where clients may speak plaintext, and nobody may without signing in',
      { ...signIn(true), ...transit('TLS_PLAINTEXT') },
      'encryptionInfo.encryptionInTransit.clientBroker',
    ],
    [
      'with SCRAM and plaintext between brokers',
      { ...signIn(true), ...transit('TLS', false) },
      'encryptionInfo.encryptionInTransit.inCluster',
    ],
    [
      'with IAM in plaintext',
      { ...iam(), ...transit('PLAINTEXT') },
      'encryptionInfo.encryptionInTransit.clientBroker',
    ],
    [
      'with IAM where clients may speak plaintext, and nobody may without signing in',
      { ...iam(), ...transit('TLS_PLAINTEXT') },
      'encryptionInfo.encryptionInTransit.clientBroker',
    ],
    [
      'with IAM and plaintext between brokers',
      { ...iam(), ...transit('TLS', false) },
      'encryptionInfo.encryptionInTransit.inCluster',
    ],
    ['that lets nobody in', signIn(false, false), 'clientAuthentication.unauthenticated'],
    [
      'with client certificates of nobody',
      { ClientAuthentication: { Tls: { Enabled: true } } },
      'clientAuthentication.tls.certificateAuthorityArnList',
    ],
    [
      'with client certificates of a CA that is not here',
      clientCa('arn:aws:acm-pca:us-east-1:000000000000:certificate-authority/other'),
      'clientAuthentication.tls.certificateAuthorityArnList',
    ],
    [
      'with client certificates in plaintext',
      { ...clientCa(COMPANY), ...transit('PLAINTEXT') },
      'encryptionInfo.encryptionInTransit.clientBroker',
    ],
    [
      'with client certificates and plaintext between brokers',
      { ...clientCa(COMPANY), ...transit('TLS', false) },
      'encryptionInfo.encryptionInTransit.inCluster',
    ],
    [
      'with a plaintext that nobody may use',
      {
        ClientAuthentication: {
          Tls: { CertificateAuthorityArnList: [COMPANY] },
          Unauthenticated: { Enabled: false },
        },
        ...transit('TLS_PLAINTEXT'),
      },
      'encryptionInfo.encryptionInTransit.clientBroker',
    ],
  ])('%s', async (_, security, InvalidParameter) => {
    await addClientCa('company');
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
    ['IAM where brokers speak plaintext', iam(), 'encryptionInfo.encryptionInTransit.inCluster'],
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

  test('goes from every way in that MSK allows to every other, and refuses all others from everywhere', async () => {
    const clientCaArn = await addClientCa('company');
    const walk = everyChange(STATES);
    const changes = new Set(walk.slice(1).map((to, index) => `${walk[index]?.name} to ${to.name}`));
    expect([walk.length - 1, changes.size]).toEqual([156, 156]);
    const refused = new Set<SecurityState>();
    let arn = '';
    for (const state of walk) {
      const security = securityOf(state, clientCaArn);
      if (arn === '') arn = await create(security);
      else await update(arn, security);
      await api.control.settled();
      const [cluster] = api.control.store.clusters.all();
      const had = cluster?.brokers.map(({ listeners }) => listeners);
      expect(had, state.name).toEqual([1, 2, 3].map(() => state.listeners));
      if (refused.has(state)) continue;
      refused.add(state);
      for (const security of NOT_ALLOWED.map((one) => securityOf(one, clientCaArn)))
        await expect(update(arn, security), state.name).rejects.toThrow(kafka.BadRequestException);
    }
  });

  test('begins and ends with client certificates, and changes the CAs that brokers believe', async () => {
    const [first, second] = [await addClientCa('first'), await addClientCa('second')];
    const arn = await create({});
    const change = async (security: Security): Promise<unknown[]> => {
      api.engine.calls.length = 0;
      await update(arn, security);
      await api.control.settled();
      return api.engine.calls.filter((call) => call.startsWith('restart'));
    };
    const believed = () =>
      api.control.store.clusters.all().flatMap(({ brokers }) => brokers.map(({ clientCas }) => clientCas));
    expect(await change(clientCa(first))).toHaveLength(3);
    expect(believed()).toEqual([[first], [first], [first]]);
    const remove = (name: string) =>
      fetch(`${api.control.url}/millrace/v1/client-cas/${name}`, { method: 'DELETE' });
    await answered(400, remove('first'));
    // Clients whose CA was removed are disconnected: each broker is restarted, though its listeners stay.
    expect(await change(clientCa(second))).toHaveLength(3);
    expect(believed()).toEqual([[second], [second], [second]]);
    await answered(204, remove('first'));
    expect(await change({ ClientAuthentication: { Tls: { Enabled: false } } })).toHaveLength(3);
    expect(await listeners(arn)).toEqual(TLS);
    expect(believed()).toEqual([[], [], []]);
    await answered(204, remove('second'));
    await answered(404, remove('second'));
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

test('a client CA for which there is no room among the secrets is refused, and nothing failed inside', async () => {
  const values = { filler: 'x'.repeat(8 * 1024 * 1024 - 1024) };
  api.control.sealed.execute(() => ({
    records: [{ type: 'ConnectorValuesRecord', uuid: 'filler', values }],
    answer: null,
  }));
  const answer = await fetch(`${api.control.url}/millrace/v1/client-cas`, {
    method: 'POST',
    body: JSON.stringify({ name: 'late' }),
  });
  await answered(400, answer);
  expect(await answer.json()).toMatchObject({ message: expect.stringContaining('8388608 bytes') });
});
