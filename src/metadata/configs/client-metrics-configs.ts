import { byName, int, list } from './config-key.ts';
import { between } from './config-valid.ts';

/** The configs of a client metrics subscription (KIP-714). */
// biome-ignore format: a table with one config a row is easier to read and to compare.
const table = [
  list('metrics', '', 'Prefixes of the names of metrics that clients push; * for all.'),
  int('interval.ms', 300_000, 'How often a client pushes.', { valid: between(100, 3_600_000) }),
  list('match', '', 'Which clients push, as selector=pattern.'),
];

export const clientMetricsConfigs = byName(table);
