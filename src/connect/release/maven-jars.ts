import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../../base/clock.ts';
import { endingWithUs } from '../worker/ending-with-us.ts';
import { CONNECT_JARS } from './connect-jars.ts';
import { ReleaseError } from './release-error.ts';

/** The one whose options these are. */
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
/** Maven says a line for each file; where it says none for so long, it does not get on. */
const SILENT_MS = 300_000;
/** The end of what it said, where it failed. */
const LAST_WORDS_CHARS = 2_000;
/**
 * What Maven may see of this process: where the user's settings and repository are, and by which proxy the
 * network is reached.
 */
const ENVIRONMENT = [
  ...['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TMPDIR', 'JAVA_HOME'],
  ...['MAVEN_HOME', 'M2_HOME', 'MAVEN_OPTS', 'MAVEN_ARGS'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
];

/** One jar of the list. */
export interface MavenJar {
  readonly group: string;
  readonly artifact: string;
  readonly release: string;
  /** In Base64. */
  readonly sha512: string;
}

/** The jars that are Kafka Connect, and what they need. */
export function connectJars(): MavenJar[] {
  return CONNECT_JARS.trim()
    .split('\n')
    .map((line) => {
      const [coordinates = '', sha512 = ''] = line.split(' ');
      const [group = '', artifact = '', release = ''] = coordinates.split(':');
      return { group, artifact, release, sha512 };
    });
}

/** What Maven copies a jar to. */
function fileOf({ artifact, release }: MavenJar): string {
  return `${artifact}-${release}.jar`;
}

export interface MavenFetch {
  /** The program. */
  readonly maven: string;
  readonly jars: readonly MavenJar[];
  /** A new folder for what Maven works with; the jars will be in `libs` there. */
  readonly folder: string;
  /** Jars that have come over the network; those that were fetched before are not counted. */
  progress(fetched: number): void;
}

/**
 * Has Maven fetch jars and holds each against its checksum: all are there and right when this resolves, for
 * everybody to read. Rejects with ReleaseError, and with what the file system says.
 */
export async function fetchJars(
  clock: Clock,
  { maven, jars, folder, progress }: MavenFetch,
  signal: AbortSignal,
): Promise<void> {
  const libs = join(folder, 'libs');
  await mkdir(libs, { recursive: true });
  await writeFile(join(folder, 'pom.xml'), pomOf(jars));
  const wanted = new Set(jars.map(fileOf));
  let fetched = 0;
  await run(
    clock,
    [maven, '-B', '-f', 'pom.xml', PLUGIN, `-DoutputDirectory=${libs}`],
    folder,
    signal,
    (line) => {
      const [, file] = /Downloaded from .*\/([\w.+-]+\.jar) /.exec(line) ?? [];
      if (file !== undefined && wanted.has(file)) progress(++fetched);
    },
  );
  for (const jar of jars) await check(jar, join(libs, fileOf(jar)));
}

async function check({ group, artifact, release, sha512 }: MavenJar, file: string): Promise<void> {
  const name = `${group}:${artifact}:${release}`;
  const digest = createHash('sha512');
  try {
    await pipeline(createReadStream(file), digest);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    throw new ReleaseError(`Maven did not bring ${name}`, true, { cause: error });
  }
  if (digest.digest('base64') !== sha512)
    throw new ReleaseError(
      `Maven brought ${name} with another SHA-512 than it should have: remove it from Maven's repository`,
      false,
    );
  await chmod(file, 0o644);
}

/** Every jar by its own name, and nothing that it names itself: the list is whole. */
function pomOf(jars: readonly MavenJar[]): string {
  const all = { groupId: '*', artifactId: '*' };
  const dependencies = jars.map(({ group, artifact, release }) =>
    element('dependency', {
      ...{ groupId: group, artifactId: artifact, version: release },
      exclusions: element('exclusion', all),
    }),
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">${[
    '<modelVersion>4.0.0</modelVersion>',
    '<groupId>millrace</groupId><artifactId>kafka-connect</artifactId><version>1</version>',
    '<packaging>pom</packaging>',
    `<dependencies>${dependencies.join('\n')}</dependencies>`,
  ].join('\n')}</project>\n`;
}

function element(name: string, members: Readonly<Record<string, string>>): string {
  const inner = Object.entries(members).map(([member, value]) => `<${member}>${value}</${member}>`);
  return `<${name}>${inner.join('')}</${name}>`;
}

async function run(
  clock: Clock,
  words: readonly string[],
  cwd: string,
  signal: AbortSignal,
  line: (text: string) => void,
): Promise<void> {
  const env = Object.fromEntries(
    ENVIRONMENT.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  const [shell, ...args] = endingWithUs(...words);
  const child = spawn(shell, args, { cwd, stdio: ['pipe', 'pipe', 'pipe'], env });
  const silence = new SilenceWatch(clock, child);
  const stop = () => child.stdin.destroy();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let said = '';
  let rest = '';
  const heard = (chunk: string) => {
    silence.heard();
    said = `${said}${chunk}`.slice(-LAST_WORDS_CHARS);
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const one of lines) line(one);
  };
  child.stdout.setEncoding('utf8').on('data', heard);
  child.stderr.setEncoding('utf8').on('data', heard);
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code));
    });
    if (signal.aborted) throw new ReleaseError('Millrace stopped meanwhile', true);
    if (silence.isOver)
      throw new ReleaseError(`Maven said nothing for ${SILENT_MS / 1000} s and was ended`, true);
    if (status !== 0) throw new ReleaseError(`Maven failed: ${errorIn(said)}`, true);
  } finally {
    silence.end();
    signal.removeEventListener('abort', stop);
  }
}

/** The first of its lines that says an error; the others say where to read more. */
function errorIn(said: string): string {
  const [, first] =
    /^\[ERROR\] (?:Failed to execute goal [^:]+(?::[^: ]+)* \([^)]*\)[^:]*: )?(.+)$/m.exec(said) ?? [];
  return (first ?? said.trim().split('\n').at(-1) ?? '').replace(/(?: -> \[Help \d+\]|\.)$/, '');
}

class SilenceWatch {
  readonly #clock: Clock;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #timer: { cancel(): void };
  isOver = false;

  constructor(clock: Clock, child: ChildProcessByStdio<Writable, Readable, Readable>) {
    this.#clock = clock;
    this.#child = child;
    this.#timer = this.#begin();
  }

  heard(): void {
    this.#timer.cancel();
    this.#timer = this.#begin();
  }

  end(): void {
    this.#timer.cancel();
  }

  #begin(): { cancel(): void } {
    return this.#clock.after(SILENT_MS, () => {
      this.isOver = true;
      this.#child.stdin.destroy();
    });
  }
}
