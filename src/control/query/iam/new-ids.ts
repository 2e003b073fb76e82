import { randomBytes, randomInt } from 'node:crypto';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** IAM's own ids: 21 characters that begin with the kind, of which access keys have 20. */
export function newId(kind: 'AIDA' | 'AROA' | 'ANPA'): string {
  return `${kind}${base32(17)}`;
}

/** `AKIA` for one that stays, `ASIA` for one that ends. */
export function newAccessKeyId(kind: 'AKIA' | 'ASIA'): string {
  return `${kind}${base32(16)}`;
}

/** 40 characters, as AWS's. */
export function newSecret(): string {
  return randomBytes(30).toString('base64');
}

function base32(length: number): string {
  return Array.from({ length }, () => BASE32[randomInt(BASE32.length)]).join('');
}
