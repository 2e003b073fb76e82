import { randomFillSync } from 'node:crypto';
import type { Random } from '../base/random.ts';

/** The kernel is asked for this much at once: a call per uint32 costs a hundred times the copy. */
const POOL_BYTES = 4096;

/** Cryptographically strong, for ids and secrets alike. */
export class NodeRandom implements Random {
  readonly #pool = Buffer.alloc(POOL_BYTES);
  #used = POOL_BYTES;

  uint32(): number {
    if (this.#used + 4 > POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const value = this.#pool.readUInt32LE(this.#used);
    // What was handed out must not lie about in memory.
    this.#pool.fill(0, this.#used, this.#used + 4);
    this.#used += 4;
    return value;
  }

  bytes(length: number): Uint8Array {
    return randomFillSync(new Uint8Array(length));
  }
}
