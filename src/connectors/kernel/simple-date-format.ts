import type { Clock } from '../../base/clock.ts';
import { type CalendarDay, calendarDay, dayOfWeek, firstOfMonth } from './java-calendar.ts';
import { parseDate } from './simple-date-parser.ts';
import { DAYS, type DatePart, MONTHS } from './simple-date-part.ts';

export interface SimpleDateFormat {
  /** `milliseconds` since 1970, as many as 64 bits hold. */
  format(milliseconds: number | bigint): string;
  /**
   * Milliseconds since 1970; null where the text does not match. As Java does, it reads no further than the
   * pattern.
   */
  parse(text: string): bigint | null;
}

const DAY_MS = 86_400_000n;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** From so many letters on, months and days have names; one more and they are long. */
const NAMED = 3;

/** A time by the calendar. `days` since 1970; `ofDay`: its milliseconds. */
interface Time extends CalendarDay {
  readonly days: number;
  readonly ofDay: number;
}

const NUMBERS: Readonly<Record<string, (time: Time) => number>> = {
  y: ({ year }) => (year > 0 ? year : 1 - year),
  // In the last week of a year before Christ Java has one less.
  Y: (time) => time.year + (isInNextYear(time) ? 1 : 0),
  M: ({ month }) => month + 1,
  L: ({ month }) => month + 1,
  w: weekOfYear,
  W: ({ days, year, month }) => weekSince(firstOfMonth(year, month), days),
  D: ({ days, year }) => days - firstOfMonth(year, 0) + 1,
  d: ({ day }) => day,
  F: ({ days, year, month }) => Math.floor((days - firstOfMonth(year, month)) / 7) + 1,
  u: ({ days }) => dayOfWeek(days) || 7,
  H: hour,
  k: (time) => hour(time) || 24,
  K: (time) => hour(time) % 12,
  h: (time) => hour(time) % 12 || 12,
  m: ({ ofDay }) => Math.floor(ofDay / MINUTE_MS) % 60,
  s: ({ ofDay }) => Math.floor(ofDay / 1_000) % 60,
  S: ({ ofDay }) => ofDay % 1_000,
};
const TEXTS = 'GEazZX';

/**
 * Times by a pattern of `java.text.SimpleDateFormat`, in UTC and with English names, whose weeks begin on
 * Sunday. Throws an Error for one that
 * `simpleDateProblem` has something against.
 */
export function simpleDateFormat(pattern: string, clock: Pick<Clock, 'now'>): SimpleDateFormat {
  const parts = partsOf(pattern);
  if (typeof parts === 'string') throw new Error(parts);
  // By which years of two digits are understood: from 80 years ago on.
  const begin = new Date(clock.now());
  begin.setUTCFullYear(begin.getUTCFullYear() - 80);
  return {
    format(milliseconds) {
      const time = timeAt(BigInt(milliseconds));
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

function timeAt(milliseconds: bigint): Time {
  const rest = Number(milliseconds % DAY_MS);
  const isBefore = rest < 0;
  const days = Number(milliseconds / DAY_MS) - (isBefore ? 1 : 0);
  return { ...calendarDay(days), days, ofDay: isBefore ? rest + Number(DAY_MS) : rest };
}

function partText({ letter, count }: { letter: string; count: number }, time: Time): string {
  switch (letter) {
    case 'G':
      return time.year > 0 ? 'AD' : 'BC';
    case 'E':
      return named(DAYS[dayOfWeek(time.days)] ?? '', count);
    case 'a':
      return hour(time) < 12 ? 'AM' : 'PM';
    case 'z':
      return count > NAMED ? 'Coordinated Universal Time' : 'UTC';
    case 'Z':
      return '+0000';
    case 'X':
      return 'Z';
  }
  if ((letter === 'M' || letter === 'L') && count >= NAMED) return named(MONTHS[time.month] ?? '', count);
  const number = NUMBERS[letter]?.(time) ?? 0;
  const digits = String(Math.abs(number)).padStart(count, '0');
  const isShort = (letter === 'y' || letter === 'Y') && count === 2;
  return `${number < 0 ? '-' : ''}${isShort ? digits.slice(-2) : digits}`;
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

function hour({ ofDay }: Time): number {
  return Math.floor(ofDay / HOUR_MS);
}

/** Whether its week has the first of January. */
function isInNextYear({ days, year }: Time): boolean {
  const next = firstOfMonth(year + 1, 0);
  return days >= next - dayOfWeek(next);
}

function weekOfYear(time: Time): number {
  return isInNextYear(time) ? 1 : weekSince(firstOfMonth(time.year, 0), time.days);
}

/** The first week is the one with the first day, which may be its last. */
function weekSince(first: number, days: number): number {
  return Math.floor((days - first + dayOfWeek(first)) / 7) + 1;
}
