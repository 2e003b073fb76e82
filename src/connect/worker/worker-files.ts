import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../platform/replace-file.ts';
import { CONNECT_WORKER_JAR } from './connect-worker-jar.ts';
import { propertiesText } from './properties-text.ts';

const FILES = {
  properties: 'worker.properties',
  login: 'rest.jaas',
  passwords: 'rest.password',
  logging: 'log4j2.properties',
  /** What the process that was started last has: its port, and a digest of its command and properties. */
  life: 'life.json',
  log: 'worker.log',
};
const PLUGINS = 'plugins';
const LIBS = 'libs';
const CLASSES = 'connect.jsa';
const PROGRAM = 'worker.jar';
const USER = 'millrace';
/**
 * The worker's folder as the worker sees it. It lies in folders that are closed to others, and a process gets
 * into the folder that it was started in without passing through these: so a worker with a user of its own
 * reads this folder and nothing beside it.
 */
const HERE = '/proc/self/cwd';

/**
 * How the worker itself names its home, its program, the folder with its plugin when that is linked there,
 * and the archive of its classes.
 */
export const WORKER_HOME = HERE;
export const WORKER_JAR = `${HERE}/${PROGRAM}`;
export const LINKED_CLASSES = `${HERE}/${CLASSES}`;
export const LINKED_PLUGINS = `${HERE}/${PLUGINS}`;
/** Where the jars of Kafka Connect are, when they are linked there. */
export const LINKED_LIBS = `${HERE}/${LIBS}`;

/** One start of a worker: by what it is found again after a crash of the control plane. */
export interface WorkerLife {
  readonly port: number;
  /**
   * Where it tells its metrics; none in a life that an older release began, and of the workers of built-in
   * connectors.
   */
  readonly metricsPort?: number;
  readonly digest: string;
}

/** The folder of one worker process. */
export class WorkerFiles {
  readonly folder: string;
  readonly log: string;

  constructor(folder: string) {
    this.folder = folder;
    this.log = join(folder, FILES.log);
  }

  /** As the worker itself names it. */
  get properties(): string {
    return `${HERE}/${FILES.properties}`;
  }

  /** Options of Java that name the other files. */
  get options(): string[] {
    return [
      `-Dmillrace.metrics.password=${HERE}/${FILES.passwords}`,
      `-Djava.security.auth.login.config=${HERE}/${FILES.login}`,
      `-Dlog4j2.configurationFile=${HERE}/${FILES.logging}`,
    ];
  }

  /** Null where no process was started yet. */
  life(): WorkerLife | null {
    const file = join(this.folder, FILES.life);
    if (!existsSync(file)) return null;
    const life: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isLife(life) ? life : null;
  }

  /** Everything that a worker of built-in connectors starts from: one file. */
  writeBuiltIn(
    properties: Readonly<Record<string, string>>,
    password: string,
    life: WorkerLife,
    isShared: boolean,
  ): WorkerLife {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    chmodSync(this.folder, isShared ? 0o755 : 0o700);
    const own = {
      ...properties,
      'millrace.worker.port': String(life.port),
      'millrace.worker.authorization': authorization(password),
    };
    this.#put(FILES.properties, propertiesText(own), isShared ? 0o644 : 0o600);
    this.#put(FILES.life, JSON.stringify(life), 0o600);
    return life;
  }

  /**
   * Everything that a process of Kafka Connect at this port starts from. `isShared`: it has a user of its
   * own, which may read here and write nothing.
   */
  write(
    properties: Readonly<Record<string, string>>,
    password: string,
    life: WorkerLife,
    isShared: boolean,
  ): WorkerLife {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    chmodSync(this.folder, isShared ? 0o755 : 0o700);
    const put = (name: string, content: string | Buffer) =>
      this.#put(name, content, isShared ? 0o644 : 0o600);
    put(FILES.properties, propertiesText({ ...properties, listeners: `http://127.0.0.1:${life.port}` }));
    put(PROGRAM, Buffer.from(CONNECT_WORKER_JAR, 'base64'));
    put(FILES.passwords, `${USER}=${password}\n`);
    const module = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule';
    put(
      FILES.login,
      `KafkaConnect {\n  ${module} required\n  file=${JSON.stringify(`${HERE}/${FILES.passwords}`)};\n};\n`,
    );
    put(FILES.logging, LOGGING);
    this.#put(FILES.life, JSON.stringify(life), 0o600);
    return life;
  }

  /** The folder with the program alone, for what is no worker but runs as one. */
  writeProgram(isShared: boolean): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    chmodSync(this.folder, isShared ? 0o755 : 0o700);
    this.#put(PROGRAM, Buffer.from(CONNECT_WORKER_JAR, 'base64'), isShared ? 0o644 : 0o600);
  }

  /** The plugin, for a worker that cannot get to where plugins are kept. */
  linkPlugin(pluginPath: string): void {
    this.#link(pluginPath, PLUGINS);
  }

  /** The jars of Kafka Connect, where they are kept in the data folder. */
  linkLibs(libs: string): void {
    this.#link(libs, LIBS);
  }

  /** The archive of classes, which everybody may read. */
  linkClasses(archive: string): void {
    const target = join(this.folder, CLASSES);
    rmSync(target, { force: true });
    linkFile(archive, target);
  }

  #link(source: string, name: string): void {
    const target = join(this.folder, name);
    rmSync(target, { recursive: true, force: true });
    linkAll(source, target);
  }

  #put(name: string, content: string | Buffer, mode: number): void {
    replaceFile(join(this.folder, name), content, mode);
  }
}

/** The same files once more: by links, or as copies where the file system has none. */
function linkAll(source: string, target: string): void {
  mkdirSync(target);
  chmodSync(target, 0o755);
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) linkAll(from, to);
    else linkFile(from, to);
  }
}

function linkFile(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    copyFileSync(from, to);
  }
  chmodSync(to, 0o644);
}

/** The header by which a worker knows its control plane. */
export function authorization(password: string): string {
  return `Basic ${Buffer.from(`${USER}:${password}`).toString('base64')}`;
}

/** Of what a process must have been started with to be left running. */
export function digestOf(what: unknown): string {
  return createHash('sha256').update(JSON.stringify(what)).digest('hex');
}

/** To standard output, which is the worker's log file. */
const LOGGING = propertiesText({
  'appender.out.type': 'Console',
  'appender.out.name': 'out',
  'appender.out.layout.type': 'PatternLayout',
  'appender.out.layout.pattern': '[%d] %p %m (%c:%L)%n',
  // Each request of the control plane would be a line.
  'logger.rest.name': 'org.apache.kafka.connect.runtime.rest.RestServer',
  'logger.rest.level': 'WARN',
  'rootLogger.level': 'INFO',
  'rootLogger.appenderRefs': 'out',
  'rootLogger.appenderRef.out.ref': 'out',
});

function isLife(value: unknown): value is WorkerLife {
  return (
    typeof value === 'object' &&
    value !== null &&
    'port' in value &&
    typeof value.port === 'number' &&
    (!('metricsPort' in value) || typeof value.metricsPort === 'number') &&
    'digest' in value &&
    typeof value.digest === 'string'
  );
}
