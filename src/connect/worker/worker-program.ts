import { delimiter } from 'node:path';
import type { Installation } from './installation.ts';
import { markOf } from './running-workers.ts';
import { WORKER_JAR, type WorkerFiles, type WorkerLife } from './worker-files.ts';

/** What an idle worker needs; it takes more as it needs more. */
const FIRST_HEAP_MEGABYTES = 16;
/**
 * Java's second compiler is for code that runs hot for minutes: ten times its usual thresholds. What a start
 * runs through is left to the first one, which costs a fifth of the time and of the memory.
 */
const LATE_OPTIMISATION = [
  '-XX:Tier4InvocationThreshold=50000',
  '-XX:Tier4MinInvocationThreshold=6000',
  '-XX:Tier4CompileThreshold=150000',
  '-XX:Tier4BackEdgeThreshold=400000',
];

/** What runs in the processes of a group of workers. */
export interface WorkerProgram {
  /** Kafka Connect, or the worker of built-in connectors. */
  readonly kind: 'java' | 'node';
  /** Everything by which one that runs already would differ. */
  readonly identity: unknown;
  /** The folder where its plugin is kept, by which one with another plugin differs; null for Node. */
  readonly plugin: string | null;
  /** Null for Node. */
  readonly installation: Installation | null;
  /** The program with its arguments; `more` are further options of Java. */
  command(files: WorkerFiles, heapMegabytes: number, more: readonly string[]): [string, ...string[]];
  /** Everything that the process starts from, in its folder. `password`: of its door. */
  write(
    files: WorkerFiles,
    properties: Readonly<Record<string, string>>,
    password: string,
    life: WorkerLife,
    isShared: boolean,
  ): WorkerLife;
}

/** `pluginPath`: where its plugin is kept. */
export function javaProgram(installation: Installation, pluginPath: string): WorkerProgram {
  return {
    kind: 'java',
    identity: installation,
    plugin: pluginPath,
    installation,
    command: (files, heapMegabytes, more) => [
      installation.java,
      markOf(files.folder),
      `-Xms${Math.min(FIRST_HEAP_MEGABYTES, heapMegabytes)}m`,
      `-Xmx${heapMegabytes}m`,
      '-XX:+UseSerialGC',
      // Half a worker is worse than none: it ends, and is started again.
      '-XX:+ExitOnOutOfMemoryError',
      '-Xshare:auto',
      ...LATE_OPTIMISATION,
      ...more,
      ...files.options,
      // The archive of classes is of what comes first.
      ...['-cp', `${installation.classPath}${delimiter}${WORKER_JAR}`, 'millrace.ConnectWorker'],
      files.properties,
    ],
    write(files, properties, password, life, isShared) {
      files.write(properties, password, life, isShared);
      if (isShared) files.linkPlugin(pluginPath);
      if (installation.isLinked) files.linkLibs(installation.libs);
      return life;
    },
  };
}

/** `command`: Node with this program, and the word for a worker. */
export function nodeProgram([node, ...args]: readonly [string, ...string[]]): WorkerProgram {
  return {
    kind: 'node',
    identity: [node, ...args],
    plugin: null,
    installation: null,
    command: (files, heapMegabytes) => [
      node,
      `--max-old-space-size=${heapMegabytes}`,
      ...args,
      '--config',
      files.properties,
      markOf(files.folder),
    ],
    write: (files, properties, password, life, isShared) =>
      files.writeBuiltIn(properties, password, life, isShared),
  };
}
