import { afterEach, beforeEach, expect, test } from 'vitest';
import { answered } from '../support/answered.ts';
import { eventually } from '../support/millrace.ts';
import { secret } from '../support/secrets/secret.ts';
import { ApiHarness } from './api-harness.ts';
import { FakeAccess } from './fake-access.ts';

/**
 * The calls of Terraform's AWS provider for aws_msk_cluster, in its order and with recorded bodies, and the
 * members of the answers that it reads. A member that differs from the configuration is a change in the next
 * plan, and for many members such a change is a new cluster.
 */

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start(() => new FakeAccess([]));
});
afterEach(() => api[Symbol.asyncDispose]());

type Json = { readonly [name: string]: unknown };

const base64 = (text: string) => Buffer.from(text).toString('base64');

/**
 * The provider's request for a resource with the required arguments only: subnets in the order of their
 * hashes.
 */
const CREATION: Json = {
  brokerNodeGroupInfo: {
    brokerAZDistribution: 'DEFAULT',
    clientSubnets: ['subnet-c', 'subnet-a', 'subnet-b'],
    instanceType: 'kafka.m5.large',
    securityGroups: ['sg-1'],
    storageInfo: { ebsStorageInfo: { volumeSize: 100 } },
  },
  clusterName: 'orders',
  enhancedMonitoring: 'DEFAULT',
  kafkaVersion: '3.9.x.kraft',
  numberOfBrokerNodes: 3,
  tags: { team: 'billing' },
};

async function call(
  method: string,
  path: string,
  body?: Json,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
): Promise<{ status: number; answer: Json }> {
  const response = await fetch(`${api.control.url}${path}`, {
    method,
    ...(body ? { body: JSON.stringify(body), headers } : {}),
  });
  const text = await response.text();
  return { status: response.status, answer: text === '' ? {} : JSON.parse(text) };
}

/** POST, then DescribeClusterV2 until it is ACTIVE. */
async function create(creation: Json = CREATION): Promise<string> {
  const { answer } = await answered(200, call('POST', '/v1/clusters', creation));
  const arn = encodeURIComponent(String(answer.clusterArn));
  await api.control.settled();
  const { answer: described } = await call('GET', `/api/v2/clusters/${arn}`);
  expect(described.clusterInfo).toMatchObject({ state: 'ACTIVE' });
  return arn;
}

/** What the provider stores in its state at every refresh; `member` is one that names three brokers. */
async function refresh(arn: string, member?: string): Promise<Json> {
  const { answer } = await answered(200, call('GET', `/v1/clusters/${arn}`));
  const { answer: bootstrap } = await call('GET', `/v1/clusters/${arn}/bootstrap-brokers`);
  const brokers =
    member === undefined
      ? (bootstrap.bootstrapBrokerString ?? bootstrap.bootstrapBrokerStringTls)
      : bootstrap[member];
  expect(String(brokers).split(',')).toHaveLength(3);
  return JSON.parse(JSON.stringify(answer.clusterInfo));
}

test('what was configured comes back as it was sent, and nothing that was not: the second plan is empty', async () => {
  const arn = await create();
  const info = await refresh(arn);
  expect(info).toMatchObject({
    brokerNodeGroupInfo: CREATION.brokerNodeGroupInfo,
    clusterName: 'orders',
    currentBrokerSoftwareInfo: { kafkaVersion: '3.9.x.kraft' },
    // Equal to the provider's defaults; another `in_cluster` would force a new cluster.
    encryptionInfo: { encryptionInTransit: { clientBroker: 'TLS', inCluster: true } },
    enhancedMonitoring: 'DEFAULT',
    numberOfBrokerNodes: 3,
    storageMode: 'LOCAL',
    tags: { team: 'billing' },
  });
  // An answer with something that is not configured would be changed by the next apply.
  for (const absent of ['clientAuthentication', 'loggingInfo', 'openMonitoring'])
    expect(info).not.toHaveProperty(absent);
  expect(await refresh(arn)).toEqual(info);
  const { answer } = await call('GET', `/api/v2/clusters/${arn}`);
  expect(answer.clusterInfo).toHaveProperty('provisioned.encryptionInfo', info.encryptionInfo);
  expect(answer.clusterInfo).not.toHaveProperty('provisioned.clientAuthentication');
});

test.each([
  { clientBroker: 'PLAINTEXT', inCluster: false },
  { clientBroker: 'TLS_PLAINTEXT', inCluster: false },
  // The provider's request for `encryption_in_transit {}`.
  { clientBroker: 'TLS', inCluster: true },
])(
  'encryption and sign-in that were configured come back as they were sent: %o',
  async (encryptionInTransit) => {
    const encryptionInfo = { encryptionInTransit };
    const info = await refresh(
      await create({
        ...CREATION,
        encryptionInfo,
        clientAuthentication: { sasl: { iam: { enabled: false } }, unauthenticated: { enabled: true } },
      }),
    );
    // The key for data at rest is computed if none was named, and is always an ARN.
    expect(info.encryptionInfo).toEqual({
      ...encryptionInfo,
      encryptionAtRest: { dataVolumeKMSKeyId: expect.stringMatching(/^arn:aws:kms:us-east-1:0{12}:key\//) },
    });
    // After SASL was named, the provider reads both mechanisms; `tls` was not named.
    expect(info.clientAuthentication).toEqual({
      sasl: { scram: { enabled: false }, iam: { enabled: false } },
      unauthenticated: { enabled: true },
    });
  },
);

test('a changed client_broker is applied without in_cluster, and the next plan is empty', async () => {
  const arn = await create();
  const { currentVersion } = await refresh(arn);
  const { answer } = await answered(
    200,
    call('PATCH', `/v1/clusters/${arn}/security`, {
      currentVersion,
      encryptionInfo: { encryptionInTransit: { clientBroker: 'TLS_PLAINTEXT' } },
    }),
  );
  await api.control.settled();
  const operation = encodeURIComponent(String(answer.clusterOperationArn));
  const { answer: described } = await call('GET', `/v1/operations/${operation}`);
  expect(described.clusterOperationInfo).toMatchObject({ operationState: 'UPDATE_COMPLETE' });
  const info = await refresh(arn);
  expect(info.encryptionInfo).toMatchObject({
    encryptionInTransit: { clientBroker: 'TLS_PLAINTEXT', inCluster: true },
  });
  expect(info).not.toHaveProperty('clientAuthentication');
});

test('aws_msk_cluster with vpc_connectivity and public_access: given after the creation, and back as it was sent', async () => {
  const { answer: configuration } = await call('POST', '/v1/configurations', {
    name: 'closed',
    serverProperties: base64('allow.everyone.if.no.acl.found=false'),
  });
  const arn = await create({
    ...CREATION,
    clientAuthentication: { sasl: { scram: { enabled: true }, iam: { enabled: false } } },
    configurationInfo: { arn: configuration.arn, revision: 1 },
  });
  const described = JSON.parse(JSON.stringify((await call('GET', `/api/v2/clusters/${arn}`)).answer));
  const { currentVersion } = described.clusterInfo;
  const schemes = (scram: boolean) => ({
    sasl: { scram: { enabled: scram }, iam: { enabled: false } },
    tls: { enabled: false },
  });
  const update = async (version: unknown, connectivityInfo: Json) => {
    const { status, answer } = await call('PUT', `/v1/clusters/${arn}/connectivity`, {
      currentVersion: version,
      connectivityInfo,
    });
    expect(status, JSON.stringify(answer)).toBe(200);
    await api.control.settled();
    const operation = encodeURIComponent(String(answer.clusterOperationArn));
    return (await call('GET', `/v1/operations/${operation}`)).answer.clusterOperationInfo;
  };
  expect(
    await update(currentVersion, { vpcConnectivity: { clientAuthentication: schemes(true) } }),
  ).toMatchObject({
    operationType: 'UPDATE_CONNECTIVITY',
    operationState: 'UPDATE_COMPLETE',
    targetClusterInfo: { connectivityInfo: { vpcConnectivity: { clientAuthentication: schemes(true) } } },
  });
  const connected = await refresh(arn, 'bootstrapBrokerStringVpcConnectivitySaslScram');
  await update(connected.currentVersion, { publicAccess: { type: 'SERVICE_PROVIDED_EIPS' } });
  const opened = await refresh(arn, 'bootstrapBrokerStringPublicSaslScram');
  expect(opened.brokerNodeGroupInfo).toMatchObject({
    connectivityInfo: {
      publicAccess: { type: 'SERVICE_PROVIDED_EIPS' },
      vpcConnectivity: { clientAuthentication: schemes(true) },
    },
  });
  // Both at once are refused, in AWS's words; what is sent as it is does not count, as before provider 6.39.
  const both = {
    publicAccess: { type: 'DISABLED' },
    vpcConnectivity: { clientAuthentication: schemes(false) },
  };
  expect(
    await call('PUT', `/v1/clusters/${arn}/connectivity`, {
      currentVersion: opened.currentVersion,
      connectivityInfo: both,
    }),
  ).toMatchObject({
    status: 400,
    answer: { message: expect.stringContaining("You can't update multiple connectivity settings") },
  });
  await update(opened.currentVersion, {
    publicAccess: { type: 'DISABLED' },
    vpcConnectivity: { clientAuthentication: schemes(true) },
  });
  const { answer: bootstrap } = await call('GET', `/v1/clusters/${arn}/bootstrap-brokers`);
  expect(bootstrap).not.toHaveProperty('bootstrapBrokerStringPublicSaslScram');
});

test('aws_msk_cluster with logging_info: made, read as it was sent, changed by UpdateMonitoring, and read so again', async () => {
  const toCloudWatch = {
    brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: 'orders' }, firehose: { enabled: false } },
  };
  const arn = await create({ ...CREATION, loggingInfo: toCloudWatch });
  const made = await refresh(arn);
  // A target that was not sent would be a block to remove; a sent target that is missing would be a block to
  // add.
  expect(made.loggingInfo).toEqual(toCloudWatch);
  const toS3 = {
    brokerLogs: { ...toCloudWatch.brokerLogs, s3: { enabled: true, bucket: 'logs', prefix: 'orders/' } },
  };
  const { status, answer } = await call('PUT', `/v1/clusters/${arn}/monitoring`, {
    currentVersion: made.currentVersion,
    enhancedMonitoring: 'DEFAULT',
    loggingInfo: toS3,
  });
  expect(status, JSON.stringify(answer)).toBe(200);
  await api.control.settled();
  const operation = encodeURIComponent(String(answer.clusterOperationArn));
  expect((await call('GET', `/v1/operations/${operation}`)).answer.clusterOperationInfo).toMatchObject({
    operationType: 'UPDATE_MONITORING',
    operationState: 'UPDATE_COMPLETE',
  });
  const changed = await refresh(arn);
  expect(changed.loggingInfo).toEqual(toS3);
  expect(changed).not.toHaveProperty('openMonitoring');
  expect({ ...changed, loggingInfo: null, currentVersion: null }).toEqual({
    ...{ ...made, loggingInfo: null, currentVersion: null },
  });
});

test('aws_msk_cluster with open_monitoring: made with exporters that are off, given one, and closed again', async () => {
  const monitoring = (jmx: boolean) => ({
    prometheus: { jmxExporter: { enabledInBroker: jmx }, nodeExporter: { enabledInBroker: false } },
  });
  const arn = await create({ ...CREATION, openMonitoring: monitoring(false) });
  expect((await refresh(arn)).openMonitoring).toEqual(monitoring(false));
  for (const jmx of [true, false]) {
    const { currentVersion } = await refresh(arn);
    const { status, answer } = await call('PUT', `/v1/clusters/${arn}/monitoring`, {
      currentVersion,
      enhancedMonitoring: 'DEFAULT',
      openMonitoring: monitoring(jmx),
    });
    expect(status, JSON.stringify(answer)).toBe(200);
    await api.control.settled();
    expect((await refresh(arn)).openMonitoring).toEqual(monitoring(jmx));
  }
});

test('aws_msk_cluster with provisioned_throughput that is off: applied to the same volume and to a larger one, and read as it was sent', async () => {
  const arn = await create();
  const off = { enabled: false };
  const apply = async (target: Json) => {
    const { currentVersion } = await refresh(arn);
    const { status, answer } = await call('PUT', `/v1/clusters/${arn}/nodes/storage`, {
      currentVersion,
      targetBrokerEBSVolumeInfo: [{ kafkaBrokerNodeId: 'All', ...target }],
    });
    await api.control.settled();
    return { status, message: answer.message };
  };
  const storage = async () => {
    const { brokerNodeGroupInfo } = await refresh(arn);
    return brokerNodeGroupInfo;
  };
  expect(await apply({ provisionedThroughput: off, volumeSizeGB: 100 })).toMatchObject({ status: 200 });
  const same = { storageInfo: { ebsStorageInfo: { provisionedThroughput: off, volumeSize: 100 } } };
  expect(await storage()).toMatchObject(same);
  // The provider leaves out the block that was removed from the file.
  for (const target of [{ volumeSizeGB: 100 }, { provisionedThroughput: off, volumeSizeGB: 100 }])
    expect(await apply(target)).toEqual({
      status: 400,
      message:
        'The request does not include any updates to the EBS volumes of the cluster. Verify the request, then try again.',
    });
  const zero = { enabled: false, volumeThroughput: 0 };
  expect(await apply({ provisionedThroughput: zero, volumeSizeGB: 200 })).toMatchObject({ status: 200 });
  const larger = { storageInfo: { ebsStorageInfo: { provisionedThroughput: zero, volumeSize: 200 } } };
  expect(await storage()).toMatchObject(larger);
  expect(api.engine.calls.filter((one) => one.startsWith('volumes'))).toEqual(['volumes of orders: 200 GiB']);
});

test('aws_msk_cluster with an empty tls block: nothing is changed, which is refused as on MSK', async () => {
  const scram = { sasl: { iam: { enabled: false }, scram: { enabled: true } } };
  const arn = await create({ ...CREATION, clientAuthentication: scram });
  const { answer: described } = await call('GET', `/v1/clusters/${arn}`);
  expect(
    await call('PATCH', `/v1/clusters/${arn}/security`, {
      clientAuthentication: scram,
      currentVersion: JSON.parse(JSON.stringify(described.clusterInfo)).currentVersion,
    }),
  ).toMatchObject({
    status: 400,
    answer: {
      message:
        'The request does not include any updates to the security setting of the cluster. Verify the request, then try again.',
    },
  });
});

test('aws_msk_cluster with rebalancing: paused, read as it was sent, and resumed', async () => {
  const arn = await create({ ...CREATION, rebalancing: { status: 'PAUSED' } });
  const made = await refresh(arn);
  expect(made.rebalancing).toEqual({ status: 'PAUSED' });
  const { status, answer } = await call('PUT', `/v1/clusters/${arn}/rebalancing`, {
    currentVersion: made.currentVersion,
    rebalancing: { status: 'ACTIVE' },
  });
  expect(status, JSON.stringify(answer)).toBe(200);
  await api.control.settled();
  const operation = encodeURIComponent(String(answer.clusterOperationArn));
  expect((await call('GET', `/v1/operations/${operation}`)).answer.clusterOperationInfo).toMatchObject({
    operationState: 'UPDATE_COMPLETE',
  });
  expect(await refresh(arn)).toMatchObject({ rebalancing: { status: 'ACTIVE' } });
});

test('aws_msk_cluster with logs to Firehose is refused by name, and nothing is made', async () => {
  const brokerLogs = { firehose: { enabled: true, deliveryStream: 'orders' } };
  expect(await call('POST', '/v1/clusters', { ...CREATION, loggingInfo: { brokerLogs } })).toMatchObject({
    status: 400,
    answer: {
      message: expect.stringContaining('Firehose'),
      invalidParameter: 'loggingInfo.brokerLogs.firehose',
    },
  });
  expect((await call('GET', '/v1/clusters')).answer.clusterInfoList).toEqual([]);
});

test.each([
  ['whose clients do not sign in', {}, 'bootstrapBrokerStringTls', 'SASL/SCRAM, IAM or mutual TLS'],
  [
    'that lets in everybody where no ACL is',
    { clientAuthentication: { sasl: { scram: { enabled: true } } } },
    'bootstrapBrokerStringSaslScram',
    'allow.everyone.if.no.acl.found=false',
  ],
])('a cluster %s gets no public access', async (_, changes, member, why) => {
  const arn = await create({ ...CREATION, ...changes });
  const before = await refresh(arn, member);
  expect(
    await call('PUT', `/v1/clusters/${arn}/connectivity`, {
      currentVersion: before.currentVersion,
      connectivityInfo: { publicAccess: { type: 'SERVICE_PROVIDED_EIPS' } },
    }),
  ).toMatchObject({ status: 400, answer: { message: expect.stringContaining(why) } });
  expect(await refresh(arn, member)).toEqual(before);
});

test('a cluster without tags has an empty map of them', async () => {
  const { tags: _, ...untagged } = CREATION;
  expect((await refresh(await create(untagged))).tags).toEqual({});
});

test('changed tags and a changed number of brokers are applied by one version: tags first, with 204', async () => {
  const arn = await create();
  const { currentVersion } = await refresh(arn);
  expect(await call('POST', `/v1/tags/${arn}`, { tags: { stage: 'prod' } })).toEqual({
    status: 204,
    answer: {},
  });
  expect(await call('DELETE', `/v1/tags/${arn}?tagKeys=team`)).toEqual({ status: 204, answer: {} });
  const { answer } = await answered(
    200,
    call('PUT', `/v1/clusters/${arn}/nodes/count`, {
      currentVersion,
      targetNumberOfBrokerNodes: 6,
    }),
  );
  const operation = encodeURIComponent(String(answer.clusterOperationArn));
  const { answer: described } = await call('GET', `/v1/operations/${operation}`);
  expect(described.clusterOperationInfo).toMatchObject({
    operationState: expect.stringMatching(/^(PENDING|UPDATE_IN_PROGRESS|UPDATE_COMPLETE)$/),
  });
  const info = await refresh(arn);
  expect(info.tags).toEqual({ stage: 'prod' });
  expect(info.currentVersion).not.toBe(currentVersion);
});

test('destroyed without a version, it is DELETING and then not found', async () => {
  const arn = await create();
  await answered(200, call('DELETE', `/v1/clusters/${arn}`));
  await api.control.settled();
  await answered(404, call('GET', `/api/v2/clusters/${arn}`));
});

test('aws_msk_cluster as a list (provider 6.37 and later): ListClusters says all that DescribeCluster says', async () => {
  const first = await create();
  const second = await create({ ...CREATION, clusterName: 'payments', tags: {} });
  // The provider makes the whole resource of a list's item, and asks for bootstrap brokers alone.
  const listed: Json[] = [];
  let token: unknown;
  do {
    const query = token === undefined ? '' : `&nextToken=${encodeURIComponent(String(token))}`;
    const { answer } = await call('GET', `/v1/clusters?maxResults=1${query}`);
    listed.push(...JSON.parse(JSON.stringify(answer.clusterInfoList)));
    token = answer.nextToken;
  } while (token !== undefined);
  expect(listed).toEqual([await refresh(first), await refresh(second)]);
});

test('aws_msk_cluster with connectivity_info (provider 6.39 and later): one setting in each request', async () => {
  const arn = await create();
  const NETWORK = { networkType: 'IPV4' };
  const before = await refresh(arn);
  expect(before).toHaveProperty('brokerNodeGroupInfo.connectivityInfo.networkType', 'IPV4');
  const { answer: bootstrap } = await call('GET', `/v1/clusters/${arn}/bootstrap-brokers`);
  expect(Object.keys(bootstrap).filter((name) => name.endsWith('Ipv6'))).toEqual([]);
  const update = (version: unknown, connectivityInfo: Json) =>
    call('PUT', `/v1/clusters/${arn}/connectivity`, { currentVersion: version, connectivityInfo });
  // What a request does not name stays as it is.
  await answered(200, update(before.currentVersion, NETWORK));
  await api.control.settled();
  const after = await refresh(arn);
  expect({ ...after, currentVersion: null }).toEqual({ ...before, currentVersion: null });
  expect(await update(after.currentVersion, { networkType: 'DUAL' })).toMatchObject({
    status: 400,
    answer: {
      message: expect.stringContaining('Dual-stack networking is not built'),
      invalidParameter: 'connectivityInfo.networkType',
    },
  });
  expect(await refresh(arn)).toEqual(after);
});

test('aws_msk_scram_secret_association: made, read, changed and destroyed', async () => {
  const arn = await create({
    ...CREATION,
    clientAuthentication: { sasl: { scram: { enabled: true } } },
  });
  const target = (operation: string, body: Json) =>
    call('POST', '/', body, { 'x-amz-target': operation, 'content-type': 'application/x-amz-json-1.1' });
  const { answer: key } = await target('TrentService.CreateKey', { Description: '' });
  const keyId = JSON.parse(JSON.stringify(key)).KeyMetadata.KeyId;
  const secretOf = async (user: string) => {
    // The provider makes the secret first and adds its value later.
    const { answer } = await target('secretsmanager.CreateSecret', {
      Name: `AmazonMSK_${user}`,
      ClientRequestToken: '0123456789abcdef0123456789abcdef',
      ForceOverwriteReplicaSecret: false,
      KmsKeyId: keyId,
    });
    await target('secretsmanager.PutSecretValue', {
      SecretId: answer.ARN,
      SecretString: JSON.stringify({ username: user, password: secret('of-terraform') }),
    });
    return String(answer.ARN);
  };
  const [alice, bob] = [await secretOf('alice'), await secretOf('bob')];
  const path = `/v1/clusters/${arn}/scram-secrets`;
  const done = { status: 200, answer: { clusterArn: decodeURIComponent(arn), unprocessedScramSecrets: [] } };
  expect(await call('POST', path, { secretArnList: [alice] })).toEqual(done);
  expect(await call('GET', path)).toEqual({ status: 200, answer: { secretArnList: [alice] } });
  expect(await call('POST', path, { secretArnList: [bob] })).toEqual(done);
  expect(await call('PATCH', path, { secretArnList: [alice] })).toEqual(done);
  expect(await call('GET', path)).toEqual({ status: 200, answer: { secretArnList: [bob] } });
  expect(await call('PATCH', path, { secretArnList: [bob] })).toEqual(done);
  expect(await call('GET', path)).toEqual({ status: 200, answer: { secretArnList: [] } });
});

/** What aws_msk_configuration stores at every refresh: the configuration, and its latest revision. */
async function refreshConfiguration(path: string): Promise<Json> {
  const { answer } = await answered(200, call('GET', path));
  const { revision } = JSON.parse(JSON.stringify(answer.latestRevision));
  const latest = await answered(200, call('GET', `${path}/revisions/${revision}`));
  const { description, serverProperties } = latest.answer;
  return { name: answer.name, kafkaVersions: answer.kafkaVersions, revision, description, serverProperties };
}

test('aws_msk_configuration: made, read, changed and destroyed', async () => {
  // A heredoc as in a user's file, with what such files contain.
  const first = base64('# orders\nauto.create.topics.enable = true\r\n\ndelete.topic.enable = true\n');
  const { answer } = await answered(
    200,
    call('POST', '/v1/configurations', {
      kafkaVersions: ['3.9.x.kraft'],
      name: 'orders',
      serverProperties: first,
    }),
  );
  const path = `/v1/configurations/${encodeURIComponent(String(answer.arn))}`;
  const shared = { name: 'orders', kafkaVersions: ['3.9.x.kraft'] };
  expect(await refreshConfiguration(path)).toEqual({
    ...shared,
    revision: 1,
    // An empty text would be a description that was not configured.
    description: undefined,
    serverProperties: first,
  });
  const second = base64('auto.create.topics.enable = false\n');
  const changed = await call('PUT', path, { description: 'second', serverProperties: second });
  await answered(200, changed);
  expect(await refreshConfiguration(path)).toEqual({
    ...shared,
    revision: 2,
    description: 'second',
    serverProperties: second,
  });
  await answered(200, call('DELETE', path));
  // The provider waits for this sentence in a 400; a 404 is an error to it.
  expect(await call('GET', path)).toMatchObject({
    status: 400,
    answer: { message: expect.stringContaining('Configuration ARN does not exist') },
  });
});

test('aws_msk_cluster with configuration_info: made, given another revision, and destroyed before its configuration', async () => {
  const configuration = await call('POST', '/v1/configurations', {
    kafkaVersions: [],
    name: 'orders',
    serverProperties: base64('num.partitions=3'),
  });
  const configurationArn = String(configuration.answer.arn);
  const path = `/v1/configurations/${encodeURIComponent(configurationArn)}`;
  const arn = await create({ ...CREATION, configurationInfo: { arn: configurationArn, revision: 1 } });
  const { currentBrokerSoftwareInfo, currentVersion } = await refresh(arn);
  expect(currentBrokerSoftwareInfo).toEqual({
    kafkaVersion: '3.9.x.kraft',
    configurationArn,
    configurationRevision: 1,
  });
  await call('PUT', path, { serverProperties: base64('message.max.bytes=8388608') });
  const update = await call('PUT', `/v1/clusters/${arn}/configuration`, {
    configurationInfo: { arn: configurationArn, revision: 2 },
    currentVersion,
  });
  await answered(200, update);
  const operation = encodeURIComponent(String(update.answer.clusterOperationArn));
  await api.control.settled();
  const { answer: described } = await call('GET', `/v1/operations/${operation}`);
  expect(described.clusterOperationInfo).toMatchObject({ operationType: 'UPDATE_CLUSTER_CONFIGURATION' });
  // The provider reads V1, and would plan the same change again if it got the earlier revision.
  await eventually('the new revision is told', async () => {
    const { currentBrokerSoftwareInfo: software } = await refresh(arn);
    return JSON.parse(JSON.stringify(software)).configurationRevision === 2;
  });
  await answered(400, call('DELETE', path));
  await call('DELETE', `/v1/clusters/${arn}`);
  await api.control.settled();
  await answered(200, call('DELETE', path));
});
