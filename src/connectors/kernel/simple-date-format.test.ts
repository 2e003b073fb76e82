import { describe, expect, test } from 'vitest';
import { simpleDateFormat, simpleDateProblem } from './simple-date-format.ts';

const CLOCK = { now: () => Date.UTC(2026, 10, 29) };
const TIME = Date.UTC(2024, 11, 30, 13, 5, 9, 7);

describe('times by a pattern of SimpleDateFormat', () => {
  // As `jshell` of Java 17 prints them in the time zone UTC and the locale en_US.
  test.each([
    ["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", '2024-12-30T13:05:09.007Z'],
    ['EEE, d MMM yyyy hh:mm a z', 'Mon, 30 Dec 2024 01:05 PM UTC'],
    ['YYYY-ww-u D F W k K', '2025-01-1 365 5 5 13 1'],
    ["yy 'o''clock' SSSSSS Z G", "24 o'clock 000007 +0000 AD"],
  ])('%s is %s', (pattern, text) => {
    expect(simpleDateFormat(pattern, CLOCK).format(TIME)).toBe(text);
  });

  test.each([
    ['yyyy-MM-dd HH:mm', '2024-12-30 13:05', Date.UTC(2024, 11, 30, 13, 5)],
    ['yyyyMMddHHmm', '202412301305', Date.UTC(2024, 11, 30, 13, 5)],
    ['yyyy-MM-dd', '2024-13-40 and more', Date.UTC(2025, 1, 9)],
    ["yyyy-MM-dd'T'HH:mm:ssXXX", '2024-12-30T13:05:09+02:00', Date.UTC(2024, 11, 30, 11, 5, 9)],
    ['d MMM yy hh:mm a', '30 december 24 12:05 am', Date.UTC(2024, 11, 30, 0, 5)],
    ['yy', '46', Date.UTC(2046, 0)],
    ['yy', '47', Date.UTC(1947, 0)],
    ['yyyy-MM-dd', '2024', null],
    ['YYYY-ww', '2024-01', null],
  ])('%s reads %s', (pattern, text, time) => {
    expect(simpleDateFormat(pattern, CLOCK).parse(text)).toBe(time);
  });

  test('a pattern that is none is told in words of Java', () => {
    expect(simpleDateProblem('yyyy-QQ')).toBe("Illegal pattern character 'Q'");
    expect(simpleDateProblem("yyyy 'T")).toBe('Unterminated quote');
  });
});
