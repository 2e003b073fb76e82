import { type CalendarField, CalendarFields } from './java-calendar-fields.ts';
import { DAYS, type DatePart, MONTHS } from './simple-date-part.ts';

const ZONE = /^(?:GMT|UTC|UT)?([+-])(\d{1,2}):?(\d{2})|^(?:GMT|UTC|UT|Z)\b/i;
const ISO_ZONES = ['', '([+-])(\\d\\d)', '([+-])(\\d\\d)(\\d\\d)', '([+-])(\\d\\d):(\\d\\d)'];
const MINUTE_MS = 60_000;
const BEYOND_LONG = '9223372036854775809';
/**
 * What the letters of numbers are, apart from those of years, months, hours that begin with 1 and days of
 * ISO's weeks.
 */
const FIELDS: Readonly<Record<string, CalendarField>> = {
  ...{ d: 'day', D: 'dayOfYear', F: 'dayOfWeekInMonth', w: 'weekOfYear', W: 'weekOfMonth' },
  ...{ H: 'hourOfDay', K: 'hour', m: 'minute', s: 'second', S: 'millisecond' },
};

/**
 * Milliseconds since 1970 of a text, as Java's SimpleDateFormat reads it: leniently, so that the 32nd of a
 * month is the first of the next. Null where the text does not match. `begin`: of the hundred years that two
 * digits can mean.
 */
export function parseDate(parts: readonly DatePart[], text: string, begin: Date): bigint | null {
  const fields = new CalendarFields();
  let isFirstYear = false;
  let at = 0;
  for (const [index, part] of parts.entries()) {
    if ('text' in part) {
      if (!text.startsWith(part.text, at)) return null;
      at += part.text.length;
      continue;
    }
    let from = at;
    while (text[from] === ' ' || text[from] === '\t') from++;
    if (from === text.length) return null;
    let length: number;
    if (isNumber(part)) {
      const next = parts[index + 1];
      // Numbers without anything between them have as many digits as letters.
      const end = next && 'letter' in next && isNumber(next) ? at + part.count : null;
      const digits = numberAt(text, from, end);
      if (digits === null) return null;
      const isShort = 'yY'.includes(part.letter) && part.count <= 2 && /^\d\d$/.test(digits);
      const number = isShort ? yearFrom(begin, Number(digits)) : intOf(digits);
      if (isShort) isFirstYear = number === begin.getUTCFullYear();
      const field = fieldOf(part.letter, number);
      if (field) fields.set(...field);
      length = digits.length;
    } else {
      // Names are not looked for behind spaces.
      if (!'zZX'.includes(part.letter)) from = at;
      length = readText(fields, part, text.slice(from));
    }
    if (length === 0) return null;
    at = from + length;
  }
  const time = fields.time();
  // The year in which the hundred begin is also the one after them.
  if (!isFirstYear || time >= BigInt(begin.getTime())) return time;
  fields.addYears(100);
  return fields.time();
}

function isNumber({ letter, count }: { readonly letter: string; readonly count: number }): boolean {
  return 'yYdkHmsSDFwWhKu'.includes(letter) || ('ML'.includes(letter) && count <= 2);
}

/** `end`: of the text that the number is read from, which must be there. */
function numberAt(text: string, from: number, end: number | null): string | null {
  if (end !== null && text.length < end) return null;
  const [digits = null] = /^(?:NaN|-?(?:∞|\d+))/.exec(text.slice(from, end ?? text.length)) ?? [];
  return digits;
}

/**
 * `Number.intValue` of what Java's DecimalFormat reads: a long, or a double where it is larger or no number.
 */
function intOf(digits: string): number {
  if (digits === 'NaN') return 0;
  const value = BigInt(digits.replace('∞', BEYOND_LONG));
  if (BigInt.asIntN(64, value) === value) return Number(BigInt.asIntN(32, value));
  return value < 0n ? -(2 ** 31) : 2 ** 31 - 1;
}

/** How much of the text a name or a zone takes; 0: it is not there. */
function readText(
  fields: CalendarFields,
  { letter, count }: { readonly letter: string; readonly count: number },
  text: string,
): number {
  switch (letter) {
    case 'M':
    case 'L': {
      const found = nameIn(MONTHS, text);
      if (found) fields.set('month', found.index);
      return found?.length ?? 0;
    }
    case 'E': {
      const found = nameIn(DAYS, text);
      if (found) fields.set('dayOfWeek', found.index + 1);
      return found?.length ?? 0;
    }
    case 'a': {
      const [found] = /^[AP]M/i.exec(text) ?? [];
      if (found !== undefined) fields.set('half', found.toUpperCase() === 'PM' ? 1 : 0);
      return found?.length ?? 0;
    }
    case 'G': {
      const [found] = /^(?:AD|BC)/i.exec(text) ?? [];
      if (found !== undefined) fields.set('era', found.toUpperCase() === 'BC' ? 0 : 1);
      return found?.length ?? 0;
    }
    default: {
      const found = letter === 'X' ? new RegExp(`^(?:Z|${ISO_ZONES[count]})`).exec(text) : ZONE.exec(text);
      const [whole = '', sign, hours = '0', minutes = '0'] = found ?? [];
      fields.set('zone', (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -MINUTE_MS : MINUTE_MS));
      return whole.length;
    }
  }
}

/** What a number of a letter is in the calendar. */
function fieldOf(letter: string, number: number): readonly [CalendarField, number] | null {
  switch (letter) {
    case 'y':
      return ['year', number];
    case 'Y':
      return ['weekYear', number];
    case 'M':
    case 'L':
      return ['month', number - 1];
    case 'u':
      // Monday is 1 here, and 2 in the calendar. What is no day stays what it is.
      return ['dayOfWeek', number >= 1 && number <= 7 ? (number % 7) + 1 : number];
    case 'k':
      return ['hourOfDay', number === 24 ? 0 : number];
    case 'h':
      return ['hour', number === 12 ? 0 : number];
  }
  const field = FIELDS[letter];
  return field === undefined ? null : [field, number];
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
