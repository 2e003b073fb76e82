/** The forms of ISO 8601 that the W3C profile has, to a day or to a second. */
const ISO = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/;
const SECONDS = /^\d{5,13}$/;

/**
 * Milliseconds since 1970 of a date as policies write it, in ISO 8601 or in seconds; null where it is none.
 */
export function policyDateMs(text: string): number | null {
  if (SECONDS.test(text)) return Number(text) * 1000;
  const [, day] = ISO.exec(text) ?? [];
  if (day === undefined) return null;
  const [ms, dayMs] = [text, day].map(timeOf);
  if (ms === undefined || dayMs === undefined || Number.isNaN(ms) || Number.isNaN(dayMs)) return null;
  // 31 February would be a day of March.
  return policyDateText(dayMs).startsWith(day) ? ms : null;
}

/** In ISO 8601, of milliseconds since 1970. */
export function policyDateText(ms: number): string {
  // biome-ignore lint/style/noRestrictedGlobals: it spells a time that was given, and reads no clock.
  return new Date(ms).toISOString();
}

function timeOf(text: string): number {
  // biome-ignore lint/style/noRestrictedGlobals: it reads a time that is written, and no clock.
  return Date.parse(text);
}
