import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
const USER = 'millrace';

/** One start of a worker: by what it is found again after a crash of the control plane. */
export interface Life {
  readonly port: number;
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

  get properties(): string {
    return join(this.folder, FILES.properties);
  }

  /** Options of Java that name the other files. */
  get options(): string[] {
    return [
      `-Djava.security.auth.login.config=${join(this.folder, FILES.login)}`,
      `-Dlog4j2.configurationFile=${join(this.folder, FILES.logging)}`,
    ];
  }

  /** Null where no process was started yet. */
  life(): Life | null {
    const file = join(this.folder, FILES.life);
    if (!existsSync(file)) return null;
    const life: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isLife(life) ? life : null;
  }

  /** Everything that a process at this port starts from. */
  write(properties: Readonly<Record<string, string>>, password: string, { port, digest }: Life): Life {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    this.#put(FILES.properties, propertiesText({ ...properties, listeners: `http://127.0.0.1:${port}` }));
    this.#put(FILES.passwords, `${USER}=${password}\n`);
    const module = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule';
    this.#put(
      FILES.login,
      `KafkaConnect {\n  ${module} required\n  file=${JSON.stringify(join(this.folder, FILES.passwords))};\n};\n`,
    );
    this.#put(FILES.logging, LOGGING);
    this.#put(FILES.life, JSON.stringify({ port, digest }));
    return { port, digest };
  }

  #put(name: string, text: string): void {
    const file = join(this.folder, name);
    writeFileSync(`${file}.new`, text, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
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

function isLife(value: unknown): value is Life {
  return (
    typeof value === 'object' &&
    value !== null &&
    'port' in value &&
    typeof value.port === 'number' &&
    'digest' in value &&
    typeof value.digest === 'string'
  );
}
