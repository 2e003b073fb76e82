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
    ['d MMM', '30  Dec', null],
    ['HH:mm a', '13:05 PM', Date.UTC(1970, 0, 1, 13, 5)],
    ['SSSSSS', '99999999999', 1_215_752_191],
    ['SSSSSS', 'NaN', 0],
    ['SSSSSS', '-∞', -(2 ** 31)],
  ])('%s reads %s', (pattern, text, time) => {
    expect(simpleDateFormat(pattern, CLOCK).parse(text)).toBe(time === null ? null : BigInt(time));
  });

  test.each([
    ['YYYY-ww', '2024-01', Date.UTC(2023, 11, 31)],
    ['YYYY-ww-u', '2024-09-4', Date.UTC(2024, 1, 29)],
    ['YYYY-ww-u', '2024-09-11', Date.UTC(2024, 2, 7)],
    ['YYYY', '2025', Date.UTC(2024, 11, 29)],
    ['yyyy ww', '2024 10', Date.UTC(2024, 2, 3)],
    ['yyyy-MM W u', '2024-02 3 1', Date.UTC(2024, 1, 12)],
    ['yyyy-MM F EEE', '2024-02 3 Thu', Date.UTC(2024, 1, 15)],
    ['yyyy-MM F EEE', '2024-02 -1 Thu', Date.UTC(2024, 1, 29)],
    ['yyyy EEE', '2024 Thu', Date.UTC(2024, 0, 4)],
    ['yyyy YYYY-ww', '-3 0005-02', -62_293_536_000_000],
    // The fields that were read last count.
    ['yyyy-MM-dd D', '2024-02-29 100', Date.UTC(2024, 3, 9)],
    ['D yyyy-MM-dd', '100 2024-02-29', Date.UTC(2024, 1, 29)],
    ['YYYY-ww yyyy-MM-dd', '2024-01 2020-02-29', Date.UTC(2020, 1, 29)],
  ])('weeks and days of weeks: %s reads %s', (pattern, text, time) => {
    expect(simpleDateFormat(pattern, CLOCK).parse(text)).toBe(BigInt(time));
  });

  // Of Julius Caesar's calendar until the 4th of October 1582, and of all times that 64 bits have.
  test.each([
    [-12_219_292_800_000n, '1582-10-15 AD'],
    [-12_219_292_800_001n, '1582-10-04 AD'],
    [-62_135_769_600_001n, '0001-12-31 BC'],
    [9_007_199_254_740_993n, '287396-10-12 AD'],
    [-(2n ** 63n), '292269055-12-02 BC'],
    [2n ** 63n - 1n, '292278994-08-17 AD'],
  ])('%d is the day %s, and back', (milliseconds, text) => {
    const format = simpleDateFormat('yyyy-MM-dd G', CLOCK);
    expect(format.format(milliseconds)).toBe(text);
    const dayMs = 86_400_000n;
    const day = milliseconds - (((milliseconds % dayMs) + dayMs) % dayMs);
    expect(format.parse(text)).toBe(BigInt.asIntN(64, day));
  });

  test('a pattern that is none is told in words of Java', () => {
    expect(simpleDateProblem('yyyy-QQ')).toBe("Illegal pattern character 'Q'");
    expect(simpleDateProblem("yyyy 'T")).toBe('Unterminated quote');
  });
});
