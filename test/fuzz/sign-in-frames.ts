import type { Random } from '../../src/base/random.ts';
import { alterBytes } from './alterations.ts';

/** The attributes of SCRAM and similar ones, and values that a parser may fail on. */
const ATTRIBUTES = 'amnrcspivext'.split('');
const VALUES = [
  '',
  ',',
  '=',
  '=2C',
  '=3D',
  '=2',
  '\u0000',
  'alice',
  'bob',
  'nobody',
  'User:alice',
  'biws',
  'eSws',
  'AAAA',
  'A'.repeat(88),
  '4096',
  '-1',
  '99999999999999999999',
  'tokenauth=true',
  '\u{1f984}',
  'x'.repeat(5000),
  '%00',
  '__proto__',
];

/** The message with an attribute changed, removed, inserted, doubled or moved, or with some bytes changed. */
export function alterScram(message: Buffer, random: Random): Buffer {
  if (random.uint32() % 3 === 0) return alterBytes(message, random, 0);
  const parts = message.toString('utf8').split(',');
  const at = random.uint32() % parts.length;
  const other = `${pick(ATTRIBUTES, random)}=${pick(VALUES, random)}`;
  switch (random.uint32() % 6) {
    case 0:
      parts[at] = `${parts[at]?.slice(0, 2)}${pick(VALUES, random)}`;
      break;
    case 1:
      parts[at] = other;
      break;
    case 2:
      parts.splice(at, 1);
      break;
    case 3:
      parts.splice(at, 0, other);
      break;
    case 4:
      parts.splice(at, 0, parts[at] ?? '');
      break;
    default:
      parts.push(...parts.splice(at, 1));
  }
  return Buffer.from(parts.join(','));
}

/**
 * The part of the client's first message that is signed: everything after the header, which no signature
 * covers.
 */
export function bareOf(first: Buffer): string {
  return first.toString('utf8').split(',').slice(2).join(',');
}

/** Whether both final messages have the same content and proof; base64 may be written in several ways. */
export function provesTheSame(one: Buffer, other: Buffer): boolean {
  const [a, b] = [one, other].map((message) => {
    const text = message.toString('utf8');
    const end = text.lastIndexOf(',p=');
    return [text.slice(0, end), Buffer.from(text.slice(end + 3), 'base64').toString('hex')].join(' ');
  });
  return a === b;
}

export function pick<T>(from: readonly T[], random: Random): T {
  const one = from[random.uint32() % from.length];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
}
