import type { Clock } from '../../base/clock.ts';
import { parseDate } from './simple-date-parser.ts';
import { DAYS, type DatePart, MONTHS } from './simple-date-part.ts';

export interface SimpleDateFormat {
  /** `milliseconds` since 1970. */
  format(milliseconds: number): string;
  /** Milliseconds since 1970; null where the text does not match. As Java does, it reads no further than the pattern. */
  parse(text: string): number | null;
}

const DAY_MS = 86_400_000;
/** From so many letters on, months and days have names; one more and they are long. */
const NAMED = 3;

type Numbered = (time: Date) => number;
const NUMBERS: Readonly<Record<string, Numbered>> = {
  y: (time) => yearOfEra(time.getUTCFullYear()),
  Y: (time) => yearOfEra(time.getUTCFullYear() + (isInNextYear(time) ? 1 : 0)),
  M: (time) => time.getUTCMonth() + 1,
  L: (time) => time.getUTCMonth() + 1,
  w: weekOfYear,
  W: (time) => Math.floor((time.getUTCDate() - 1 + firstDay(time, time.getUTCMonth())) / 7) + 1,
  D: (time) => dayOfYear(time) + 1,
  d: (time) => time.getUTCDate(),
  F: (time) => Math.floor((time.getUTCDate() - 1) / 7) + 1,
  u: (time) => time.getUTCDay() || 7,
  H: (time) => time.getUTCHours(),
  k: (time) => time.getUTCHours() || 24,
  K: (time) => time.getUTCHours() % 12,
  h: (time) => time.getUTCHours() % 12 || 12,
  m: (time) => time.getUTCMinutes(),
  s: (time) => time.getUTCSeconds(),
  S: (time) => time.getUTCMilliseconds(),
};
const TEXTS = 'GEazZX';

/**
 * Times by a pattern of `java.text.SimpleDateFormat`, in UTC and with English names, whose weeks begin on Sunday. Throws an Error for one that
 * `simpleDateProblem` has something against. Days before October 1582 are those of today's calendar, not of the Julian one.
 */
export function simpleDateFormat(pattern: string, clock: Pick<Clock, 'now'>): SimpleDateFormat {
  const parts = partsOf(pattern);
  if (typeof parts === 'string') throw new Error(parts);
  // By which years of two digits are understood: from 80 years ago on.
  const begin = new Date(clock.now());
  begin.setUTCFullYear(begin.getUTCFullYear() - 80);
  return {
    format(milliseconds) {
      const time = new Date(milliseconds);
      return parts.map((part) => ('text' in part ? part.text : partText(part, time))).join('');
    },
    parse: (text) => parseDate(parts, text, begin),
  };
}

/** What is wrong with a pattern, in Java's words, or null. */
export function simpleDateProblem(pattern: string): string | null {
  const parts = partsOf(pattern);
  return typeof parts === 'string' ? parts : null;
}

function partText({ letter, count }: { letter: string; count: number }, time: Date): string {
  switch (letter) {
    case 'G':
      return time.getUTCFullYear() > 0 ? 'AD' : 'BC';
    case 'E':
      return named(DAYS[time.getUTCDay()] ?? '', count);
    case 'a':
      return time.getUTCHours() < 12 ? 'AM' : 'PM';
    case 'z':
      return count > NAMED ? 'Coordinated Universal Time' : 'UTC';
    case 'Z':
      return '+0000';
    case 'X':
      return 'Z';
  }
  if ((letter === 'M' || letter === 'L') && count >= NAMED)
    return named(MONTHS[time.getUTCMonth()] ?? '', count);
  const number = NUMBERS[letter]?.(time) ?? 0;
  if ((letter === 'y' || letter === 'Y') && count === 2) return String(number % 100).padStart(2, '0');
  return String(number).padStart(count, '0');
}

function named(name: string, count: number): string {
  return count > NAMED ? name : name.slice(0, 3);
}

/** A text where it is none: why. */
function partsOf(pattern: string): readonly DatePart[] | string {
  const parts: DatePart[] = [];
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at);
    const [letters] = /^([A-Za-z])\1*/.exec(rest) ?? [];
    const [quote, text = ''] = /^'((?:[^']|'')*)'/.exec(rest) ?? [];
    const [other] = /^[^A-Za-z']+/.exec(rest) ?? [];
    if (letters !== undefined) {
      const letter = letters.charAt(0);
      if (!(letter in NUMBERS) && !TEXTS.includes(letter)) return `Illegal pattern character '${letter}'`;
      if (letter === 'X' && letters.length > 3) return `invalid ISO 8601 format: length=${letters.length}`;
      parts.push({ letter, count: letters.length });
    } else if (quote !== undefined) parts.push({ text: text === '' ? "'" : text.replaceAll("''", "'") });
    else if (other !== undefined) parts.push({ text: other });
    else return 'Unterminated quote';
    at += (letters ?? quote ?? other ?? '').length;
  }
  return parts;
}

function yearOfEra(year: number): number {
  return year > 0 ? year : 1 - year;
}

/** The day of the week of the first of a month. */
function firstDay(time: Date, month: number): number {
  return new Date(Date.UTC(time.getUTCFullYear(), month)).getUTCDay();
}

function dayOfYear(time: Date): number {
  return Math.floor((time.getTime() - Date.UTC(time.getUTCFullYear(), 0)) / DAY_MS);
}

/** Whether its week has the first of January. */
function isInNextYear(time: Date): boolean {
  const next = Date.UTC(time.getUTCFullYear() + 1, 0);
  return time.getTime() >= next - new Date(next).getUTCDay() * DAY_MS;
}

function weekOfYear(time: Date): number {
  return isInNextYear(time) ? 1 : Math.floor((dayOfYear(time) + firstDay(time, 0)) / 7) + 1;
}
