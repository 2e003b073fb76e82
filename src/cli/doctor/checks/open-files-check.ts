import { ENOUGH_OPEN_FILES, FEWEST_OPEN_FILES } from '../../open-files.ts';
import { type Finding, ok } from '../finding.ts';

/** `limit`: how many files and connections a process may have open; null where the system does not tell. */
export function openFilesFinding(limit: number | null): Finding {
  const check = 'open files';
  if (limit === null) return ok(check, 'There is no limit that this system tells.');
  const found = `A process may have ${limit} files and connections open.`;
  if (limit >= ENOUGH_OPEN_FILES) return ok(check, found);
  const advice = 'Raise it with "ulimit -n 4096" before the start, or with LimitNOFILE of the systemd unit.';
  return { check, level: limit < FEWEST_OPEN_FILES ? 'error' : 'warning', found, advice };
}
