/** The names of a worker's own configuration providers: what its configuration says, without ours. */
export function configProviders(properties: Readonly<Record<string, string>>): string[] {
  return (properties['config.providers'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
