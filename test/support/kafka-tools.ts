import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { endsWithThis } from './ends-with-this.ts';
import { passingFile } from './passing-file.ts';

/** The main classes of Kafka's shell scripts (bin/kafka-topics.sh and the others). */
export const TOOLS = {
  'kafka-topics': 'org.apache.kafka.tools.TopicCommand',
  'kafka-configs': 'kafka.admin.ConfigCommand',
  'kafka-acls': 'org.apache.kafka.tools.AclCommand',
  'kafka-console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'kafka-console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'kafka-dump-log': 'org.apache.kafka.tools.DumpLogSegments',
  'kafka-get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'kafka-reassign-partitions': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
  'kafka-leader-election': 'org.apache.kafka.tools.LeaderElectionCommand',
  'kafka-metadata-quorum': 'org.apache.kafka.tools.MetadataQuorumCommand',
  'kafka-features': 'org.apache.kafka.tools.FeatureCommand',
  'kafka-verifiable-producer': 'org.apache.kafka.tools.VerifiableProducer',
  'kafka-verifiable-consumer': 'org.apache.kafka.tools.VerifiableConsumer',
  'kafka-verifiable-share-consumer': 'org.apache.kafka.tools.VerifiableShareConsumer',
  'kafka-producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
  'kafka-broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  'kafka-storage': 'kafka.tools.StorageTool',
  'kafka-server': 'kafka.Kafka',
} as const;

/** A virtual machine of Java takes a second to start, and many times that beside others. */
const PATIENCE_MS = 240_000;

export interface ToolResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of Kafka's command-line tools to its end. `stdin` is its whole input. */
export function kafkaTool(
  tool: keyof typeof TOOLS,
  args: readonly string[],
  options: { stdin?: string | Buffer; timeoutMs?: number } = {},
): Promise<ToolResult> {
  const child = startKafkaTool(tool, args);
  return finish(child, options);
}

/** `serverHeap`: JVM options of a broker that replace those of the start script. */
export function startKafkaTool(
  tool: keyof typeof TOOLS,
  args: readonly string[],
  serverHeap: readonly string[] = SERVER_HEAP,
): ChildProcess {
  const jars = kafkaJars('tools');
  if (!jars) throw new Error('Kafka’s jars are missing: run `node scripts/test-tools.mjs`');
  const child = spawn(
    'java',
    [
      ...(tool === 'kafka-server' ? [...serverHeap, ...SERVER] : SHORT_RUN),
      '-cp',
      `${jars}/*`,
      `-Dlog4j2.configurationFile=${loggingFile()}`,
      TOOLS[tool],
      ...args,
    ],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  return endsWithThis(child);
}

/** For short runs on a small machine: only the quick compiler, and one collector thread. */
const SHORT_RUN = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto', '-Xmx512m'];

/** The heap that Kafka's start script gives a broker. */
const SERVER_HEAP = ['-Xmx1G', '-Xms1G'];
const SERVER = [
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
];

let logging: string | undefined;
function loggingFile(): string {
  logging ??= passingFile(
    'log4j2.properties',
    'rootLogger.level=WARN\nrootLogger.appenderRef.e.ref=E\nappender.e.type=Console\nappender.e.name=E\nappender.e.target=SYSTEM_ERR\nappender.e.layout.type=PatternLayout\nappender.e.layout.pattern=%p %c %m%n\n',
  );
  return logging;
}

function finish(
  child: ChildProcess,
  options: { stdin?: string | Buffer; timeoutMs?: number } = {},
): Promise<ToolResult> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin?.on('error', () => child.stdin?.destroy());
  child.stdin?.end(options.stdin ?? '');
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? PATIENCE_MS);
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (status) => {
      clearTimeout(timer);
      resolve({ status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

/** Runs a program to its end. */
export function run(
  command: string,
  args: readonly string[],
  options: { stdin?: string | Buffer; timeoutMs?: number; cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<ToolResult> {
  const { cwd, env, ...ending } = options;
  return finish(endsWithThis(spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], cwd, env })), ending);
}

/** Runs kcat to its end. By itself it gives up when it does not know a topic or a cluster within 5 s. */
export function kcat(
  args: readonly string[],
  options: { stdin?: string | Buffer; timeoutMs?: number } = {},
): Promise<ToolResult> {
  return run('kcat', ['-m', String(PATIENCE_MS / 1000), ...args], options);
}

/** Whether a command is in PATH; tests that need a missing one are skipped with that reason. */
export function hasCommand(command: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => readdirSafe(folder).includes(command));
}

function readdirSafe(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
