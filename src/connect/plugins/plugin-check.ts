import { type ChildProcess, execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { delimiter } from 'node:path';
import type { ConnectClass } from '../state/plugin.ts';
import { archiveOptions } from '../worker/class-archives.ts';
import type { Installation } from '../worker/installation.ts';
import { workerEnvironment } from '../worker/worker-environment.ts';
import { LINKED_CLASSES, LINKED_PLUGINS, WORKER_HOME, WORKER_JAR } from '../worker/worker-files.ts';
import { isConnectType } from './connect-types.ts';

/**
 * Kafka Connect takes 17 s to read all classes of the largest known plugin (164 MB), alone on a machine of 2
 * processors.
 */
const CHECK_MS = 120_000;
/** The Java process ends itself at that time; this is for one that cannot. */
const LATER_MS = 10_000;
/**
 * A plugin has some hundred classes for Kafka Connect at most, and of those that fail the traces are short.
 */
const MOST_OUTPUT_BYTES = 8 * 1024 ** 2;
/** A scan of 300 MB of jars takes half of it. */
const HEAP_MEGABYTES = 512;
/** The end of what Java said, where it said no answer. */
const LAST_WORDS_CHARS = 2_000;

/** What Kafka Connect says of a plugin that it has loaded. */
export interface PluginCheck {
  /** `named`: in a ServiceLoader manifest. */
  readonly found: readonly (ConnectClass & { readonly named: boolean })[];
  /** Of classes that should be there, the stack traces. */
  readonly failed: readonly { readonly class: string; readonly trace: string }[];
}

/** The process did not come to an end of its own, or ended without an answer. */
export class PluginCheckError extends Error {}

export interface CheckPlace {
  readonly installation: Installation;
  /** Of a worker's kind: with the worker's jar and the plugin linked in it. */
  readonly folder: string;
  /** Whose rights the plugin has; null for those of this process. */
  readonly user: number | null;
  readonly hasClassArchive: boolean;
}

/**
 * Loads a plugin in a process of its own, as a worker does. `wanted`: classes that should be found. Null
 * where this release of Kafka Connect cannot be asked. Rejects with PluginCheckError. `started` is given the
 * process, which may be killed.
 */
export async function checkPlugin(
  { installation, folder, user, hasClassArchive }: CheckPlace,
  wanted: readonly string[],
  started: (process: ChildProcess) => void,
): Promise<PluginCheck | null> {
  const word = randomBytes(16).toString('hex');
  const args = [
    ...[`-Xmx${HEAP_MEGABYTES}m`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'],
    ...(hasClassArchive ? archiveOptions(LINKED_CLASSES) : []),
    ...['-cp', `${installation.classPath}${delimiter}${WORKER_JAR}`, 'millrace.PluginCheck'],
    ...[word, LINKED_PLUGINS, String(CHECK_MS)],
  ];
  const output = await new Promise<string>((resolve, reject) => {
    const child = execFile(
      installation.java,
      args,
      {
        cwd: folder,
        ...(user === null ? {} : { uid: user, gid: user }),
        env: { ...workerEnvironment(), HOME: WORKER_HOME },
        ...{ timeout: CHECK_MS + LATER_MS, killSignal: 'SIGKILL', maxBuffer: MOST_OUTPUT_BYTES },
      },
      (error, stdout, stderr) => {
        if (error) reject(new PluginCheckError(failure(error, stderr), { cause: error }));
        else resolve(stdout);
      },
    );
    started(child);
    // Java may have ended before it reads: what it ended with says why.
    child.stdin?.once('error', () => child.stdin?.destroy());
    child.stdin?.end(wanted.join('\n'));
  });
  const answer = output.split('\n').findLast((line) => line.startsWith(word));
  if (answer === undefined) throw new PluginCheckError('The Java process ended without an answer.');
  return checkOf(JSON.parse(answer.slice(word.length)));
}

function failure(
  error: Error & { readonly code?: unknown; readonly killed?: boolean; readonly signal?: unknown },
  said: string,
): string {
  const words = said.trim().slice(-LAST_WORDS_CHARS);
  const { code, killed, signal } = error;
  // The system kills it by the same signal where memory runs out.
  const why =
    code === 124 || (signal === 'SIGKILL' && killed === true)
      ? `it did not end within ${CHECK_MS / 1_000} s`
      : `Java ended with ${typeof signal === 'string' ? signal : `status ${String(code)}`}`;
  return words === '' ? `${why}.` : `${why}:\n${words}`;
}

function checkOf(value: unknown): PluginCheck | null {
  const { found, failed } = members(value);
  if (!Array.isArray(found) || !Array.isArray(failed)) return null;
  return {
    found: found.flatMap((one) => {
      const { class: name, type, version, named } = members(one);
      if (typeof name !== 'string' || !isConnectType(type)) return [];
      return [{ class: name, type, version: versionOf(version), named: named === true }];
    }),
    failed: failed.map((one) => {
      const { class: name, trace } = members(one);
      return { class: String(name), trace: String(trace) };
    }),
  };
}

/** Kafka Connect's words for a class that says none. */
function versionOf(version: unknown): string | null {
  return typeof version !== 'string' || version === 'undefined' || version === 'null' ? null : version;
}

function members(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
