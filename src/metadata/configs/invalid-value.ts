import type { ConfigValue } from './config-value.ts';

/** Kafka's sentence; tools and people look for it. */
export function invalidValue(name: string, value: ConfigValue | null, reason: string): string {
  return `Invalid value ${value} for configuration ${name}: ${reason}`;
}
