import { pino } from 'pino';
import type { LogFields, Logger } from '../base/log.ts';
import { LogFile } from './log-file.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** JSON lines into a file (for processes), or lines for people on standard error (for a terminal). */
export function nodeLog(options: { level: LogLevel; file?: string }): Logger {
  // Synchronous, because the line that matters most is the last one before the process ends.
  const stream = options.file
    ? new LogFile(options.file)
    : { write: (line: string) => void process.stderr.write(forPeople(line)) };
  return new NodeLogger(pino({ level: options.level, base: null }, stream));
}

class NodeLogger implements Logger {
  readonly #pino: pino.Logger;

  constructor(logger: pino.Logger) {
    this.#pino = logger;
  }

  debug(message: string, fields: LogFields = {}): void {
    this.#pino.debug(named(fields), message);
  }
  info(message: string, fields: LogFields = {}): void {
    this.#pino.info(named(fields), message);
  }
  warn(message: string, fields: LogFields = {}): void {
    this.#pino.warn(named(fields), message);
  }
  error(message: string, fields: LogFields = {}): void {
    this.#pino.error(named(fields), message);
  }
  child(fields: LogFields): Logger {
    return new NodeLogger(this.#pino.child(named(fields)));
  }
}

/** pino prints an Error in full only under `err`. */
function named(fields: LogFields): object {
  return 'error' in fields && fields.error instanceof Error
    ? { ...fields, err: fields.error, error: undefined }
    : fields;
}

const LEVELS: { readonly [level: number]: string } = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' };

function forPeople(line: string): string {
  const { level, time, msg, err, ...fields }: Record<string, unknown> = JSON.parse(line);
  const clock = new Date(Number(time)).toISOString().slice(11, 23);
  const rest = Object.entries(fields).map(
    ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const stack = typeof err === 'object' && err !== null && 'stack' in err ? `\n${String(err.stack)}` : '';
  return `${clock} ${(LEVELS[Number(level)] ?? '').padEnd(5)} ${String(msg)}${rest.join('')}${stack}\n`;
}
