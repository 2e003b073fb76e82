import { CUTOVER, CUTOVER_YEAR, calendarDay, firstBy, firstOfMonth, onOrBefore } from './java-calendar.ts';

/**
 * Months begin with 0, days of the week with 1 for Sunday; `era` is 0 before Christ, `half` 1 in the
 * afternoon, `zone` milliseconds.
 */
export type CalendarField =
  | 'era'
  | 'year'
  | 'weekYear'
  | 'month'
  | 'day'
  | 'dayOfYear'
  | 'dayOfWeek'
  | 'dayOfWeekInMonth'
  | 'weekOfMonth'
  | 'weekOfYear'
  | 'half'
  | 'hour'
  | 'hourOfDay'
  | 'minute'
  | 'second'
  | 'millisecond'
  | 'zone';

/** Which fields say what day it is. */
type DateKind = 'day' | 'dayOfYear' | 'weekOfMonth' | 'dayOfWeekInMonth' | 'weekOfYear';

const DAY_MS = 86_400_000n;
const SUNDAY = 1;

/**
 * What is known of a time, of which a lenient java.util.GregorianCalendar and the CalendarBuilder of
 * SimpleDateFormat make one: the 32nd of a month is the first of the next, and where fields contradict each
 * other those that were set last count.
 */
export class CalendarFields {
  /** In the order in which they were set. */
  readonly #values = new Map<CalendarField, number>();

  set(field: CalendarField, value: number): void {
    this.#values.delete(field);
    this.#values.set(field, value);
  }

  addYears(years: number): void {
    for (const field of ['year', 'weekYear'] as const) {
      const value = this.#values.get(field);
      // In its place: it is not set later than it was.
      if (value !== undefined) this.#values.set(field, value + years);
    }
  }

  /** Milliseconds since 1970, as 64 bits hold them. */
  time(): bigint {
    const milliseconds =
      ((this.#hours() * 60 + this.#value('minute', 0)) * 60 + this.#value('second', 0)) * 1_000 +
      this.#value('millisecond', 0) -
      this.#value('zone', 0);
    return BigInt.asIntN(64, BigInt(this.#days()) * DAY_MS + BigInt(milliseconds));
  }

  #days(): number {
    return this.#setAt('weekYear') > this.#setAt('year') ? this.#weekDate() : this.#dateDays();
  }

  #dateDays(): number {
    const year = this.#ofEra(this.#value('year', 1970));
    const date = this.#date();
    const gregorian = this.#daysBy('gregorian', date, year);
    if (year < CUTOVER_YEAR || gregorian < CUTOVER) return this.#daysBy('julian', date, year);
    const isFromNewYear = date === 'dayOfYear' || date === 'weekOfYear';
    return year === CUTOVER_YEAR && isFromNewYear ? this.#daysBy('julian', date, year) : gregorian;
  }

  /** By a year of weeks, whose first is that of the first of January, even if it begins in December. */
  #weekDate(): number {
    const weekYear = this.#value('weekYear', 1970);
    // Of what was read beside it Java takes nothing but whether it is before Christ.
    const year = calendarDay(this.#dateDays()).year > 0 ? weekYear : 1 - weekYear;
    let week = this.#value('weekOfYear', 1);
    let day = this.#value('dayOfWeek', SUNDAY);
    if (day < SUNDAY || day > 7) {
      // Numbers that are no day go on into other weeks, as ISO's do, whose first day is Monday.
      const weeks = Math.floor((day - 1) / 7);
      week += weeks;
      day = ((day - weeks * 7) % 7) + 1;
    }
    return onOrBefore(firstOfMonth(year, 0), SUNDAY) + day - SUNDAY + 7 * (week - 1);
  }

  #daysBy(calendar: 'gregorian' | 'julian', date: DateKind, year: number): number {
    const month = this.#value('month', 0);
    const first = firstBy(calendar, year, date === 'dayOfYear' || date === 'weekOfYear' ? 0 : month);
    const dayOfWeek = this.#value('dayOfWeek', SUNDAY);
    switch (date) {
      case 'day':
        return first + this.#value('day', 1) - 1;
      case 'dayOfYear':
        return first + this.#value('dayOfYear', 1) - 1;
      case 'weekOfMonth':
      case 'weekOfYear':
        return onOrBefore(onOrBefore(first, SUNDAY) + 6, dayOfWeek) + 7 * (this.#value(date, 1) - 1);
      case 'dayOfWeekInMonth': {
        const which = this.#value(date, 1);
        const end = which >= 0 ? first + 7 * which : firstBy(calendar, year, month + 1) + 7 * (which + 1);
        return onOrBefore(end - 1, dayOfWeek);
      }
    }
  }

  /** By which fields the day is known, as `Calendar.selectFields` decides. */
  #date(): DateKind {
    const at = (field: CalendarField) => this.#setAt(field);
    let day = at('day');
    let weekOfMonth = this.#bothSetAt('weekOfMonth', 'dayOfWeek');
    let inMonth = this.#bothSetAt('dayOfWeekInMonth', 'dayOfWeek');
    const weekOfYear = this.#bothSetAt('weekOfYear', 'dayOfWeek');
    let last = Math.max(day, weekOfMonth, inMonth, at('dayOfYear'), weekOfYear);
    if (last === 0) {
      // A week without a day of it, or a day of the week alone.
      weekOfMonth = at('weekOfMonth');
      inMonth = Math.max(at('dayOfWeekInMonth'), at('dayOfWeek'));
      last = Math.max(weekOfMonth, inMonth, at('weekOfYear'));
      if (last === 0) last = day = at('month');
    }
    if (last === day) return 'day';
    const isOfMonth = last === weekOfMonth && at('weekOfMonth') >= at('weekOfYear');
    const isInMonth = last === inMonth && at('dayOfWeekInMonth') >= at('weekOfYear');
    if (isOfMonth || isInMonth) {
      // Both, where the day of the week was set last.
      if (weekOfMonth === inMonth)
        return at('weekOfMonth') >= at('dayOfWeekInMonth') ? 'weekOfMonth' : 'dayOfWeekInMonth';
      return last === weekOfMonth ? 'weekOfMonth' : 'dayOfWeekInMonth';
    }
    return last === at('dayOfYear') ? 'dayOfYear' : 'weekOfYear';
  }

  #hours(): number {
    const hourOfDay = this.#setAt('hourOfDay');
    const last =
      Math.max(this.#bothSetAt('hour', 'half'), hourOfDay) ||
      Math.max(this.#setAt('hour'), this.#setAt('half'));
    if (last === hourOfDay) return this.#value('hourOfDay', 0);
    return this.#value('hour', 0) + 12 * this.#value('half', 0);
  }

  #ofEra(year: number): number {
    return this.#value('era', 1) === 0 ? 1 - year : year;
  }

  #value(field: CalendarField, otherwise: number): number {
    return this.#values.get(field) ?? otherwise;
  }

  /** The later it was set the more; 0: it was not. */
  #setAt(field: CalendarField): number {
    return [...this.#values.keys()].indexOf(field) + 1;
  }

  /** The later of both; 0 without one of them. */
  #bothSetAt(one: CalendarField, other: CalendarField): number {
    const [first, second] = [this.#setAt(one), this.#setAt(other)];
    return first === 0 || second === 0 ? 0 : Math.max(first, second);
  }
}
