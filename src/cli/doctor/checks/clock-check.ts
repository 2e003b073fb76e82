import { type Finding, ok } from '../finding.ts';

/** Millrace is younger than this. */
const EARLIEST = Date.UTC(2025, 0, 1);
/** Clocks of file systems are a little apart. */
const TOLERANCE_MS = 60_000;

export interface ClockFacts {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** When a file of the data folder was written last; null when there is none. */
  readonly lastWriteAt: number | null;
  /** Whether the system says that its clock is set by others; null where it does not say. */
  readonly isSynchronised: boolean | null;
}

export function clockFinding({ now, lastWriteAt, isSynchronised }: ClockFacts): Finding {
  const check = 'clock';
  const found = `It is ${new Date(now).toISOString()} here`;
  if (now < EARLIEST)
    return { check, level: 'error', found: `${found}, which cannot be.`, advice: 'Set the clock.' };
  if (lastWriteAt !== null && lastWriteAt > now + TOLERANCE_MS)
    return {
      check,
      level: 'error',
      found: `${found}, and the data folder was written at ${new Date(lastWriteAt).toISOString()}: the clock was set back.`,
      advice:
        'Set the clock: until that time has come again, records get times of the past, and nothing is deleted for its age.',
    };
  if (isSynchronised === false)
    return {
      check,
      level: 'warning',
      found: `${found}, and nobody sets this clock.`,
      advice:
        'Switch on a time service (chrony, systemd-timesyncd): times of records and certificates depend on it.',
    };
  return ok(check, `${found}.`);
}
