import { DAYS, type DatePart, MONTHS } from './simple-date-part.ts';

/** What was read, by the letters of patterns. */
interface Read {
  year: number;
  month: number;
  day: number | null;
  dayOfYear: number | null;
  hour: number;
  isAfternoon: boolean | null;
  minute: number;
  second: number;
  millisecond: number;
  isBeforeChrist: boolean;
  offsetMinutes: number;
  /** Its year has two digits. */
  hasTwoDigits: boolean;
  /** A week or a day of one was read, of which nothing is made. */
  hasWeek: boolean;
}

const ZONE = /^(?:GMT|UTC|UT)?([+-])(\d{1,2}):?(\d{2})|^(?:GMT|UTC|UT|Z)\b/i;
const ISO_ZONES = ['', '([+-])(\\d\\d)', '([+-])(\\d\\d)(\\d\\d)', '([+-])(\\d\\d):(\\d\\d)'];

/**
 * Milliseconds since 1970 of a text, as Java's SimpleDateFormat reads it: leniently, so that the 32nd of a month is the first of the next.
 * Null where the text does not match, and where only a week says which day it is. `begin`: of the hundred years that two digits can mean.
 */
export function parseDate(parts: readonly DatePart[], text: string, begin: Date): number | null {
  const read: Read = {
    ...{ year: 1970, month: 0, day: null, dayOfYear: null, hour: 0, isAfternoon: null },
    ...{ minute: 0, second: 0, millisecond: 0, isBeforeChrist: false, offsetMinutes: 0 },
    ...{ hasTwoDigits: false, hasWeek: false },
  };
  let at = 0;
  for (const [index, part] of parts.entries()) {
    if ('text' in part) {
      if (!text.startsWith(part.text, at)) return null;
      at += part.text.length;
      continue;
    }
    while (text[at] === ' ' || text[at] === '\t') at++;
    const next = parts[index + 1];
    // Numbers without anything between them have as many digits as letters.
    const width = next && 'letter' in next && isNumber(next) ? part.count : null;
    const length = readPart(read, part, text.slice(at), width, begin);
    if (length === 0) return null;
    at += length;
  }
  const time = timeOf(read);
  // The year in which the hundred begin is also the one after them.
  if (time === null || !read.hasTwoDigits || time >= begin.getTime()) return time;
  return timeOf({ ...read, year: read.year + 100 });
}

function isNumber({ letter, count }: { letter: string; count: number }): boolean {
  return 'yYdkHmsSDFwWhKu'.includes(letter) || ('ML'.includes(letter) && count <= 2);
}

/** How much of the text the part takes; 0: it is not there. */
function readPart(
  read: Read,
  part: { readonly letter: string; readonly count: number },
  text: string,
  width: number | null,
  begin: Date,
): number {
  const { letter, count } = part;
  if (isNumber(part)) {
    if (width !== null && text.length < width) return 0;
    const [digits] = /^-?\d+/.exec(width === null ? text : text.slice(0, width)) ?? [];
    if (digits === undefined) return 0;
    setNumber(read, letter, Number(digits), digits.length === 2 && count <= 2 ? begin : null);
    return digits.length;
  }
  switch (letter) {
    case 'M':
    case 'L': {
      const found = nameIn(MONTHS, text);
      if (found) read.month = found.index;
      return found?.length ?? 0;
    }
    case 'E': {
      const found = nameIn(DAYS, text);
      if (found) read.hasWeek = true;
      return found?.length ?? 0;
    }
    case 'a': {
      const [found] = /^[AP]M/i.exec(text) ?? [];
      if (found !== undefined) read.isAfternoon = found.toUpperCase() === 'PM';
      return found?.length ?? 0;
    }
    case 'G': {
      const [found] = /^(?:AD|BC)/i.exec(text) ?? [];
      if (found !== undefined) read.isBeforeChrist = found.toUpperCase() === 'BC';
      return found?.length ?? 0;
    }
    default: {
      const found = letter === 'X' ? new RegExp(`^(?:Z|${ISO_ZONES[count]})`).exec(text) : ZONE.exec(text);
      const [whole = '', sign, hours = '0', minutes = '0'] = found ?? [];
      read.offsetMinutes = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
      return whole.length;
    }
  }
}

/** `begin`: the number is a year of two digits. */
function setNumber(read: Read, letter: string, number: number, begin: Date | null): void {
  switch (letter) {
    case 'y':
      read.year = begin === null ? number : yearFrom(begin, number);
      read.hasTwoDigits = begin !== null;
      return;
    case 'M':
    case 'L':
      read.month = number - 1;
      return;
    case 'd':
      read.day = number;
      return;
    case 'D':
      read.dayOfYear = number;
      return;
    case 'k':
      read.hour = number === 24 ? 0 : number;
      return;
    case 'h':
      read.hour = number === 12 ? 0 : number;
      read.isAfternoon ??= false;
      return;
    case 'H':
      read.hour = number;
      return;
    case 'K':
      read.hour = number;
      read.isAfternoon ??= false;
      return;
    case 'm':
      read.minute = number;
      return;
    case 's':
      read.second = number;
      return;
    case 'S':
      read.millisecond = number;
      return;
    default:
      read.hasWeek = true;
  }
}

function yearFrom(begin: Date, twoDigits: number): number {
  const first = begin.getUTCFullYear();
  const year = first - (first % 100) + twoDigits;
  return twoDigits < first % 100 ? year + 100 : year;
}

function nameIn(
  names: readonly string[],
  text: string,
): { readonly index: number; readonly length: number } | null {
  const lower = text.toLowerCase();
  for (const name of [...names, ...names.map((one) => one.slice(0, 3))])
    if (lower.startsWith(name.toLowerCase()))
      return { index: names.findIndex((one) => one.startsWith(name)), length: name.length };
  return null;
}

function timeOf(read: Read): number | null {
  if (read.hasWeek && read.day === null && read.dayOfYear === null) return null;
  const time = new Date(0);
  const year = read.isBeforeChrist ? 1 - read.year : read.year;
  if (read.dayOfYear !== null) time.setUTCFullYear(year, 0, read.dayOfYear);
  else time.setUTCFullYear(year, read.month, read.day ?? 1);
  const hour = read.hour + (read.isAfternoon === true ? 12 : 0);
  time.setUTCHours(hour, read.minute - read.offsetMinutes, read.second, read.millisecond);
  return time.getTime();
}
