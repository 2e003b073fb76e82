/** The number of past lines that a failure shows. */
const KEPT_LINES = 50;

/** What happened, in order: the last lines for people, and a hash of all lines to compare two runs. */
export class Trace {
  readonly #lines: string[] = [];
  #hash = 0x811c9dc5;
  #count = 0;

  add(line: string): void {
    this.#lines[this.#count % KEPT_LINES] = line;
    this.#count++;
    // FNV-1a: good enough to tell two runs apart, cheap enough for every event.
    let hash = this.#hash;
    for (let i = 0; i < line.length; i++) hash = Math.imul(hash ^ line.charCodeAt(i), 0x01000193);
    this.#hash = hash;
  }

  hash(): string {
    return `${(this.#hash >>> 0).toString(16).padStart(8, '0')}-${this.#count}`;
  }

  tail(): string[] {
    const start = Math.max(0, this.#count - KEPT_LINES);
    return Array.from({ length: this.#count - start }, (_, i) => this.#lines[(start + i) % KEPT_LINES] ?? '');
  }
}
