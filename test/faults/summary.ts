import type { FaultReport, Strike } from './run.ts';

const percentile = (sorted: readonly number[], share: number): number =>
  Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0);

/** The table of a run: how often every kind of fault came, and how long partitions were not available. */
export function summary(report: FaultReport): string[] {
  const lines = [
    '',
    `${report.acknowledged} acknowledged in ${report.seconds.toFixed(0)} s (${Math.round(report.acknowledged / report.seconds)}/s), ${report.failed} without an answer, ${report.read} read, ${report.consumed} consumed meanwhile`,
    `${Object.entries(report.workloads)
      .map(([name, acknowledged]) => `${name} ${acknowledged}`)
      .join(', ')} acknowledged; ${report.compacted} folders compacted`,
    '',
    '| fault | times | longest gap of a partition, ms: median | p99 | longest | clients that gave up |',
    '|---|---|---|---|---|---|',
  ];
  const kinds = new Map<string, Strike[]>();
  for (const strike of report.strikes) {
    const kind = strike.isOverlapping ? 'any, on top of the last one' : strike.fault;
    kinds.set(kind, [...(kinds.get(kind) ?? []), strike]);
  }
  for (const [kind, strikes] of [...kinds].sort(([a], [b]) => a.localeCompare(b))) {
    const gaps = strikes.flatMap(({ gapsMs }) => gapsMs).sort((a, b) => a - b);
    const gaveUp = strikes.reduce((sum, strike) => sum + strike.gaveUp, 0);
    lines.push(
      `| ${kind} | ${strikes.length} | ${percentile(gaps, 0.5)} | ${percentile(gaps, 0.99)} | ${percentile(gaps, 1)} | ${gaveUp} |`,
    );
  }
  lines.push('');
  for (const why of new Set(report.gaveUp)) lines.push(`a client gave up: ${why}`);
  for (const [kind, examples] of Object.entries(report.violations))
    lines.push(
      `${kind}: ${examples.length}${examples.length > 0 ? `, such as ${examples.slice(0, 5).join('; ')}` : ''}`,
    );
  return lines;
}
