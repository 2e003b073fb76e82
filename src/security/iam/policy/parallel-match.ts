import { ANY_CHARACTERS, ONE_CHARACTER, type Wildcard } from './wildcard.ts';

const WORD_BITS = 32;

/**
 * Whether the pattern describes the whole text, for each character of the text in as many steps as the
 * pattern has words of 32 characters, whatever the two are (Shift-And, Baeza-Yates and Gonnet 1992).
 */
export function matchesInParallel(pattern: Wildcard, text: string): boolean {
  const { size, loops, ones, of } = masksOf(pattern);
  const words = loops.length;
  // Bit n is set where the first n characters of the pattern describe the text so far.
  const reached = new Uint32Array(words);
  reached[0] = 1;
  for (const character of text) {
    const own = of.get(character) ?? ones;
    let carry = 0;
    let isReached = 0;
    for (let word = 0; word < words; word++) {
      const before = reached[word] ?? 0;
      const taken = before & (own[word] ?? 0);
      const now = (taken << 1) | carry | (before & (loops[word] ?? 0));
      carry = taken >>> (WORD_BITS - 1);
      reached[word] = now;
      isReached |= now;
    }
    if (isReached === 0) return false;
  }
  return isSet(reached, size);
}

interface Masks {
  /** Of the pattern in characters, its `*` aside. */
  readonly size: number;
  /** Bit n: a `*` stands after the first n characters. */
  readonly loops: Uint32Array;
  /** Bit n: character n is a `?`. */
  readonly ones: Uint32Array;
  /** Bit n: character n is a `?` or this one. */
  readonly of: ReadonlyMap<string, Uint32Array>;
}

function masksOf(pattern: Wildcard): Masks {
  const characters: (string | typeof ONE_CHARACTER)[] = [];
  const loopsAt: number[] = [];
  for (const part of pattern) {
    if (part === ANY_CHARACTERS) loopsAt.push(characters.length);
    else if (part === ONE_CHARACTER) characters.push(part);
    else characters.push(...part);
  }
  const size = characters.length;
  const loops = new Uint32Array(Math.floor(size / WORD_BITS) + 1);
  for (const at of loopsAt) set(loops, at);
  const ones = new Uint32Array(loops.length);
  for (const [at, character] of characters.entries()) if (character === ONE_CHARACTER) set(ones, at);
  const of = new Map<string, Uint32Array>();
  for (const [at, character] of characters.entries()) {
    if (character === ONE_CHARACTER) continue;
    const own = of.get(character) ?? ones.slice();
    of.set(character, own);
    set(own, at);
  }
  return { size, loops, ones, of };
}

function set(bits: Uint32Array, at: number): void {
  const word = Math.floor(at / WORD_BITS);
  bits[word] = (bits[word] ?? 0) | (1 << (at % WORD_BITS));
}

function isSet(bits: Uint32Array, at: number): boolean {
  return (((bits[Math.floor(at / WORD_BITS)] ?? 0) >>> (at % WORD_BITS)) & 1) === 1;
}
