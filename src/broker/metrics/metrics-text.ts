export type Labels = Readonly<Record<string, string | number>>;

/** Prometheus's text format, a family at a time as the format demands, in whatever order samples come. */
export class MetricsText {
  readonly #families = new Map<string, string[]>();

  add(name: string, labels: Labels, value: number): void {
    const line = `${name}${labelsText(labels)} ${Number.isFinite(value) ? value : 0}`;
    const family = this.#families.get(name);
    if (family) family.push(line);
    else this.#families.set(name, [line]);
  }

  toString(): string {
    const lines: string[] = [];
    for (const [name, samples] of this.#families) lines.push(`# TYPE ${name} untyped`, ...samples);
    return `${lines.join('\n')}\n`;
  }
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
