/** Eight buckets for each doubling: what is told of a time is off by at most a sixteenth of it. */
const BITS = 3;
const PER_DOUBLING = 1 << BITS;
/** Of microseconds in 31 bits: 35 minutes, and whatever is longer is counted as that. */
const MOST_MICROSECONDS = 0x7fff_ffff;
const BUCKETS = (31 - BITS + 1) * PER_DOUBLING;

/**
 * How long things took, of the two latest windows of time: counted in buckets, so that nothing is allocated
 * and nothing sorted while they are recorded. Times are in milliseconds.
 */
export class TimeHistogram {
  #window = new Window();
  #former = new Window();
  #count = 0;

  /** The number of times since the process began. */
  get count(): number {
    return this.#count;
  }

  record(ms: number): void {
    this.#count++;
    this.#window.record(ms);
  }

  /** A new window begins: what is older than the one before it is forgotten. */
  turn(): void {
    const oldest = this.#former;
    this.#former = this.#window;
    this.#window = oldest;
    oldest.clear();
  }

  /** 0 while there is nothing. */
  get max(): number {
    return Math.max(this.#window.max, this.#former.max);
  }

  /** 0 while there is nothing. */
  get mean(): number {
    const count = this.#window.count + this.#former.count;
    return count === 0 ? 0 : (this.#window.sum + this.#former.sum) / count;
  }

  /** The time that this share of all, from 0 to 1, did not exceed; 0 while there is nothing. */
  quantile(share: number): number {
    const wanted = Math.ceil(share * (this.#window.count + this.#former.count));
    if (wanted === 0) return 0;
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += (this.#window.buckets[bucket] ?? 0) + (this.#former.buckets[bucket] ?? 0);
      if (seen >= wanted) return Math.min(middleMs(bucket), this.max);
    }
    return this.max;
  }
}

class Window {
  readonly buckets = new Uint32Array(BUCKETS);
  count = 0;
  sum = 0;
  max = 0;

  record(ms: number): void {
    this.count++;
    this.sum += ms;
    if (ms > this.max) this.max = ms;
    const bucket = bucketOf(ms);
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
  }

  clear(): void {
    this.buckets.fill(0);
    this.count = 0;
    this.sum = 0;
    this.max = 0;
  }
}

function bucketOf(ms: number): number {
  const us = Math.max(0, Math.min(MOST_MICROSECONDS, ms * 1000)) | 0;
  if (us < PER_DOUBLING) return us;
  const doublings = 31 - Math.clz32(us);
  return ((doublings - BITS + 1) << BITS) | ((us >> (doublings - BITS)) & (PER_DOUBLING - 1));
}

function middleMs(bucket: number): number {
  if (bucket < PER_DOUBLING) return (bucket + 0.5) / 1000;
  const width = 2 ** ((bucket >> BITS) - 1);
  const first = (PER_DOUBLING + (bucket & (PER_DOUBLING - 1))) * width;
  return (first + width / 2) / 1000;
}
