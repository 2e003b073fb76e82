/**
 * Days as java.util.GregorianCalendar has them, without an end in either direction: by the Julian calendar
 * until the 4th of October 1582, and by today's from the day after, the 15th. Days are counted from 1970.
 * Years before the first are 0, -1 and so on; months begin with 0.
 */
export interface CalendarDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The first day by today's calendar. */
export const CUTOVER = -141_427;
export const CUTOVER_YEAR = 1582;

/** Of the first of March of the year 0, from which both calendars are easy to count. */
const GREGORIAN_START = -719_468;
const JULIAN_START = -719_470;

export function calendarDay(days: number): CalendarDay {
  const isGregorian = days >= CUTOVER;
  const since = days - (isGregorian ? GREGORIAN_START : JULIAN_START);
  const [cycleDays, cycleYears] = isGregorian ? [146_097, 400] : [1_461, 4];
  const cycle = Math.floor(since / cycleDays);
  const day = since - cycle * cycleDays;
  const leapDays = Math.floor(day / 1_460) - (isGregorian ? Math.floor(day / 36_524) : 0);
  const year = Math.floor((day - leapDays - (isGregorian ? Math.floor(day / 146_096) : 0)) / 365);
  const ofYear = day - year * 365 - leapDaysBefore(year, isGregorian);
  const month = Math.floor((5 * ofYear + 2) / 153);
  return {
    year: cycle * cycleYears + year + (month >= 10 ? 1 : 0),
    month: (month + 2) % 12,
    day: ofYear - Math.floor((153 * month + 2) / 5) + 1,
  };
}

/**
 * The first of a month by one of the calendars, whichever was in use. Months below 0 and above 11 are those
 * of other years.
 */
export function firstBy(calendar: 'gregorian' | 'julian', year: number, month: number): number {
  const isGregorian = calendar === 'gregorian';
  // Counted from March, as if January and February were the last of the year before.
  const months = year * 12 + month - 2;
  const ofYear = Math.floor(months / 12);
  const ofMonth = Math.floor((153 * (months - ofYear * 12) + 2) / 5);
  return (
    ofYear * 365 +
    leapDaysBefore(ofYear, isGregorian) +
    ofMonth +
    (isGregorian ? GREGORIAN_START : JULIAN_START)
  );
}

/** The first of a month. */
export function firstOfMonth(year: number, month: number): number {
  const first = firstBy('gregorian', year, month);
  return first >= CUTOVER ? first : firstBy('julian', year, month);
}

/** The last day until this one with a day of the week, of which Sunday is 1, as in Java. */
export function onOrBefore(days: number, dayOfWeek: number): number {
  return days - modulo(days + 5 - dayOfWeek, 7);
}

/** Sunday is 0. */
export function dayOfWeek(days: number): number {
  return modulo(days + 4, 7);
}

function leapDaysBefore(year: number, isGregorian: boolean): number {
  const leapDays = Math.floor(year / 4);
  return isGregorian ? leapDays - Math.floor(year / 100) + Math.floor(year / 400) : leapDays;
}

function modulo(value: number, divisor: number): number {
  return value - Math.floor(value / divisor) * divisor;
}
