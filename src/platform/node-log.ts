import { LOG_LEVELS, type LogFields, type Logger, type LogLevel } from '../base/log.ts';
import { loggedError } from './logged-error.ts';
import { ProcessLog } from './process-log.ts';

interface LogLine {
  readonly level: LogLevel;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly fields: LogFields;
  readonly message: string;
}

/**
 * JSON lines into a file (for processes), or lines for people on standard error (for a terminal). Written
 * here and not by a package: those are made for thousands of lines a second, and cost every process 40 ms of
 * its start and 9 MB. `level`: of the least lines that are written, or what says it for each line.
 */
export function nodeLog(options: { level: LogLevel | (() => LogLevel); file?: string | number }): Logger {
  const { level } = options;
  const least = typeof level === 'function' ? level : () => level;
  if (options.file === undefined)
    return new NodeLogger(least, {}, (line) => void process.stderr.write(forPeople(line)));
  // Synchronous, because the line that matters most is the last one before the process ends.
  const file = new ProcessLog(options.file);
  return new NodeLogger(least, {}, (line) => file.write(forMachines(line)));
}

class NodeLogger implements Logger {
  readonly #least: () => LogLevel;
  readonly #fields: LogFields;
  readonly #write: (line: LogLine) => void;

  constructor(least: () => LogLevel, fields: LogFields, write: (line: LogLine) => void) {
    this.#least = least;
    this.#fields = fields;
    this.#write = write;
  }

  debug(message: string, fields?: LogFields): void {
    this.#log('debug', message, fields);
  }
  info(message: string, fields?: LogFields): void {
    this.#log('info', message, fields);
  }
  warn(message: string, fields?: LogFields): void {
    this.#log('warn', message, fields);
  }
  error(message: string, fields?: LogFields): void {
    this.#log('error', message, fields);
  }
  child(fields: LogFields): Logger {
    return new NodeLogger(this.#least, { ...this.#fields, ...fields }, this.#write);
  }

  #log(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (LOG_LEVELS[level] < LOG_LEVELS[this.#least()]) return;
    this.#write({ level, time: Date.now(), fields: { ...this.#fields, ...fields }, message });
  }
}

function forMachines({ level, time, fields, message }: LogLine): string {
  const { error, ...others } = fields;
  const named = error instanceof Error ? { ...others, err: loggedError(error) } : fields;
  const head = { level: LOG_LEVELS[level], time };
  return `${text({ ...head, ...named, msg: message }) ?? text({ ...head, msg: message })}\n`;
}

function forPeople({ level, time, fields, message }: LogLine): string {
  const { error, ...others } = fields;
  const clock = new Date(time).toISOString().slice(11, 23);
  const rest = Object.entries(error instanceof Error ? others : fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : text(value)}`);
  const stack = error instanceof Error ? `\n${loggedError(error).stack}` : '';
  return `${clock} ${level.padEnd(5)} ${message}${rest.join('')}${stack}\n`;
}

/**
 * As JSON; undefined for what has none, such as an object that is part of itself: nothing fails for what it
 * says in its log.
 */
function text(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each));
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
