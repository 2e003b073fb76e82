import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { classBytes } from '../../src/connect/plugins/testing/class-bytes.ts';
import { zipBytes } from '../../src/connect/plugins/zip-bytes.ts';
import { answered } from '../support/answered.ts';
import { eventually, Millrace } from '../support/millrace.ts';
import { DECIDED_MS } from './decided.ts';

/**
 * The calls of Terraform's AWS provider for aws_mskconnect_*, in its order and with bodies recorded from
 * Terraform 1.11.4 with provider 5.100.0, and the members of the answers that it reads. The provider reads
 * each resource, and then its tags; for a data source it reads a whole list first.
 */

type Json = { readonly [name: string]: unknown };
interface Answered {
  readonly status: number;
  readonly type: string | null;
  readonly answer: Json;
}

const SINK = 'org.apache.kafka.connect.sink.SinkConnector';
const JAR = zipBytes([
  { name: `META-INF/services/${SINK}`, bytes: 'com.acme.AcmeSink\n' },
  { name: 'com/acme/AcmeSink.class', bytes: classBytes({ name: 'com.acme.AcmeSink', superclass: SINK }) },
]);
const BUILT_IN =
  'arn:aws:kafkaconnect:us-east-1:000000000000:custom-plugin/millrace-built-in/00000000-0000-4000-8000-000000000000-1';
const CONVERTERS = Buffer.from(
  'key.converter=org.apache.kafka.connect.storage.StringConverter\nvalue.converter=org.apache.kafka.connect.storage.StringConverter\n',
).toString('base64');

let millrace: Millrace;
let files: string;

beforeAll(async () => {
  files = mkdtempSync(join(tmpdir(), 'millrace-files-'));
  // The workers may run as other users.
  chmodSync(files, 0o777);
  millrace = await Millrace.up(['--brokers', '1', '--connect-files', files]);
  for (const bucket of ['plugins', 'logs'])
    mkdirSync(join(millrace.data, 'buckets', bucket), { recursive: true });
  writeFileSync(join(millrace.data, 'buckets/plugins/acme.jar'), JAR);
});
afterAll(async () => {
  await millrace[Symbol.asyncDispose]();
  rmSync(files, { recursive: true });
});

async function call(method: string, path: string, body?: Json): Promise<Answered> {
  const response = await fetch(`${millrace.ready.api}${path}`, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get('x-amzn-errortype'),
    answer: text === '' ? {} : JSON.parse(text),
  };
}

/** A resource made by POST, with what the provider takes for its id. */
class Resource {
  readonly collection: string;
  readonly arn: string;
  readonly #path: string;
  readonly #tags: string;

  static async make(collection: string, id: string, body: Json): Promise<Resource> {
    const { status, answer } = await call('POST', `/v1/${collection}`, body);
    expect(status, JSON.stringify(answer)).toBe(200);
    return new Resource(collection, String(answer[id]));
  }

  private constructor(collection: string, arn: string) {
    this.collection = collection;
    this.arn = arn;
    this.#path = `/v1/${collection}/${encodeURIComponent(arn)}`;
    this.#tags = `/v1/tags/${encodeURIComponent(arn)}`;
  }

  read(): Promise<Answered> {
    return call('GET', this.#path);
  }

  /** Reads until a member has this value; another one than those in between is an error to the provider. */
  async becomes(member: string, target: string, between: readonly string[]): Promise<Json> {
    let answer: Json = {};
    await eventually(
      `${this.arn} is ${target}`,
      async () => {
        ({ answer } = await this.read());
        expect([target, ...between], JSON.stringify(answer)).toContain(answer[member]);
        return answer[member] === target;
      },
      DECIDED_MS,
    );
    return answer;
  }

  async tags(): Promise<unknown> {
    const { answer } = await answered(200, call('GET', this.#tags));
    return answer.tags;
  }

  async retag(tags: Json): Promise<void> {
    await answered(200, call('POST', this.#tags, { tags }));
  }

  async untag(key: string): Promise<void> {
    await answered(200, call('DELETE', `${this.#tags}?tagKeys=${key}`));
  }

  /** PUT with the version of the last read in the query, as the provider sends every change. */
  async update(currentVersion: unknown, body: Json): Promise<Json> {
    const { status, answer } = await call(
      'PUT',
      `${this.#path}?currentVersion=${encodeURIComponent(String(currentVersion))}`,
      body,
    );
    expect(status, JSON.stringify(answer)).toBe(200);
    return this.becomes('connectorState', 'RUNNING', ['UPDATING']);
  }

  /** DELETE without a version, then reads until the resource is not found. */
  async destroy(stateMember: string): Promise<void> {
    const { status, answer } = await call('DELETE', this.#path);
    expect(status, JSON.stringify(answer)).toBe(200);
    await eventually(
      `${this.arn} is gone`,
      async () => {
        const read = await this.read();
        if (read.status === 200) expect(read.answer[stateMember]).toBe('DELETING');
        else expect(read).toMatchObject({ status: 404, type: 'NotFoundException' });
        return read.status !== 200;
      },
      DECIDED_MS,
    );
  }

  /** What a data source finds: the one of that name in a list without parameters. */
  async found(member: string, nameMember: string, name: string): Promise<Json | undefined> {
    const { answer } = await call('GET', `/v1/${this.collection}`);
    const all: readonly Json[] = JSON.parse(JSON.stringify(answer[member]));
    const named = all.filter((item) => item[nameMember] === name);
    expect(named).toHaveLength(1);
    return named[0];
  }
}

describe('aws_mskconnect_custom_plugin', () => {
  test('made, read as it was sent, found by its name, tagged anew and destroyed', async () => {
    const location = { s3Location: { bucketArn: 'arn:aws:s3:::plugins', fileKey: 'acme.jar' } };
    const plugin = await Resource.make('custom-plugins', 'customPluginArn', {
      ...{ contentType: 'JAR', description: 'a jar', location, name: 'acme', tags: { team: 'billing' } },
    });
    const read = await plugin.becomes('customPluginState', 'ACTIVE', ['CREATING']);
    expect(read).toMatchObject({
      customPluginArn: plugin.arn,
      name: 'acme',
      description: 'a jar',
      // A version of the object that was not configured would be a new plugin in the next plan.
      latestRevision: { revision: 1, contentType: 'JAR', location },
    });
    expect(read.latestRevision).not.toHaveProperty('location.s3Location.objectVersion');
    expect(await plugin.tags()).toEqual({ team: 'billing' });
    expect(await plugin.found('customPlugins', 'name', 'acme')).toMatchObject({
      customPluginArn: plugin.arn,
      customPluginState: 'ACTIVE',
      description: 'a jar',
      latestRevision: { revision: 1 },
    });
    await plugin.retag({ team: 'shipping' });
    expect(await plugin.tags()).toEqual({ team: 'shipping' });
    await plugin.untag('team');
    expect(await plugin.tags()).toEqual({});
    await plugin.destroy('customPluginState');
  });
});

describe('aws_mskconnect_worker_configuration', () => {
  test('made, read as it was sent, found by its name and destroyed', async () => {
    const workers = await Resource.make('worker-configurations', 'workerConfigurationArn', {
      ...{ description: 'converters', name: 'strings', propertiesFileContent: CONVERTERS },
      tags: { team: 'billing' },
    });
    expect((await workers.read()).answer).toMatchObject({
      workerConfigurationArn: workers.arn,
      name: 'strings',
      description: 'converters',
      latestRevision: { revision: 1, propertiesFileContent: CONVERTERS },
    });
    expect(await workers.tags()).toEqual({ team: 'billing' });
    expect(await workers.found('workerConfigurations', 'name', 'strings')).toMatchObject({
      workerConfigurationArn: workers.arn,
      description: 'converters',
      latestRevision: { revision: 1 },
    });
    await workers.destroy('workerConfigurationState');
  });

  test('without a description it has none', async () => {
    const workers = await Resource.make('worker-configurations', 'workerConfigurationArn', {
      ...{ name: 'plain', propertiesFileContent: CONVERTERS },
    });
    expect((await workers.read()).answer).not.toHaveProperty('description');
    expect(await workers.tags()).toEqual({});
    await workers.destroy('workerConfigurationState');
  });
});

describe('aws_mskconnect_connector', () => {
  const BILLING = { team: 'billing' };
  let required: Json;
  let made = 0;
  beforeEach(() => {
    made++;
    required = {
      capacity: { provisionedCapacity: { mcuCount: 1, workerCount: 1 } },
      connectorConfiguration: {
        'connector.class': 'FileStreamSink',
        // Every connector is another user of this machine, who may not write what an earlier one made.
        ...{ file: join(files, `out-${made}.txt`), 'tasks.max': '1', topics: 'lines' },
      },
      connectorName: 'sink',
      kafkaCluster: {
        apacheKafkaCluster: {
          bootstrapServers: millrace.ready.clusters[0]?.bootstrap,
          // Sets, in the order of their hashes.
          vpc: { securityGroups: ['sg-2', 'sg-1'], subnets: ['subnet-b', 'subnet-c', 'subnet-a'] },
        },
      },
      kafkaClusterClientAuthentication: { authenticationType: 'NONE' },
      kafkaClusterEncryptionInTransit: { encryptionType: 'PLAINTEXT' },
      kafkaConnectVersion: '3.7.x',
      plugins: [{ customPlugin: { customPluginArn: BUILT_IN, revision: 1 } }],
      serviceExecutionRoleArn: 'arn:aws:iam::000000000000:role/connect',
    };
  });

  const make = (body: Json) => Resource.make('connectors', 'connectorArn', body);
  /** Members of the request that are no members of the resource's state. */
  const stored = ({ tags: _, ...sent }: Json) => sent;
  /** What the provider makes a block or a value of, where an answer has it. */
  const OPTIONAL = ['connectorDescription', 'logDelivery', 'workerConfiguration'];

  test('with required arguments alone: read as it was sent, and nothing that was not', async () => {
    const connector = await make(required);
    const read = await connector.becomes('connectorState', 'RUNNING', ['CREATING']);
    expect(read).toMatchObject(required);
    expect(read.currentVersion).toEqual(expect.stringMatching(/./));
    for (const absent of OPTIONAL) expect(read).not.toHaveProperty(absent);
    expect(await connector.tags()).toEqual({});
    expect((await connector.read()).answer).toMatchObject(required);
    await connector.destroy('connectorState');
  });

  test('with every block: read as it was sent, found by its name, changed twice and destroyed', async () => {
    const workers = await Resource.make('worker-configurations', 'workerConfigurationArn', {
      ...{ name: 'acme', propertiesFileContent: CONVERTERS },
    });
    const sent = {
      ...required,
      connectorDescription: 'lines for a file',
      logDelivery: {
        workerLogDelivery: {
          cloudWatchLogs: { enabled: true, logGroup: 'connect' },
          firehose: { enabled: false },
          s3: { bucket: 'logs', enabled: true, prefix: 'connect/' },
        },
      },
      tags: BILLING,
      workerConfiguration: { revision: 1, workerConfigurationArn: workers.arn },
    };
    const connector = await make(sent);
    const first = await connector.becomes('connectorState', 'RUNNING', ['CREATING']);
    expect(first).toMatchObject(stored(sent));
    expect(await connector.tags()).toEqual(BILLING);
    expect(await connector.found('connectors', 'connectorName', 'sink')).toMatchObject({
      connectorArn: connector.arn,
      connectorDescription: 'lines for a file',
      currentVersion: first.currentVersion,
    });

    // Of a changed capacity and changed tags the tags come first, and leave the version as it is.
    await connector.retag({ team: 'shipping' });
    const capacity = { provisionedCapacity: { mcuCount: 1, workerCount: 2 } };
    const second = await connector.update(first.currentVersion, { capacity });
    expect(second).toMatchObject({ ...stored(sent), capacity });
    expect(await connector.tags()).toEqual({ team: 'shipping' });
    expect(second.currentVersion).not.toBe(first.currentVersion);

    const connectorConfiguration = {
      ...JSON.parse(JSON.stringify(required.connectorConfiguration)),
      'tasks.max': '2',
    };
    const third = await connector.update(second.currentVersion, { connectorConfiguration });
    // Equal to what is configured: a property that is left over would be removed by the next apply.
    expect(third.connectorConfiguration).toEqual(connectorConfiguration);
    expect(third).toMatchObject({ capacity });
    await connector.destroy('connectorState');
    await workers.destroy('workerConfigurationState');
  });

  test('with autoscaling: the policies that were not sent are there, and are sent back with a change', async () => {
    const autoScaling = { maxWorkerCount: 2, mcuCount: 1, minWorkerCount: 1 };
    const connector = await make({ ...required, connectorName: 'auto', capacity: { autoScaling } });
    const first = await connector.becomes('connectorState', 'RUNNING', ['CREATING']);
    // Computed by the provider where they are not configured; the values are those of MSK Connect.
    const policies = {
      scaleInPolicy: { cpuUtilizationPercentage: 20 },
      scaleOutPolicy: { cpuUtilizationPercentage: 80 },
    };
    expect(first.capacity).toEqual({ autoScaling: { ...autoScaling, ...policies } });
    const changed = { autoScaling: { ...autoScaling, maxWorkerCount: 3, ...policies } };
    const second = await connector.update(first.currentVersion, { capacity: changed });
    expect(second.capacity).toEqual(changed);
    await connector.destroy('connectorState');
  });

  test('a connector that was deleted beside Terraform is not found, and its name is free', async () => {
    const connector = await make(required);
    await connector.becomes('connectorState', 'RUNNING', ['CREATING']);
    await connector.destroy('connectorState');
    const again = await make(required);
    expect(again.arn).not.toBe(connector.arn);
    await again.destroy('connectorState');
  });
});
