import { rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  type ClusterInfo,
  type ClusterOperationInfo,
  CreateClusterCommand,
  CreateConfigurationCommand,
  DescribeClusterCommand,
  DescribeClusterOperationCommand,
  KafkaClient,
  ListClusterOperationsCommand,
  ListConfigurationsCommand,
  RebootBrokerCommand,
  UpdateBrokerCountCommand,
  UpdateBrokerTypeCommand,
  UpdateClusterConfigurationCommand,
  UpdateClusterKafkaVersionCommand,
  UpdateConfigurationCommand,
  UpdateConnectivityCommand,
  UpdateMonitoringCommand,
  UpdateRebalancingCommand,
  UpdateSecurityCommand,
  UpdateStorageCommand,
} from '@aws-sdk/client-kafka';
import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { PROCESS_FILES } from '../../src/engines/embedded/layout.ts';
import { readNodeConfig } from '../../src/engines/embedded/node-config.ts';
import { filesBelow } from '../support/live-folder.ts';
import { eventually, killProcessesNaming, Millrace, processesOf } from '../support/millrace.ts';
import { FIRST_POINT, STRIDE, visited } from './crash-points.ts';

const CRASH_POINT = join(import.meta.dirname, 'crash-point.ts');
/** Only the record of a newly requested operation has this text: the points are counted from there on. */
const ASKED = '"state":"PENDING"';
const TOPIC = 'orders';
const RECORDS = 200;
/** A change takes some seconds, and the machine may be busy with other clusters. */
const CHANGE_MS = 120_000;

interface Change {
  readonly steps: readonly string[];
  ask(aws: KafkaClient, ClusterArn: string, CurrentVersion: string | undefined): Promise<unknown>;
  /** Whether the cluster and its processes are as the change requires. */
  isDone(
    cluster: ClusterInfo,
    brokers: readonly string[],
    /** The values of a config in the configurations of the nodes. */
    config: (name: string) => readonly unknown[],
  ): boolean;
}

const count = (target: number, steps: readonly string[]): Change => ({
  steps: ['INITIALIZE_UPDATE', ...steps, 'FINALIZE_UPDATE'],
  ask: (aws, ClusterArn, CurrentVersion) =>
    aws.send(new UpdateBrokerCountCommand({ ClusterArn, CurrentVersion, TargetNumberOfBrokerNodes: target })),
  isDone: ({ NumberOfBrokerNodes }, brokers) => NumberOfBrokerNodes === target && brokers.length === target,
});

const rebalancing = (Status: 'ACTIVE' | 'PAUSED', steps: readonly string[]): Change => ({
  steps: ['INITIALIZE_UPDATE', ...steps, 'FINALIZE_UPDATE'],
  ask: (aws, ClusterArn, CurrentVersion) =>
    aws.send(new UpdateRebalancingCommand({ ClusterArn, CurrentVersion, Rebalancing: { Status } })),
  isDone: ({ Rebalancing }) => Rebalancing?.Status === Status,
});

const resize = (size: string, heapMegabytes: number): Change => ({
  steps: ['INITIALIZE_UPDATE', 'UPDATE_BROKER_1', 'UPDATE_BROKER_2', 'FINALIZE_UPDATE'],
  ask: (aws, ClusterArn, CurrentVersion) =>
    aws.send(new UpdateBrokerTypeCommand({ ClusterArn, CurrentVersion, TargetInstanceType: size })),
  isDone: ({ BrokerNodeGroupInfo: group }, brokers) =>
    group?.InstanceType === size &&
    brokers.length === 2 &&
    brokers.every((command) => command.includes(`--max-old-space-size=${heapMegabytes} `)),
});

const security = (ClientBroker: 'PLAINTEXT' | 'TLS_PLAINTEXT'): Change => ({
  steps: ['INITIALIZE_UPDATE', 'UPDATE_BROKER_1', 'UPDATE_BROKER_2', 'FINALIZE_UPDATE'],
  ask: (aws, ClusterArn, CurrentVersion) =>
    aws.send(
      new UpdateSecurityCommand({
        ClusterArn,
        CurrentVersion,
        EncryptionInfo: { EncryptionInTransit: { ClientBroker } },
      }),
    ),
  isDone: ({ EncryptionInfo }) => EncryptionInfo?.EncryptionInTransit?.ClientBroker === ClientBroker,
});

const monitoring = (EnhancedMonitoring: 'DEFAULT' | 'PER_BROKER', EnabledInBroker: boolean): Change => ({
  steps: ['INITIALIZE_UPDATE', 'UPDATE_MONITORING', 'FINALIZE_UPDATE'],
  ask: (aws, ClusterArn, CurrentVersion) =>
    aws.send(
      new UpdateMonitoringCommand({
        ClusterArn,
        CurrentVersion,
        EnhancedMonitoring,
        OpenMonitoring: {
          Prometheus: {
            JmxExporter: { EnabledInBroker },
            NodeExporter: { EnabledInBroker: !EnabledInBroker },
          },
        },
      }),
    ),
  isDone: (cluster) =>
    cluster.EnhancedMonitoring === EnhancedMonitoring &&
    cluster.OpenMonitoring?.Prometheus?.JmxExporter?.EnabledInBroker === EnabledInBroker,
});

/** Sets what is set already: nothing of it shows at the brokers. */
const connectivity: Change = {
  steps: ['INITIALIZE_UPDATE', 'FINALIZE_UPDATE'],
  ask: (aws, ClusterArn, CurrentVersion) =>
    aws.send(
      new UpdateConnectivityCommand({
        ClusterArn,
        CurrentVersion,
        ConnectivityInfo: { PublicAccess: { Type: 'DISABLED' } },
      }),
    ),
  isDone: ({ BrokerNodeGroupInfo: group }) => group?.ConnectivityInfo?.PublicAccess?.Type === 'DISABLED',
};

const volumeOf = (cluster: ClusterInfo | undefined) =>
  cluster?.BrokerNodeGroupInfo?.StorageInfo?.EbsStorageInfo?.VolumeSize ?? 0;

/** Grows by the least that is allowed. */
function growth(): Change {
  let target = 0;
  return {
    steps: ['INITIALIZE_UPDATE', 'RESIZE_VOLUMES', 'FINALIZE_UPDATE'],
    ask: async (aws, ClusterArn, CurrentVersion) => {
      const { ClusterInfo } = await aws.send(new DescribeClusterCommand({ ClusterArn }));
      target = volumeOf(ClusterInfo) + 10;
      await aws.send(new UpdateStorageCommand({ ClusterArn, CurrentVersion, VolumeSizeGB: target }));
    },
    isDone: (cluster) => volumeOf(cluster) === target,
  };
}

/** Sets a revision of the round's one configuration: its two revisions have different `properties`. */
const configuration = (revision: 1 | 2, numPartitions: number): Change => ({
  steps: [
    'INITIALIZE_UPDATE',
    'UPDATE_BROKER_1',
    'UPDATE_BROKER_2',
    'UPDATE_CONTROLLER',
    'UPDATE_LIVE_CONFIGS',
    'FINALIZE_UPDATE',
  ],
  ask: async (aws, ClusterArn, CurrentVersion) =>
    aws.send(
      new UpdateClusterConfigurationCommand({
        ClusterArn,
        CurrentVersion,
        ConfigurationInfo: { Arn: await twoRevisions(aws), Revision: revision },
      }),
    ),
  isDone: ({ CurrentBrokerSoftwareInfo: software }, brokers, config) =>
    software?.ConfigurationRevision === revision &&
    brokers.length === 2 &&
    config('num.partitions').every((value) => value === String(numPartitions)),
});

async function twoRevisions(aws: KafkaClient): Promise<string | undefined> {
  const { Configurations = [] } = await aws.send(new ListConfigurationsCommand({}));
  const text = (partitions: number, bytes: number) =>
    Buffer.from(`num.partitions=${partitions}\nmessage.max.bytes=${bytes}`);
  const [there] = Configurations;
  const { Arn, LatestRevision } =
    there ??
    (await aws.send(
      new CreateConfigurationCommand({ Name: 'two-revisions', ServerProperties: text(2, 2_000_000) }),
    ));
  if (LatestRevision?.Revision === 1)
    await aws.send(new UpdateConfigurationCommand({ Arn, ServerProperties: text(3, 3_000_000) }));
  return Arn;
}

const version = (target: string): Change => ({
  steps: ['INITIALIZE_UPDATE', 'UPDATE_BROKER_1', 'UPDATE_BROKER_2', 'FINALIZE_FEATURES', 'FINALIZE_UPDATE'],
  ask: (aws, ClusterArn, CurrentVersion) =>
    aws.send(
      new UpdateClusterKafkaVersionCommand({ ClusterArn, CurrentVersion, TargetKafkaVersion: target }),
    ),
  isDone: ({ CurrentBrokerSoftwareInfo: software }, brokers) =>
    software?.KafkaVersion === target && brokers.length === 2,
});

const reboot: Change = {
  steps: ['REBOOT_BROKER_2'],
  ask: (aws, ClusterArn) => aws.send(new RebootBrokerCommand({ ClusterArn, BrokerIds: ['2'] })),
  isDone: (_, brokers) => brokers.length === 2,
};

/** The rounds: changes that repeat in turn, and the least number of points of all of them. */
const ROUNDS: readonly (readonly [string, readonly Change[], number])[] = [
  // Requested, begun, completed, before and after each; and the process. The configuration file is in place
  // and is not written again.
  ['RebootBroker', [reboot], 7],
  [
    'UpdateBrokerCount, out and in',
    [count(4, ['START_BROKERS', 'MOVE_PARTITIONS']), count(2, ['MOVE_PARTITIONS', 'REMOVE_BROKERS'])],
    30,
  ],
  ['UpdateBrokerType', [resize('kafka.m5.xlarge', 4096), resize('kafka.m5.large', 2048)], 18],
  // Brokers are restarted with other settings, which starts further steps.
  ['UpdateClusterConfiguration', [configuration(1, 2), configuration(2, 3)], 25],
  ['UpdateSecurity', [security('TLS_PLAINTEXT'), security('PLAINTEXT')], 18],
  ['UpdateMonitoring', [monitoring('PER_BROKER', true), monitoring('DEFAULT', false)], 8],
  ['UpdateStorage', [growth()], 8],
  [
    'UpdateRebalancing and UpdateConnectivity',
    [rebalancing('PAUSED', []), connectivity, rebalancing('ACTIVE', ['MOVE_PARTITIONS'])],
    12,
  ],
];

describe('a kill -9 of the control plane at every step of an operation leaves one that the next start completes, once', () => {
  test.concurrent.for(ROUNDS)('%s', { timeout: 900_000 }, async ([, changes, fewest]) => {
    const round = await Round.begin();
    try {
      // By steps: the next point, or null after the last one. Changes with the same steps have the same
      // points.
      const points = new Map<string, number | null>(changes.map(({ steps }) => [steps.join(), FIRST_POINT]));
      let crashes = 0;
      for (let turn = 0; [...points.values()].some((point) => point !== null); ) {
        const change = changes[turn];
        if (!change) throw new Error('no such change');
        const steps = change.steps.join();
        // A change whose points are all done only leads to the other changes.
        const point = points.get(steps) ?? 0;
        const { crashed, changed } = await round.change(change, point);
        if (crashed) crashes++;
        points.set(steps, crashed ? point + STRIDE : null);
        if (changed) turn = (turn + 1) % changes.length;
      }
      process.stdout.write(`operation crashes: ${changes[0]?.steps.join(', ')}: ${crashes} points\n`);
      expect(crashes).toBeGreaterThanOrEqual(visited(fewest, points.size));
      expect(await round.records()).toBe(RECORDS);
    } finally {
      await round.end();
    }
  });
});

/**
 * Versions only go up: a cluster that begins with the oldest one can be killed in this many upgrades; the
 * next cluster continues at the next point.
 */
const VERSIONS = ['3.6.0', '3.7.x', '3.8.x', '3.9.x', '3.9.x.kraft', '4.0.x.kraft', '4.1.x.kraft'];
/**
 * The least number of points of an upgrade: requested, two brokers and the features begun and completed,
 * before and after each, and the processes.
 */
const UPGRADE_POINTS = 14;

// Eighteen upgrades of a cluster take too long for every test run: only `npm run crashes` makes them.
if (STRIDE === 1)
  describe('a kill -9 of the control plane at every step of an upgrade', () => {
    const upgrades = VERSIONS.slice(1).map(version);
    const starts = [0, 1, 2].map((nth) => 1 + nth * upgrades.length);
    test.concurrent.for(starts)('from point %i', { timeout: 900_000 }, async (first) => {
      const round = await Round.begin(VERSIONS[0]);
      try {
        for (const [index, upgrade] of upgrades.entries()) {
          const point = first + index;
          // If the control plane was killed before it stored the upgrade, the upgrade is requested again from
          // the next one.
          let { crashed, changed } = await round.change(upgrade, point);
          if (point <= UPGRADE_POINTS) expect(crashed, `point ${point}`).toBe(true);
          while (!changed) ({ crashed, changed } = await round.change(upgrade, 0));
        }
        expect(await round.records()).toBe(RECORDS);
      } finally {
        await round.end();
      }
    });
  });

/** One cluster that lives through all crashes of a round. */
class Round {
  #millrace: Millrace;
  /** The number of operations that are known to have begun. */
  #begun = 0;

  /** Without a version it is the cluster that `up` makes. */
  static async begin(kafkaVersion?: string): Promise<Round> {
    const round = new Round(await Millrace.up(kafkaVersion ? ['--no-cluster'] : ['--brokers', '2']));
    if (kafkaVersion) await round.#create(kafkaVersion);
    await round.#nextLife();
    await round.#produce();
    return round;
  }

  private constructor(millrace: Millrace) {
    this.#millrace = millrace;
  }

  get #arn(): string {
    return this.#millrace.ready.clusters[0]?.arn ?? '';
  }

  async #create(KafkaVersion: string): Promise<void> {
    const { ClusterArn } = await this.#aws.send(
      new CreateClusterCommand({
        ClusterName: 'upgraded',
        KafkaVersion,
        NumberOfBrokerNodes: 2,
        BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b'] },
        EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'PLAINTEXT', InCluster: false } },
      }),
    );
    await eventually('the cluster is ACTIVE', async () => {
      const { ClusterInfo } = await this.#aws.send(new DescribeClusterCommand({ ClusterArn }));
      return ClusterInfo?.State === 'ACTIVE';
    });
  }

  /** Requests a change from a control plane that ends at its n-th point; with 0 it does not end. */
  async change(change: Change, point: number): Promise<{ crashed: boolean; changed: boolean }> {
    const context = `${change.steps.join(' ')}, point ${point}`;
    writeFileSync(this.#crashFile, String(point));
    const { child } = this.#millrace;
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    const hasEnded = () => child.signalCode !== null || child.exitCode !== null;
    let acknowledged = false;
    let done = 0;
    const follow = async () => {
      const operation = await this.#latest();
      if (!operation) return false;
      done = expectInOrder(operation, change, done, context);
      return operation.EndTime !== undefined;
    };
    try {
      const { CurrentVersion } = await this.#cluster();
      await change.ask(this.#aws, this.#arn, CurrentVersion);
      acknowledged = true;
      await eventually(`${context}: it ended`, async () => hasEnded() || (await follow()), CHANGE_MS);
    } catch (error) {
      // The error of a request to a process that died meanwhile.
      if (!(error instanceof Error && 'code' in error)) throw error;
      await ended;
    }
    const crashed = hasEnded();
    if (crashed) {
      expect(child.signalCode, context).toBe('SIGKILL');
      await this.#nextLife();
    }
    const operations = await this.#operations();
    const changed = operations.length > this.#begun;
    if (acknowledged) expect(changed, `${context}: what was acknowledged is known`).toBe(true);
    if (changed) {
      this.#begun++;
      await eventually(`${context}: it is complete`, follow, CHANGE_MS);
      const operation = await this.#latest();
      expect(operation?.OperationState, `${context}: ${JSON.stringify(operation)}`).toMatch(/_COMPLETE$/);
      expect(done, context).toBe(change.steps.length);
      expect(
        change.isDone(await this.#cluster(), this.#brokers(), (name) => this.#configs(name)),
        `${context}: ${this.#brokers()}`,
      ).toBe(true);
    }
    expect(await this.#cluster(), context).toMatchObject({ State: 'ACTIVE' });
    expect(await this.#operations(), `${context}: each is there once`).toHaveLength(this.#begun);
    // The control plane has not reached its point, and must not reach it in the next change.
    if (!crashed && point > 0) await this.#nextLife();
    return { crashed, changed };
  }

  /** The number of records of the topic. */
  async records(): Promise<number> {
    const admin = this.#kafka().admin();
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(TOPIC);
    await admin.disconnect();
    return offsets.reduce((sum, { offset }) => sum + Number(offset), 0);
  }

  async end(): Promise<void> {
    const { child, data } = this.#millrace;
    if (child.exitCode === null) child.kill('SIGKILL');
    await killProcessesNaming(data);
    rmSync(data, { recursive: true, force: true });
  }

  get #crashFile(): string {
    return join(this.#millrace.data, 'crash-at');
  }

  /** Kills the control plane if it still runs, and starts the next one. */
  async #nextLife(): Promise<void> {
    const { child } = this.#millrace;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGKILL');
      await ended;
    }
    const env = { MILLRACE_TEST_CRASH_FROM: ASKED, MILLRACE_TEST_CRASH_FILE: this.#crashFile };
    const args = ['--import', CRASH_POINT];
    this.#millrace = await Millrace.up(['--no-cluster'], this.#millrace, { args, env });
  }

  async #produce(): Promise<void> {
    const kafka = this.#kafka();
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 4, replicationFactor: 2 }] });
    await admin.disconnect();
    const producer = kafka.producer();
    await producer.connect();
    const messages = Array.from({ length: RECORDS }, (_, index) => ({
      key: `${index}`,
      value: 'x'.repeat(500),
    }));
    await producer.send({ topic: TOPIC, acks: -1, messages });
    await producer.disconnect();
  }

  #kafka(): Kafka {
    const brokers = this.#millrace.ready.clusters[0]?.bootstrap.split(',') ?? [];
    return new Kafka({ brokers, logLevel: logLevel.NOTHING });
  }

  get #aws(): KafkaClient {
    return new KafkaClient({
      endpoint: this.#millrace.ready.api,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      maxAttempts: 1,
    });
  }

  async #cluster(): Promise<ClusterInfo> {
    const answer = await this.#aws.send(new DescribeClusterCommand({ ClusterArn: this.#arn }));
    return answer.ClusterInfo ?? {};
  }

  async #operations(): Promise<ClusterOperationInfo[]> {
    const answer = await this.#aws.send(
      new ListClusterOperationsCommand({ ClusterArn: this.#arn, MaxResults: 100 }),
    );
    return answer.ClusterOperationInfoList ?? [];
  }

  /** The operation that began last, unless it is known to be over. */
  async #latest(): Promise<ClusterOperationInfo | undefined> {
    const [latest] = await this.#operations();
    if (!latest) return undefined;
    const { ClusterOperationInfo: info } = await this.#aws.send(
      new DescribeClusterOperationCommand({ ClusterOperationArn: latest.OperationArn }),
    );
    return info;
  }

  #configs(name: string): unknown[] {
    const clusters = join(this.#millrace.data, 'clusters');
    return filesBelow(clusters)
      .filter((file) => basename(file) === PROCESS_FILES.config)
      .map((file) => readNodeConfig(file).config.options.config?.[name]);
  }

  #brokers(): string[] {
    const commands = processesOf(this.#millrace.data).map(({ command }) => command);
    return commands.filter((command) => / broker /.test(command));
  }
}

/**
 * Steps must be in this order: completed ones, at most one in progress, pending ones; and never fewer
 * completed ones than before.
 */
function expectInOrder(
  { OperationSteps = [] }: ClusterOperationInfo,
  change: Change,
  before: number,
  context: string,
): number {
  expect(
    OperationSteps.map(({ StepName }) => StepName),
    context,
  ).toEqual(change.steps);
  const statuses = OperationSteps.map(({ StepInfo }) => StepInfo?.StepStatus).join(' ');
  expect(statuses, context).toMatch(/^(COMPLETED ?)*(IN_PROGRESS ?)?(PENDING ?)*$/);
  const done = OperationSteps.filter(({ StepInfo }) => StepInfo?.StepStatus === 'COMPLETED').length;
  expect(done, context).toBeGreaterThanOrEqual(before);
  return done;
}
