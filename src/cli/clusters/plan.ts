import type { ApiClient } from '../api-client.ts';
import { counted } from '../counted.ts';
import { type Output, table } from '../output.ts';

/** What moving partitions means for one broker, as the API says it. */
const COLUMNS = [
  'replicasBefore',
  'replicasAfter',
  'leadersBefore',
  'leadersAfter',
  'partitionsIn',
  'bytesIn',
  'partitionsOut',
  'bytesOut',
] as const;

/** Prints what would move if the cluster had so many brokers. */
export async function printPlan(
  api: ApiClient,
  arn: string,
  brokers: number,
  options: { readonly json: boolean; readonly output: Output },
): Promise<void> {
  const plan = await api.send('GET', ['millrace', 'v1', 'clusters', arn, 'plan'], {
    brokers: String(brokers),
  });
  const { output } = options;
  if (options.json) return output.line(JSON.stringify(plan));
  const rows = Array.isArray(plan.brokers) ? plan.brokers.map(cells) : [];
  for (const line of table([
    ['BROKER', 'REPLICAS', 'AFTER', 'LEADERS', 'AFTER', 'IN', 'BYTES IN', 'OUT', 'BYTES OUT'],
    ...rows,
  ]))
    output.line(line);
  output.line(
    `${counted(Number(plan.partitions), 'partition')} would move, ${bytesText(Number(plan.totalBytes))} would be copied. Nothing was changed.`,
  );
}

function cells(broker: unknown): string[] {
  const counts: Record<string, unknown> = typeof broker === 'object' && broker !== null ? { ...broker } : {};
  return [
    String(counts.id),
    ...COLUMNS.map((name) =>
      name.startsWith('bytes') ? bytesText(Number(counts[name])) : String(counts[name]),
    ),
  ];
}

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
