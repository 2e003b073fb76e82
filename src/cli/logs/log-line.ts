import { LOG_LEVELS } from '../../base/log.ts';
import { coloured } from '../colour.ts';

/** Their names, by the numbers in lines. */
const LEVELS: ReadonlyMap<number, string> = new Map(
  Object.entries(LOG_LEVELS).map(([name, number]) => [number, name]),
);

/** A line of a log of ours. */
export interface LogLine {
  /** `server`, `demo/broker-1`. */
  readonly from: string;
  /** Null of what is no line of the logger, as the trace of an error that ended the process. */
  readonly time: number | null;
  readonly level: number | null;
  readonly text: string;
}

export function logLine(from: string, text: string): LogLine {
  const fields = fieldsOf(text);
  return {
    from,
    text,
    time: typeof fields?.time === 'number' ? fields.time : null,
    level: typeof fields?.level === 'number' ? fields.level : null,
  };
}

/**
 * `2026-11-28T21:00:00.123Z warn  demo/broker-1  What happened  port=9092`; `width`: of the widest `from`.
 */
export function forPeople({ from, text }: LogLine, width: number): string {
  const place = coloured('dim', from.padEnd(width));
  // What `millrace up --json` says has an event, and neither time nor level.
  const { time, level, msg, event, err, ...others } = fieldsOf(text) ?? { msg: text };
  const clock = typeof time === 'number' ? new Date(time).toISOString() : ' '.repeat(24);
  const rest = Object.entries(others).map(
    ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const cause = typeof err === 'object' && err !== null && 'stack' in err ? `\n${String(err.stack)}` : '';
  const said = `${String(msg ?? event ?? '')}${rest.length > 0 ? ` ${rest.join('')}` : ''}${cause}`;
  return `${clock} ${levelWord(level)} ${place}  ${said}`;
}

function levelWord(level: unknown): string {
  const word = (LEVELS.get(Number(level)) ?? '').padEnd(5);
  if (Number(level) >= LOG_LEVELS.error) return coloured('red', word);
  return Number(level) >= LOG_LEVELS.warn ? coloured('yellow', word) : word;
}

/** With where it is from, as one JSON object. */
export function forPrograms({ from, text }: LogLine): string {
  return JSON.stringify({ from, ...(fieldsOf(text) ?? { msg: text }) });
}

function fieldsOf(text: string): Record<string, unknown> | null {
  if (!text.startsWith('{')) return null;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
