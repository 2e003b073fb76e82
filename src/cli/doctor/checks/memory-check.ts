import { type Finding, ok } from '../finding.ts';

/** Resident, of a process of ours that has nothing to do. */
const IDLE_PROCESS_BYTES = 80 * 1024 ** 2;

/**
 * `availableBytes`: what this machine, or the container, can still give; `processes`: how many of ours are to
 * be started.
 */
export function memoryFinding({
  availableBytes,
  processes,
}: {
  availableBytes: number;
  processes: number;
}): Finding {
  const check = 'memory';
  const needed = processes * IDLE_PROCESS_BYTES;
  const found = `This machine can still give ${megabytes(availableBytes)}; ${processes} idle processes of Millrace take ${megabytes(needed)}.`;
  if (availableBytes >= 2 * needed) return ok(check, found);
  return {
    check,
    level: availableBytes < needed ? 'error' : 'warning',
    found,
    advice:
      'End other programs, give the container more memory, or use fewer brokers: under load each takes several hundred MB.',
  };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MB`;
}
