/** A SCRAM mechanism (RFC 5802) with the hash that it is built on. */
export interface ScramMechanism {
  /** As SaslHandshake names it. */
  readonly name: string;
  /** As requests and metadata records number it. */
  readonly code: number;
  readonly hash: 'sha256' | 'sha512';
  /** Bytes of a salted password and of every key. */
  readonly bytes: number;
}

export const scramMechanisms: readonly ScramMechanism[] = [
  { name: 'SCRAM-SHA-256', code: 1, hash: 'sha256', bytes: 32 },
  { name: 'SCRAM-SHA-512', code: 2, hash: 'sha512', bytes: 64 },
];

export function scramMechanism(code: number): ScramMechanism | undefined {
  return scramMechanisms.find((mechanism) => mechanism.code === code);
}

/**
 * Fewer are too easy to guess through, more would be work that a client can make a broker's neighbours do.
 */
export const ITERATIONS_MIN = 4096;
export const ITERATIONS_MAX = 16_384;
