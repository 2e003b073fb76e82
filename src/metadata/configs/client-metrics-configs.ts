import { clientMatches } from './client-matches.ts';
import { byName, int, list } from './config-key.ts';
import { noEffect } from './config-obedience.ts';
import { between, noEmptyValues } from './config-valid.ts';
import { readConfig } from './validate-config.ts';

/** The configs of a client metrics subscription (KIP-714). */
// biome-ignore format: a table with one config a row is easier to read and to compare.
const clientMetricsKeys = {
  metrics: list('metrics', '', 'Prefixes of the names of metrics that clients push; * for all.', noEffect('Metrics of clients (KIP-714) are not collected'), { valid: noEmptyValues }),
  intervalMs: int('interval.ms', 300_000, 'How often a client pushes.', noEffect('Metrics of clients (KIP-714) are not collected'), { valid: between(100, 3_600_000) }),
  match: list('match', '', 'Which clients push, as selector=pattern.', noEffect('Metrics of clients (KIP-714) are not collected'), { valid: clientMatches }),
} as const;

export const clientMetricsConfigs = byName(clientMetricsKeys);

/** As `validateTopicConfigs`, for a client metrics subscription; the sentences and errors are Kafka's. */
export function validateClientMetricsConfigs(configs: ReadonlyMap<string, string | null>): {
  readonly error: 'INVALID_REQUEST' | 'INVALID_CONFIG';
  readonly message: string;
} | null {
  for (const [name, value] of configs) {
    const key = clientMetricsConfigs.get(name);
    if (!key) return { error: 'INVALID_REQUEST', message: `Unknown client metrics configuration: ${name}` };
    const read = readConfig({ ...key, valid: null }, value ?? '');
    if ('message' in read) return { error: 'INVALID_CONFIG', message: read.message };
    const wrong = key.valid?.(read.value, name) ?? null;
    if (wrong === null) continue;
    if (key.type === 'LIST') return { error: 'INVALID_CONFIG', message: wrong };
    const message = `Invalid value ${value} for ${name}, interval must be between 100 and 3600000 (1 hour)`;
    return { error: 'INVALID_REQUEST', message };
  }
  return null;
}
